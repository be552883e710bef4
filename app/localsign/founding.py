"""What every world begins with, and what of it outlives a reset: its clients, their secrets, the demo accounts."""

from typing import Any

from sqlalchemy import Connection
from sqlmodel import select

from localsign.apis import APIS
from localsign.core import glancing
from localsign.core.tables import Choice
from localsign.core.work import Work

SEEDED = "seeded."  # a choice that says which file of the init folder has been loaded; gone with what it made


def lay_samples(connection: Connection) -> None:
    """Add the rows that are the same in every world."""
    for entry in APIS:
        if entry.has_samples:
            for model, rows in entry.samples.rows():
                glancing.add(connection, model, rows)


def found(work: Work, client: tuple[str, str] | None = None) -> None:
    """Add what is drawn for each world, where it is not there yet. `client`: id and secret of the settings."""
    for entry in APIS:
        if entry.has_founding:
            entry.founding.found(work, client=client)


def keep(work: Work, *, choices: bool) -> list[Any]:
    """The rows that stay when a world is emptied: its credentials, and with `choices` what was chosen."""
    rows: list[Any] = []
    if choices:
        rows += (one for one in work.db.exec(select(Choice)).all() if not one.name.startswith(SEEDED))
    for entry in APIS:
        if entry.has_founding:
            rows += entry.founding.keep(work)
    return rows


def credentials(work: Work) -> dict[str, Any]:
    """What a tester needs to begin."""
    return {
        name: value for entry in APIS if entry.has_founding for name, value in entry.founding.credentials(work).items()
    }
