"""How long something takes: ISO 8601 durations, and lags, whose length the tester chooses."""

import re
from dataclasses import dataclass
from datetime import timedelta

_LONGEST = timedelta(days=36_525)
_ISO_DURATION = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of weeks, days, hours, minutes and seconds (`PT31M`, `P45D`, `P1DT2H`)."""
    found = _ISO_DURATION.fullmatch(text)
    if not found:
        raise ValueError("must be an ISO 8601 duration of weeks, days and time, such as PT31M or P45D")
    try:
        return timedelta(**{unit: float(number) for unit, number in found.groupdict().items() if number})
    except OverflowError:
        raise ValueError("is too long") from None


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
