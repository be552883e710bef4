"""Instants, durations, and the clock of a world."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.core.clock import MILLISECOND, Clock, cut, parse_instant, show, wall
from localsign.lags import parse_duration

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
instants = st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1 < moment.year < 9999)


def complaint_of(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return "nothing"


# ---- instants


@given(instants)
def test_an_instant_that_was_shown_is_read_as_itself(moment: datetime) -> None:
    """A moment read from an answer and sent back as a filter meets its own object."""
    assert parse_instant(show(cut(moment))) == cut(moment)


@given(instants, st.integers(-23 * 60, 23 * 60))
def test_an_instant_is_the_same_in_every_offset(moment: datetime, minutes: int) -> None:
    elsewhere = cut(moment).astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_instant(elsewhere.isoformat(timespec="milliseconds")) == cut(moment)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2030-01-01T12:00:00Z", NOON),
        ("2030-01-01t12:00:00z", NOON),
        ("2030-01-01T13:30:00+01:30", NOON),
        ("2030-01-01T12:00:00.1Z", NOON + timedelta(milliseconds=100)),
        ("2030-01-01T12:00:00.1239999Z", NOON + timedelta(milliseconds=123)),
        ("2030-01-01T12:00:00-00:00", NOON),
    ],
)
def test_an_instant_can_be_written_in_several_ways(text: str, moment: datetime) -> None:
    assert parse_instant(text) == moment
    assert parse_instant(text).utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    ["", "now", "2030-01-01", "2030-01-01T12:00:00", "2030-01-01 12:00:00Z", "2030-01-01T12:00Z", "20300101T120000Z",
     "2030-01-01T12:00:00+0100", "2030-01-01T12:00:00.Z", " 2030-01-01T12:00:00Z", "1893499200"],
)  # fmt: skip
def test_what_is_no_instant_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="must be a date and time with an offset, such as"):
        parse_instant(text)


@pytest.mark.parametrize(
    "text",
    ["2030-02-30T12:00:00Z", "2030-13-01T12:00:00Z", "2030-01-01T25:00:00Z", "2030-01-01T12:60:00Z",
     "0000-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00"],
)  # fmt: skip
def test_an_instant_that_does_not_exist_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a date and time that exists"):
        parse_instant(text)


@given(st.text(max_size=40))
def test_reading_an_instant_never_fails_in_another_way(text: str) -> None:
    assert complaint_of(parse_instant, text).startswith(("must be", "is not", "nothing"))


def test_milliseconds_are_shown_only_where_there_are_any() -> None:
    assert show(NOON) == "2030-01-01T12:00:00Z"
    assert show(NOON + 5 * MILLISECOND) == "2030-01-01T12:00:00.005Z"
    assert show(NOON.astimezone(timezone(timedelta(hours=5)))) == "2030-01-01T12:00:00Z"


# ---- durations


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("PT31M", timedelta(minutes=31)),
        ("P45D", timedelta(days=45)),
        ("P2W", timedelta(weeks=2)),
        ("P1W2DT3H4M5.5S", timedelta(weeks=1, days=2, hours=3, minutes=4, seconds=5.5)),
        ("PT0S", timedelta(0)),
        ("PT90M", timedelta(minutes=90)),
        ("PT0.001S", MILLISECOND),
    ],
)
def test_a_duration_is_read(text: str, span: timedelta) -> None:
    assert parse_duration(text) == span


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1", "1D", "P1M", "P1Y", "P1H", "PT1D", "-PT1S", "P-1D", "PT1.5M", "P1DT", "PT1S ", "pt1s"]
)
def test_what_is_no_duration_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="must be an ISO 8601 duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P9999999999D", f"PT{'9' * 400}S", "P999999999DT24H"])
def test_a_duration_beyond_counting_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is too long"):
        parse_duration(text)


@given(st.from_regex(r"P[0-9WDTHMS.]{0,15}", fullmatch=True))
def test_reading_a_duration_never_fails_in_another_way(text: str) -> None:
    assert complaint_of(parse_duration, text).startswith(("must be", "is too long", "nothing"))


# ---- clocks


def test_a_clock_runs_with_the_wall_by_default() -> None:
    before = wall()
    assert before <= Clock().now() <= wall()


def test_what_a_clock_shows_has_whole_milliseconds() -> None:
    assert Clock(timedelta(microseconds=1)).now().microsecond % 1000 == 0


@given(instants)
def test_a_standing_clock_stands_where_it_was_put(moment: datetime) -> None:
    clock = Clock().frozen(moment)
    assert clock.now() == moment
    assert clock.moved_to(NOON).now() == NOON
    assert clock.moved_to(NOON).frozen_at == NOON


def test_a_running_clock_that_is_moved_runs_on() -> None:
    moved = Clock().moved_to(NOON)
    assert moved.frozen_at is None
    assert NOON <= moved.now() <= NOON + timedelta(minutes=1)


def test_a_clock_runs_on_from_where_it_stood() -> None:
    running = Clock().frozen(NOON).running()
    assert running.frozen_at is None
    assert NOON <= running.now() <= NOON + timedelta(minutes=1)
