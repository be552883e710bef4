"""The plugin is active in every project that has localsign installed, so it must cost them nothing."""

import json
import subprocess
import sys
from importlib.metadata import entry_points

import pytest
from tests.faces.inner import alone

OURS = {"localsign", "localsign.pytest_plugin", "localsign.testing", "localsign.testing.keys"}
MOST_MILLISECONDS = 10  # measured: 0.7
NOTE_MODULES = """
import json, sys

def pytest_collection_finish(session):
    print("MODULES", json.dumps(sorted(sys.modules)))
"""


def test_the_plugin_is_installed_under_its_name() -> None:
    [found] = entry_points(group="pytest11", name="localsign")
    assert found.value == "localsign.pytest_plugin"


def collected(pytester: pytest.Pytester, *options: str) -> set[str]:
    """The modules that a run has imported when it has collected a test that uses nothing of ours."""
    pytester.makepyfile(test_it="def test_nothing(): pass", conftest=NOTE_MODULES)
    result = alone(pytester, "--collect-only", *options)
    assert result.ret == 0
    [line] = [line for line in result.outlines if line.startswith("MODULES ")]
    return set(json.loads(line.removeprefix("MODULES ")))


def test_until_a_fixture_is_used_nothing_is_imported(pytester: pytest.Pytester) -> None:
    more = collected(pytester, "-p", "localsign") - collected(pytester)
    assert more == OURS


@pytest.mark.parametrize("option", ["--localsign-mode=thread", "--localsign-url=http://127.0.0.1:9"])
def test_options_import_no_more_than_what_checks_them(pytester: pytest.Pytester, option: str) -> None:
    more = collected(pytester, "-p", "localsign", option) - collected(pytester)
    assert more - OURS == {"localsign.testing.choices"}


def test_importing_it_takes_milliseconds() -> None:
    code = (
        "import pytest, time; t = time.process_time(); import localsign.pytest_plugin; print(time.process_time() - t)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], capture_output=True, check=True) for _ in range(3)]
    assert min(float(run.stdout) for run in runs) * 1000 < MOST_MILLISECONDS
