"""Lags: how long something asynchronous takes, as the tester chose it."""

from dataclasses import dataclass
from datetime import timedelta

from localsign.core.clock import parse_duration


@dataclass(frozen=True)
class Progression:
    """When a lag ends: at once, `after` a time, when read for the `reads`-th time, or only by command."""

    after: timedelta | None = timedelta(0)
    reads: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Progression":
        """`immediate`, `after:PT5S`, `reads:3` or `manual`; ValueError for anything else."""
        kind, _, amount = text.partition(":")
        match kind, amount:
            case "immediate", "":
                return cls()
            case "manual", "":
                return cls(after=None)
            case "after", _:
                return cls(after=parse_duration(amount))
            case "reads", _ if amount.isdecimal() and int(amount) > 0:
                return cls(after=None, reads=int(amount))
        raise ValueError("must be immediate, manual, after:<ISO 8601 duration> or reads:<number from 1>")
