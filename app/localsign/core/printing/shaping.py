"""Text as it stands on paper, from left to right: Arabic letters joined, and what is written from right to left turned.

A part of the Unicode bidirectional algorithm: strong letters, numbers, what is between them; no marks that embed.
"""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

_LAM = "\u0644"
_TATWEEL = "\u0640"
_HIDDEN = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\u2066\u2067\u2068\u2069\ufeff\u202a\u202b\u202c\u202d\u202e"
)
_OTHER_WAY = str.maketrans("()[]{}<>\u00ab\u00bb\u2039\u203a", ")(][}{><\u00bb\u00ab\u203a\u2039")


class Letter(NamedTuple):
    """A letter to draw, and the text it stands for."""

    drawn: str
    meant: str


def visual(text: str) -> list[Letter]:
    """The letters of a line from left to right. What cannot be printed is a space, or left out."""
    text = unicodedata.normalize("NFC", text)
    logical = [_printable(one) for one in text if one not in _HIDDEN]
    if not any(unicodedata.bidirectional(one) in ("R", "AL", "AN") for one in logical):
        return [Letter(one, one) for one in logical]
    return _ordered(_joined(logical))


def _printable(letter: str) -> str:
    return letter if letter.isprintable() else " "


# ---- joining


@cache
def _forms() -> dict[str, dict[str, str]]:
    """How each Arabic letter, and lam with alef, looks at each place of a word."""
    found: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)):
        kind, *base = unicodedata.decomposition(chr(code)).split() or [""]
        plain = "".join(chr(int(one, 16)) for one in base)
        if kind in ("<isolated>", "<final>", "<initial>", "<medial>") and (
            len(plain) == 1 or (len(plain) == 2 and plain[0] == _LAM and plain[1] in "\u0622\u0623\u0625\u0627")
        ):
            found.setdefault(plain, {}).setdefault(kind[1:-1], chr(code))
    return found


def _joined(text: Sequence[str]) -> list[Letter]:
    """Letters as their neighbours make them look."""
    found: list[Letter] = []
    place = 0
    while place < len(text):
        pair = "".join(text[place : place + 2])
        one = pair if len(pair) == 2 and pair in _forms() else text[place]
        forms = _forms().get(one)
        if forms is None:
            found.append(Letter(one, one))
        else:
            after = _reaches_on(_neighbour(text, place, -1)) and "final" in forms
            before = "initial" in forms and _takes(_neighbour(text, place + len(one) - 1, 1))
            kind = ("medial" if before else "final") if after else ("initial" if before else "isolated")
            found.append(Letter(forms.get(kind, one), one))
        place += len(one)
    return found


def _neighbour(text: Sequence[str], place: int, step: int) -> str:
    """The next letter in that direction that is no mark on another; nothing at the end."""
    place += step
    while 0 <= place < len(text) and unicodedata.category(text[place]) == "Mn":
        place += step
    return text[place] if 0 <= place < len(text) else ""


def _reaches_on(letter: str) -> bool:
    return letter == _TATWEEL or "initial" in _forms().get(letter, ())


def _takes(letter: str) -> bool:
    return letter == _TATWEEL or "final" in _forms().get(letter, ())


# ---- order


def _ordered(letters: Sequence[Letter]) -> list[Letter]:
    kinds = _kinds([one.meant[0] for one in letters])
    base = next((kind for kind in kinds if kind in "LR"), "L")
    levels = _levels(kinds, base)
    found = [
        # A bracket is turned, and means what it is drawn as: readers turn it back.
        Letter(*(text.translate(_OTHER_WAY) for text in one)) if level % 2 else one
        for one, level in zip(letters, levels, strict=True)
    ]
    for least in range(max(levels), 0, -1):
        start = 0
        while start < len(levels):
            end = start
            while end < len(levels) and levels[end] >= least:
                end += 1
            if end > start:
                found[start:end], levels[start:end] = found[start:end][::-1], levels[start:end][::-1]
            start = end + 1
    return found


def _kinds(text: Sequence[str]) -> list[str]:
    """L, R, D for a digit, or N for what has no direction of its own."""
    found: list[str] = []
    strong = ""
    for place, one in enumerate(text):
        kind = unicodedata.bidirectional(one)
        if kind in ("L", "R", "AL"):
            strong = "L" if kind == "L" else "R"
            found.append(strong)
        elif kind in ("EN", "AN"):
            found.append("L" if strong == "L" else "D")
        elif kind == "NSM":
            found.append(found[-1] if found else "N")
        elif (
            kind in ("ES", "CS", "ET")
            and found
            and found[-1] == "D"
            and text[place + 1 : place + 2]
            and (unicodedata.bidirectional(text[place + 1]) in ("EN", "AN"))
        ):
            found.append("D")
        else:
            found.append("N")
    return found


def _levels(kinds: Sequence[str], base: str) -> list[int]:
    """Even for what runs to the right, odd for what runs to the left; deeper where it is inside the other."""
    level_of = {"L": 0, "R": 1, "D": 2} if base == "L" else {"L": 2, "R": 1, "D": 2}
    found: list[int] = []
    for place, kind in enumerate(kinds):
        if kind == "N":
            before = next((one for one in reversed(kinds[:place]) if one != "N"), base).replace("D", "R")
            after = next((one for one in kinds[place:] if one != "N"), base).replace("D", "R")
            found.append(level_of[before if before == after else base])
        else:
            found.append(level_of[kind])
    return found
