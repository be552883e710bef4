"""How a command ends."""

from enum import IntEnum
from typing import NoReturn

import typer


class Exit(IntEnum):
    """The exit codes; they do not change."""

    OK = 0
    ERROR = 1
    USAGE = 2
    DRIFT = 3
    NOT_READY = 4
    BAD_CONFIGURATION = 5
    PORT_IN_USE = 6
    UNUSABLE_DATA = 7  # the disk is full, or files are damaged
    REFUSED = 8  # by the server, which says why
    UNREACHABLE = 9
    TIMED_OUT = 10  # what was waited for has not come
    ALREADY_RUNS = 11
    NOT_RUNNING = 12


def fail(code: Exit, sentence: str) -> NoReturn:
    """End with `code`, and say what to do."""
    typer.echo(f"localsign: {sentence}", err=True)
    raise typer.Exit(code)
