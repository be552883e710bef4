"""Timestamps as Secure Share writes them: seven fraction digits and `+00:00` (documented samples).

A moment that a client sent is echoed to the digit, so it is kept as ticks: 100 nanoseconds since 1970.
"""

import re
from datetime import datetime, timedelta

from localsign.core.clock import parse_instant
from localsign.core.database import EPOCH

_MICROSECOND = timedelta(microseconds=1)
_FRACTION = re.compile(r"\.(\d{1,7})")


def ticks_of(moment: datetime) -> int:
    return (moment - EPOCH) // _MICROSECOND * 10


def moment_of(ticks: int) -> datetime:
    """To the microsecond."""
    return EPOCH + ticks // 10 * _MICROSECOND


def parse_ticks(text: str) -> int:
    """RFC 3339 with an offset; what is finer than a tick is cut off. ValueError tells what is wrong."""
    # A plus sign that a client did not escape in a query arrives as a space.
    text = re.sub(r" (\d\d:\d\d)$", r"+\1", text)
    whole = parse_instant(text).replace(microsecond=0)
    fraction = _FRACTION.search(text)
    return ticks_of(whole) + (int(fraction[1].ljust(7, "0")) if fraction else 0)


def show(ticks: int) -> str:
    """`2026-03-12T15:12:39.6726738+00:00`."""
    whole = EPOCH + timedelta(seconds=ticks // 10_000_000)
    return f"{whole.isoformat()[:19]}.{ticks % 10_000_000:07}+00:00"
