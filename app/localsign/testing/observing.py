"""What is learnt from the workspaces of a run beside whether its tests passed, in every process of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from localsign.testing.keys import NODE_CHOICES, VARIANT
from localsign.testing.touching import Touched

if TYPE_CHECKING:
    from localsign import Workspace
    from localsign.client.shapes.traffic import Entry, Finding
    from localsign.client.shapes.worlds import Surface

VARIANTS = "localsign-variants"  # the plugin that runs tests again
_SENT = "localsign_observed"  # in the output of a worker of pytest-xdist
_PAGE = 200
_UNTESTED = "webhook-verification-untested"
# Of a receiver, another in each test. The last is what a container calls this machine.
_OWN_PORT = re.compile(r"^(https?://(?:127\.0\.0\.1|localhost|\[::1\]|host\.docker\.internal)):\d+")


@dataclass
class Learnt:
    """`findings` by rule and sentence have the tests that gave rise to them; `rerun` is what variants told."""

    touched: Touched = field(default_factory=Touched)
    everything: Touched = field(default_factory=Touched)
    findings: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    forged: set[str] = field(default_factory=set)  # where a forged webhook was sent, on this machine without the port
    variants: list[dict[str, Any]] = field(default_factory=list)
    reruns: int = 0
    rerun_tests: int = 0
    unseen: list[str] = field(default_factory=list)  # tests whose workspace could not be looked at

    def find(self, finding: "Finding", test: str) -> None:
        key = (finding["rule"], finding["sentence"], finding["advice"])
        tests = self.findings.setdefault(key, [])
        if test not in tests:
            tests.append(test)

    def habits(self) -> list[tuple[tuple[str, str, str], list[str]]]:
        """The findings that no other test of the run has answered."""
        return [(key, tests) for key, tests in sorted(self.findings.items()) if not self._is_answered(*key)]

    def _is_answered(self, rule: str, sentence: str, _: str) -> bool:
        return rule == _UNTESTED and portless(sentence.partition(" ")[0]) in self.forged

    def merge(self, told: Mapping[str, Any]) -> None:
        """Add what a worker has learnt."""
        self.touched.merge(Touched.from_json(told["touched"]))
        self.everything.merge(Touched.from_json(told["everything"]))
        for rule, sentence, advice, tests in told["findings"]:
            known = self.findings.setdefault((rule, sentence, advice), [])
            known += [one for one in tests if one not in known]
        self.forged |= set(told["forged"])
        self.variants += told["variants"]
        self.reruns += told["reruns"]
        self.rerun_tests += told["rerun_tests"]
        self.unseen += told["unseen"]

    def as_json(self) -> dict[str, Any]:
        return {
            "touched": self.touched.as_json(),
            "everything": self.everything.as_json(),
            "findings": [[*key, tests] for key, tests in self.findings.items()],
            "forged": sorted(self.forged),
            "variants": self.variants,
            "reruns": self.reruns,
            "rerun_tests": self.rerun_tests,
            "unseen": self.unseen,
        }


def portless(url: str) -> str:
    """A receiver on this machine without its port."""
    return _OWN_PORT.sub(r"\1", url)


class Observer:
    """Looks at each workspace before it is dropped."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.learnt = Learnt()
        self._surface: Surface | None = None

    def look(self, node: pytest.Item | pytest.Collector, workspace: "Workspace") -> None:
        """Learn from a workspace at the end of `node`. What cannot be looked at any more is noted."""
        if VARIANT in node.stash:  # what was to be learnt, its first run has told
            return
        try:
            surface = self._surface or self._begin(workspace)
            entries = _all(workspace)
            findings = workspace.lint() if self.config.option.localsign_lint else []
            sent = workspace.webhooks.list() if self.config.option.localsign_lint else []
        except Exception:  # dropped by the test, or its server is gone; the test has its own outcome
            self.learnt.unseen.append(node.nodeid)
            return
        node.stash.setdefault(NODE_CHOICES, set()).update(name for entry in entries for name in entry["rests_on"])
        self.learnt.touched.merge(Touched.of(entries, surface))
        self.learnt.forged |= {portless(one["url"]) for one in sent if one["kind"] == "forgery"}
        for finding in findings:
            self.learnt.find(finding, node.nodeid)

    def _begin(self, workspace: "Workspace") -> "Surface":
        """Ask once for all that there is to touch and to choose."""
        self._surface = workspace.sandbox.surface()
        self.learnt.everything.merge(Touched.everything(self._surface))
        variants = self.config.pluginmanager.get_plugin(VARIANTS)
        if variants is not None:
            variants.know(workspace.switches.list())
        return self._surface

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(self.config, "workeroutput", None)
        if output is not None:
            output[_SENT] = self.learnt.as_json()
        else:
            from localsign.testing.summary import conclude

            conclude(session, self.learnt)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist has ended: take what it learnt. One that crashed tells nothing."""
        told = getattr(node, "workeroutput", {}).get(_SENT)
        if told is not None:
            self.learnt.merge(told)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        from localsign.testing.summary import tell

        tell(terminalreporter, self.config, self.learnt)


def _all(workspace: "Workspace") -> "list[Entry]":
    """Every entry that the journal still has."""
    page = workspace.journal.page(limit=_PAGE)
    entries = page["entries"]
    while page["before"] is not None:
        page = workspace.journal.page(limit=_PAGE, before=page["before"])
        entries += page["entries"]
    return entries
