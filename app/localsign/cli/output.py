"""What a command prints: JSON if that is asked for, tables and colours on a terminal, plain text elsewhere."""

import json
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

Rows = Sequence[Sequence[object]]


def is_terminal() -> bool:
    return sys.stdout.isatty()


def as_json(data: Any) -> None:
    """On one page for people, in one line for programs."""
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2 if is_terminal() else None, default=str))


def table(columns: Sequence[str], rows: Rows, empty: str = "There is none.") -> None:
    """A table; where nobody looks at it, lines with tabs, the first of which names the columns."""
    if not rows:
        typer.echo(empty, err=not is_terminal())
        return
    cells = [[_cell(one) for one in row] for row in rows]
    if not is_terminal():
        for line in [columns, *cells]:
            typer.echo("\t".join(line))
        return
    from localsign.cli import tables

    width = shutil.get_terminal_size().columns
    typer.echo("\n".join(tables.lines(columns, cells, width, lambda one: _styled(one, fg=_COLOURS.get(one)), _bold)))


def fields(pairs: Mapping[str, object]) -> None:
    """A name and a value in each line."""
    width = max(map(len, pairs), default=0) if is_terminal() else 0
    for name, value in pairs.items():
        shown = _cell(value)
        if is_terminal():
            typer.echo(f"{_bold(name.ljust(width))}  {_styled(shown, fg=_COLOURS.get(shown))}")
        else:
            typer.echo(f"{name}\t{shown}")


def followed(change: Mapping[str, Any]) -> str:
    """One thing that followed from another, in words."""
    from localsign.client.timeline import told

    return told(change, {})


@contextmanager
def busy(what: str) -> Iterator[None]:
    """Something that takes a while; on a terminal it is seen to go on."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(what):
        yield


_COLOURS = {
    "DELIVERED": "green",
    "FAILED": "red",
    "REFUSED": "red",
    "CANCELLED": "yellow",
    "ok": "green",
    "warning": "yellow",
    "bad": "red",
    "ready": "green",
}


def _bold(text: str) -> str:
    return _styled(text, bold=True)


def _styled(text: str, **how: Any) -> str:
    """`text` in colour, where colours are wanted (https://no-color.org) and there is one."""
    return typer.style(text, **how) if text.strip() and any(how.values()) and not os.environ.get("NO_COLOR") else text


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:g}"
        case list() | tuple():
            return ", ".join(map(_cell, value))
        case dict():
            return json.dumps(value, ensure_ascii=False)
        case _:
            return "".join(one if one.isprintable() else " " for one in str(value))
