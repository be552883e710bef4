"""Timestamps: what is shown can be read back, to the digit."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.secure_share.moments import moment_of, parse_ticks, show, ticks_of

# Hypothesis wants these without an offset.
EARLIEST, LATEST = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("9998-01-01")
LAST = ticks_of(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)) + 9_999_999


@given(st.integers(ticks_of(datetime(1, 1, 2, tzinfo=UTC)), LAST))
def test_what_is_shown_is_read_back(ticks: int) -> None:
    text = show(ticks)
    assert len(text) == len("2026-03-12T15:12:39.6726738+00:00")
    assert parse_ticks(text) == ticks
    assert parse_ticks(text.replace("+", " ")) == ticks


@given(st.datetimes(EARLIEST, LATEST), st.integers(-23, 23))
def test_a_moment_is_a_moment_wherever_it_is_written(local: datetime, hours: int) -> None:
    moment = local.replace(tzinfo=UTC)
    there = moment.astimezone(UTC) + timedelta(hours=hours)
    text = f"{there:%Y-%m-%dT%H:%M:%S.%f}{'-' if hours < 0 else '+'}{abs(hours):02}:00".rjust(32, "0")
    assert parse_ticks(text) == ticks_of(moment)
    assert moment_of(ticks_of(moment)) == moment.astimezone(UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-12",
        "2026-03-12T15:12:39",
        "2026-02-30T00:00:00Z",
        "2026-03-12 15:12:39Z",
        "now",
        "1773328359",
        "\x00",
    ],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a date|is not a date"):
        parse_ticks(text)
