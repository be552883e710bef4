"""The kernel's own tables, in every world."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import Column, Index, text
from sqlmodel import Field

from localsign.core.clock import Clock
from localsign.core.database import Json, Moment, Stored
from localsign.core.scopes import Scope
from localsign.version import VERSION


class World(Stored, table=True):
    """The one row that says which world this is."""

    __tablename__ = "world"

    id: int = Field(default=1, primary_key=True)
    seed: str | None = None
    drawn: int = 0
    epoch: int = 0  # one more with each reset and restore, so that every process sees that the world is another one
    offset_us: int = 0
    frozen_at: datetime | None = Field(default=None, sa_column=Column(Moment))
    localsign: str | None = None  # the version that made it, or brought it up to its tables

    @staticmethod
    def values(seed: str | None, clock: Clock, epoch: int = 0) -> dict[str, Any]:
        """The row of a world in which nothing has happened."""
        offset_us = clock.offset // timedelta(microseconds=1)
        return {
            "id": 1,
            "seed": seed,
            "drawn": 0,
            "epoch": epoch,
            "offset_us": offset_us,
            "frozen_at": clock.frozen_at,
            "localsign": VERSION,
        }

    @property
    def clock(self) -> Clock:
        return Clock(timedelta(microseconds=self.offset_us), self.frozen_at)

    @clock.setter
    def clock(self, clock: Clock) -> None:
        self.offset_us = clock.offset // timedelta(microseconds=1)
        self.frozen_at = clock.frozen_at


class Timer(Stored, table=True):
    """Due work. Without `due` it waits for reads (`reads_left`) or for a command."""

    __tablename__ = "timer"
    # Partial, so that asking whether anything waits for reads costs nothing when nothing does.
    __table_args__ = (Index("ix_timer_reads", "reads_left", sqlite_where=text("reads_left IS NOT NULL")),)

    id: int | None = Field(default=None, primary_key=True)
    kind: str  # names the handler: "<api>.<what>"
    subject: str = Field(index=True)  # the id of the thing it is about
    due: datetime | None = Field(default=None, sa_column=Column(Moment, index=True))
    reads_left: int | None = None
    lag: str | None = None  # the name of the lag it stands for, if it does
    failure: str | None = None  # why its work could not be done; it is then not tried again


class Announcement(Stored, table=True):
    """An event for the outside, stored with the change that caused it."""

    __tablename__ = "announcement"
    scope: ClassVar[Scope] = Scope.OUTBOX

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    api: str
    name: str
    subject: str
    data: dict[str, Any] = Field(sa_column=Column(Json, nullable=False))


class Choice(Stored, table=True):
    """A setting of this world that was changed from its default, by name."""

    __tablename__ = "choice"
    scope: ClassVar[Scope] = Scope.SETTINGS

    name: str = Field(primary_key=True)
    value: str
