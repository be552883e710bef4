"""Journeys that nobody runs: those that a process left in the middle, or that came with a copy of a world."""

from sqlmodel import select

from localsign.core.work import Work
from localsign.mint.engine import under_way
from localsign.mint.lifecycle import JourneyState
from localsign.mint.models import Journey, run_of


def go_on_soon(work: Work) -> int:
    """Let every journey that is RUNNING, and that nobody runs, go on as soon as this transaction is over; how many.

    For the moment when a world is opened, or has become another one: whatever its clock shows. Where other processes
    may have the same world open they may be running them, so that their stand-by timers have to do.
    """
    if not work.is_alone:
        return 0
    found = 0
    for journey in work.db.exec(select(Journey).where(Journey.state == JourneyState.RUNNING)).all():
        if not under_way.is_marked(work, journey.id, run_of(work, journey).turn):
            work.schedule("mint.run", journey.id, work.now)
            found += 1
    return found
