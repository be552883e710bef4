"""Journeys that a process left in the middle, when a world is opened again, or has become another one."""

from sqlmodel import select

from localsign.core.work import Work
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey


def resume(work: Work, original: str | None) -> None:
    """Let every journey that is RUNNING, and that nobody runs, go on."""
    if work.db.exec(select(Journey.id).where(Journey.state == JourneyState.RUNNING).limit(1)).first() is not None:
        from localsign.mint.service.recovery import go_on_soon

        go_on_soon(work, original)
