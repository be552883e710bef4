"""Tables for a terminal of any width. No word is broken, so that whatever is copied from one is whole."""

import unicodedata
from collections.abc import Callable, Sequence

_GAP = "  "
_RULE = "─"
_NARROWEST = 24  # in which sentences are still read
Paint = Callable[[str], str]


def lines(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int, paint: Paint, bold: Paint) -> list[str]:
    """The lines of a table. `paint` gives a cell its colour, `bold` is for headings.

    Columns that would get too narrow side by side stand below the others, a line for each that has something. One that
    has nothing in any row is left out.
    """
    least = [_least(column) for column in zip(columns, *rows, strict=True)]
    beside = [index for index in range(len(columns)) if any(row[index] for row in rows)] or [0]
    while len(beside) > 1 and _total([least[index] for index in beside]) > width:
        beside.remove(max(beside[1:], key=lambda index: (least[index], index)))
    wanted = [max(map(_width, column)) for column in zip(columns, *rows, strict=True)]
    widths = _shared({index: least[index] for index in beside}, wanted, width)
    below = [index for index in range(len(columns)) if index not in widths and any(row[index] for row in rows)]
    name = max((_width(columns[index]) for index in below), default=0)

    made = [_joined([bold(_filled(columns[index], widths[index])) for index in beside])]
    made.append(_RULE * _total(list(widths.values())))
    for row in rows:
        parts = [_wrapped(row[index], widths[index]) for index in beside]
        for number in range(max(map(len, parts))):
            cells = [part[number] if number < len(part) else "" for part in parts]
            # A word that has a colour has it also where it is filled up.
            made.append(
                _joined([_painted(cell, widths[index], paint) for cell, index in zip(cells, beside, strict=True)])
            )
        for index in below:
            if row[index]:
                made.append(f"{_GAP * 2}{bold(_filled(columns[index], name))}{_GAP}{paint(row[index])}")
    return [line.rstrip() for line in made]


def _shared(least: dict[int, int], wanted: Sequence[int], width: int) -> dict[int, int]:
    """The width of each column: what its words need, and of what is left as much as it can use, small ones first."""
    widths = dict(least)
    left = width - _total(list(widths.values()))
    waiting = sorted(widths, key=lambda index: wanted[index] - widths[index])
    for number, index in enumerate(waiting):
        more = max(0, min(wanted[index] - widths[index], left // (len(waiting) - number)))
        widths[index] += more
        left -= more
    return widths


def _wrapped(text: str, width: int) -> list[str]:
    made = [""]
    for word in text.split(" "):
        longer = f"{made[-1]} {word}" if made[-1] else word
        if _width(longer) <= width or not made[-1]:
            made[-1] = longer
        else:
            made.append(word)
    return made


def _joined(cells: Sequence[str]) -> str:
    return _GAP.join(cells)


def _painted(cell: str, width: int, paint: Paint) -> str:
    return paint(cell) + " " * (width - _width(cell))


def _filled(text: str, width: int) -> str:
    return text + " " * (width - _width(text))


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(_GAP) * (len(widths) - 1)


def _least(column: Sequence[str]) -> int:
    """The width that a column needs: that of its longest word, and more where there are sentences to wrap."""
    word = max(_width(word) for text in column for word in text.split(" "))
    return max(word, min(_NARROWEST, max(map(_width, column))))


def _width(text: str) -> int:
    """The columns of a terminal that `text` takes."""
    return sum(
        0 if unicodedata.combining(one) else 2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text
    )
