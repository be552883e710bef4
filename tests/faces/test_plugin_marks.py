"""What the marker `localsign` makes of its keywords."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from localsign.testing.marks import Beginning


def beginning(*marks: dict[str, Any], seed: int | None = None) -> Beginning:
    """What markers with these keywords say, the nearest first."""
    return Beginning.of([pytest.Mark("localsign", (), one, _ispytest=True) for one in marks], seed)


def test_no_marker_begins_with_nothing_but_the_seed_of_the_project() -> None:
    assert beginning() == Beginning()
    assert beginning(seed=7) == Beginning(seed=7)


def test_the_nearer_marker_wins_keyword_by_keyword() -> None:
    found = beginning({"seed": 2, "lags": {"packaging": "manual"}}, {"seed": 1, "fixture": "payroll"}, seed=0)
    assert found == Beginning(seed=2, fixture="payroll", document={"lags": {"packaging": "manual"}})


def test_sections_stand_in_the_document() -> None:
    document = {"description": "A world.", "lags": {"packaging": "manual"}}
    found = beginning({"document": document, "lags": {"packaging": "immediate"}, "secure_share": {"shares": []}})
    assert found.document == {
        "description": "A world.",
        "lags": {"packaging": "immediate"},
        "secure-share": {"shares": []},
    }
    assert document["lags"] == {"packaging": "manual"}


@pytest.mark.parametrize(
    "clock",
    [
        "2031-05-01T12:00:00Z",
        datetime(2031, 5, 1, 12, tzinfo=UTC),
        datetime(2031, 5, 1, 14, tzinfo=timezone(timedelta(hours=2))),
        {"freeze": datetime(2031, 5, 1, 12, tzinfo=UTC)},
    ],
)
def test_an_instant_is_where_the_clock_stands_still(clock: Any) -> None:
    assert beginning({"clock": clock}).document == {"clock": {"freeze": "2031-05-01T12:00:00Z"}}


def test_a_single_entry_is_a_list_of_one() -> None:
    found = beginning({"faults": {"operation": "*"}, "personas": ({"key": "kari"},)})
    assert found.document == {"faults": [{"operation": "*"}], "personas": [{"key": "kari"}]}


def test_a_time_without_a_zone_and_a_bare_argument_are_refused() -> None:
    with pytest.raises(pytest.UsageError, match="no time zone"):
        beginning({"clock": datetime(2031, 5, 1)})  # noqa: DTZ001
    with pytest.raises(pytest.UsageError, match="keywords only"):
        Beginning.of([pytest.Mark("localsign", (7,), {}, _ispytest=True)])
