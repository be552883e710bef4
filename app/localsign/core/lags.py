"""Lags: how long something asynchronous takes, as the tester chose it."""

from dataclasses import dataclass
from datetime import timedelta

from localsign.core.clock import parse_duration

_LONGEST = timedelta(days=36_525)


@dataclass(frozen=True)
class Progression:
    """When a lag ends: at once, `after` a time, when read for the `reads`-th time, or only by command."""

    after: timedelta | None = timedelta(0)
    reads: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Progression":
        """`immediate`, `after:PT5S`, `reads:3` or `manual`; ValueError for anything else."""
        match text.partition(":"):
            case "immediate", "", _:
                return cls()
            case "manual", "", _:
                return cls(after=None)
            case "after", _, amount:
                return cls(after=_bounded(parse_duration(amount)))
            case "reads", _, amount if amount.isdecimal() and len(amount) <= 6 and int(amount) > 0:
                return cls(after=None, reads=int(amount))
        raise ValueError("must be immediate, manual, after:<ISO 8601 duration> or reads:<number from 1 to 999999>")


def _bounded(after: timedelta) -> timedelta:
    if after > _LONGEST:
        raise ValueError("must be a hundred years at most")
    return after
