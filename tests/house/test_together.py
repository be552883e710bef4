"""Tests that stay together do so, and all others go to whoever is free."""

from pathlib import Path

import pytest
from tests.together import TOGETHER, group

ROOT = Path(__file__).parents[2]

TESTS = """
    import os

    import pytest

    @pytest.mark.parametrize("turn", range(6))
    def test_turn(turn):
        with open("workers", "a") as file:
            print(os.environ["PYTEST_XDIST_WORKER"], file=file)
"""


def test_modules_that_stay_together_exist() -> None:
    assert [path for path in TOGETHER if not (ROOT / path).is_file()] == []


def test_tests_of_other_modules_are_for_themselves() -> None:
    assert group("tests/house/test_wheel.py::test_one") == group("tests/faces/test_example.py::test_two[a]")
    assert group("tests/sign/test_cells.py::test_one[a]") != group("tests/sign/test_cells.py::test_one[b]")


def test_a_group_runs_in_one_worker(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("tests") / "house"
    folder.mkdir()
    pytester.makepyfile(test_wheel=TESTS).rename(folder / "test_wheel.py")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        patch.setenv("PYTHONPATH", str(ROOT))
        pytester.makepyfile(test_else="def test_one(): pass\ndef test_two(): pass")  # the other worker's
        ran = pytester.runpytest_subprocess("-p", "xdist", "-p", "tests.together", "-n", "2", "--dist", "loadgroup")
    ran.assert_outcomes(passed=8)
    assert len(set((pytester.path / "workers").read_text().split())) == 1
