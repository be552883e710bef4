"""What a copy of a world leaves to its original, so that nobody outside gets it twice."""

from localsign.core import deliveries, outbox
from localsign.core.work import Work


def leave_to(work: Work, original: str) -> None:
    """Send and relay nothing that was on its way in the workspace called `original`, of which this is a copy."""
    deliveries.leave(work, original)
    outbox.leave(work)
