"""Time. A world has its own clock: the wall clock moved by an offset, or standing still.

Instants are aware datetimes in UTC, cut to whole milliseconds, because that is what the wire shows:
an instant read from an answer and sent back as a filter must meet its own object.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MILLISECOND = timedelta(milliseconds=1)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


def wall() -> datetime:
    """The time of the machine."""
    return cut(datetime.now(UTC))  # noqa: TID251


def cut(moment: datetime) -> datetime:
    """`moment` without what is finer than a millisecond."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


@dataclass(frozen=True)
class Clock:
    """A world's clock. `frozen_at` wins over `offset`."""

    offset: timedelta = timedelta(0)
    frozen_at: datetime | None = None

    def now(self) -> datetime:
        return self.frozen_at or cut(wall() + self.offset)

    def moved_to(self, moment: datetime) -> "Clock":
        """This clock showing `moment`; a standing clock stays standing, a running one runs on."""
        if self.frozen_at is not None:
            return Clock(self.offset, moment)
        return Clock(moment - wall())

    def frozen(self, at: datetime) -> "Clock":
        return Clock(self.offset, at)

    def running(self) -> "Clock":
        """The clock running on from what it shows now."""
        return Clock(self.now() - wall())


def parse_instant(text: str) -> datetime:
    """RFC 3339 with an offset, as UTC cut to milliseconds; ValueError tells what is wrong."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("must be a date and time with an offset, such as 2026-01-31T12:00:00Z")
    try:
        return cut(datetime.fromisoformat(text.upper()).astimezone(UTC))
    except (ValueError, OverflowError):
        raise ValueError("is not a date and time that exists") from None


def show(moment: datetime) -> str:
    """`2026-01-31T12:00:00Z`, with milliseconds where there are any."""
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
    return text.removesuffix("+00:00") + "Z"


def show_finely(moment: datetime) -> str:
    """`2026-01-31T12:00:00.0000000Z`: UTC with seven digits, as the bodies of webhooks have it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"
