"""A few kills in each run of the tests; `make durability` does two hundred."""

import os
from pathlib import Path

from tests.durability.killing import perform

KILLS = int(os.environ.get("DURABILITY_KILLS", "3"))


def test_what_was_acknowledged_outlives_kills_and_nothing_half_done_does(tmp_path: Path) -> None:
    told: list[str] = []
    run = perform(tmp_path / "data", KILLS, told.append, longest=1.0)
    assert run.failures == []
    assert run.kills == KILLS
    assert run.looks > 0
    assert "Traceback" not in (tmp_path / "server.log").read_text()
    assert told == [] or KILLS > 3
