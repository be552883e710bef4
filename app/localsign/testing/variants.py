"""Which tests rest on a guess: each is run again, once for every other way of each undocumented choice it met."""

from typing import TYPE_CHECKING

import pytest
from _pytest.runner import runtestprotocol

from localsign.testing.keys import NODE_CHOICES, VARIANT
from localsign.testing.marks import NAME as MARKER
from localsign.testing.observing import Learnt

if TYPE_CHECKING:
    from localsign.client.shapes.worlds import Switch


class Variants:
    """Runs tests again after they have passed. Outcomes of reruns are told at the end, and fail nothing."""

    def __init__(self, learnt: Learnt) -> None:
        self._learnt = learnt
        self._known: dict[str, Switch] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool:
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        reports = runtestprotocol(item, nextitem=nextitem)
        if all(report.passed for report in reports):
            self._run_again(item, nextitem)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    def know(self, switches: "list[Switch]") -> None:
        """What there is to choose."""
        self._known = {one["name"]: one for one in switches}

    def _run_again(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        ways = [(name, other) for name in sorted(self._met(item)) for other in _others(self._known[name])]
        if not ways:
            return
        self._learnt.rerun_tests += 1
        for index, way in enumerate(ways):
            is_last = index == len(ways) - 1
            # What is shared by several tests stays up meanwhile.
            after = nextitem if is_last else _Stay.from_parent(_parent(item), name="localsign-variant")
            item.stash[VARIANT] = way
            try:
                reports = runtestprotocol(item, log=False, nextitem=after)
            finally:
                del item.stash[VARIANT]
            self._learnt.reruns += 1
            broken = next((report for report in reports if report.failed), None)
            if broken is not None:
                self._note(item, way, broken)

    def _met(self, item: pytest.Item) -> set[str]:
        """The choices that the test met and did not make itself."""
        made = {name for mark in item.iter_markers(MARKER) for name in (mark.kwargs.get("switches") or ())}
        return (item.stash.get(NODE_CHOICES, set()) & set(self._known)) - made

    def _note(self, item: pytest.Item, way: tuple[str, str], broken: pytest.TestReport) -> None:
        name, value = way
        switch = self._known[name]
        crash = getattr(broken.longrepr, "reprcrash", None)
        self._learnt.variants.append(
            {
                "test": item.nodeid,
                "switch": name,
                "value": value,
                "default": _usual(switch),
                "text": switch["text"],
                "source": switch["source"],
                "failure": (crash.message if crash is not None else broken.longreprtext).strip().partition("\n")[0],
            }
        )


def _others(switch: "Switch") -> list[str]:
    """Every value but the one that tests have without a choice of their own."""
    return [one for one in (switch["default"], *switch["alternatives"]) if one != _usual(switch)]


def _usual(switch: "Switch") -> str:
    return switch["default"] if switch["chosen_by"] == "workspace" else switch["value"]


def _parent(item: pytest.Item) -> pytest.Collector:
    assert isinstance(item.parent, pytest.Collector)
    return item.parent


class _Stay(pytest.Item):
    """Stands for a test that is to come, so that fixtures of its module stay up. It never runs."""

    def runtest(self) -> None:
        raise AssertionError("it is not meant to run")
