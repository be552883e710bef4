"""Runs of pytest inside a test: a project of its own, whose warnings are errors, as in ours."""

import sys
from collections.abc import Callable

import pytest

INI = "[pytest]\naddopts = --strict-markers --strict-config -p no:cacheprovider -p no:xdist\nfilterwarnings = error\n"


class Modules:
    """What an inner run imports stays imported, but for its own modules.

    pytester would forget all of it, and our server, which runs on in this process, would import some of it again.
    """

    def __init__(self, preserve: Callable[[str], bool] | None = None) -> None:
        self._before = set(sys.modules)

    def restore(self) -> None:
        for name in {"test_it", "conftest"} - self._before:
            sys.modules.pop(name, None)


@pytest.fixture(autouse=True)
def modules_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("_pytest.pytester.SysModulesSnapshot", Modules)


def project(pytester: pytest.Pytester, tests: str, *, ini: str = "", **files: str) -> pytest.Pytester:
    """A project with `tests` in one module, lines of `ini`, and other modules by name."""
    pytester.makeini(INI + ini)
    pytester.makepyfile(test_it=tests, **files)
    return pytester


def outcome(result: pytest.RunResult, **wanted: int) -> str:
    """What was printed, of a run that ended with exactly `wanted`."""
    result.assert_outcomes(**wanted)
    return result.stdout.str()


def refusal(result: pytest.RunResult) -> str:
    """What a run complained of that did not begin."""
    assert result.ret == pytest.ExitCode.USAGE_ERROR, result.stdout.str()
    return result.stderr.str() + result.stdout.str()


def alone(pytester: pytest.Pytester, *options: str) -> pytest.RunResult:
    """A run in a process of its own, without the plugins that happen to be installed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *options)
