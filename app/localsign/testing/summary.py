"""What is said at the end of a run: coverage of the vendors' APIs, tests that rest on guesses, habits of the client."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest

from localsign.testing.observing import Learnt
from localsign.testing.touching import KINDS, Coverage

_WIDTH = 110
_MOST_TESTS = 3
_VERBOSE = 1
_WORKSPACE = re.compile(r"/w/[a-z0-9-]+(?=/)")  # which is another in every run


def coverage_of(config: pytest.Config, learnt: Learnt) -> Coverage:
    """Of the APIs that were asked for, or of those that tests called."""
    return Coverage.of(learnt.touched, learnt.everything, config.option.localsign_cov_api or ())


def conclude(session: pytest.Session, learnt: Learnt) -> None:
    """Fail the run where too little was touched, and write the report."""
    option = session.config.option
    least = option.localsign_cov_fail_under
    if least is not None and session.exitstatus == pytest.ExitCode.OK and not _suffices(session.config, learnt, least):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    if option.localsign_report:
        path = Path(option.localsign_report)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(_as_json(session.config, learnt), indent=2, ensure_ascii=False) + "\n", "utf-8")


def _suffices(config: pytest.Config, learnt: Learnt, least: float) -> bool:
    """Where nothing was called there is nothing to count, and no share of it is enough."""
    return bool(learnt.touched.apis()) and coverage_of(config, learnt).percent >= least


def _as_json(config: pytest.Config, learnt: Learnt) -> dict[str, Any]:
    option = config.option
    found: dict[str, Any] = {"unseen": learnt.unseen}
    if option.localsign_cov:
        found["coverage"] = coverage_of(config, learnt).as_json()
    if option.localsign_variants:
        found["variants"] = {"tests": learnt.rerun_tests, "reruns": learnt.reruns, "rests_on": learnt.variants}
    if option.localsign_lint:
        found["lint"] = [
            {"rule": rule, "sentence": sentence, "advice": advice, "tests": tests}
            for (rule, sentence, advice), tests in learnt.habits()
        ]
    return found


def tell(terminal: pytest.TerminalReporter, config: pytest.Config, learnt: Learnt) -> None:
    """Write the sections that were asked for."""
    option = config.option
    if option.localsign_cov:
        terminal.section("localsign coverage")
        for line in _coverage_lines(config, learnt):
            terminal.line(line)
    if option.localsign_variants:
        terminal.section("localsign variants")
        for line in _variant_lines(learnt):
            terminal.line(line)
    if option.localsign_lint:
        terminal.section("localsign lint")
        for line in _lint_lines(learnt):
            terminal.line(line)
    if learnt.unseen:
        terminal.line(f"{len(learnt.unseen)} workspaces could not be looked at: {_few(learnt.unseen)}")


def _coverage_lines(config: pytest.Config, learnt: Learnt) -> Iterator[str]:
    coverage = coverage_of(config, learnt)
    if not coverage.shares:
        yield "No test has called an API of localsign."
    for api in coverage.apis:
        shares = {share.kind: share for share in coverage.shares if share.api == api}
        yield f"{api}: " + ", ".join(
            f"{len(shares[kind].touched)} of {shares[kind].total} {kind}" for kind in KINDS if kind in shares
        )
        for share in shares.values():
            if config.option.verbose >= _VERBOSE and share.touched:
                yield from _listed(f"{share.kind} touched", share.touched)
            if share.missing:
                yield from _listed(f"{share.kind} never touched", share.missing)
    least = config.option.localsign_cov_fail_under
    if least is None:
        yield f"{coverage.percent:.0f}% of what there is was touched."
    elif not learnt.touched.apis():
        yield f"FAIL: nothing was touched, and {least:g}% was asked for."
    else:
        verdict = "" if _suffices(config, learnt, least) else "FAIL: "
        yield f"{verdict}{coverage.percent:.2f}% of what there is was touched; {least:g}% was asked for."


def _listed(title: str, names: tuple[str, ...]) -> Iterator[str]:
    """The names below a title, those of one machine together."""
    yield f"  {title}:"
    by_machine: dict[str, list[str]] = {}
    for name in names:
        machine, separator, rest = name.rpartition(": ")
        by_machine.setdefault(machine + separator, []).append(rest)
    for machine, own in by_machine.items():
        yield from wrap(machine + ", ".join(own), _WIDTH, initial_indent="    ", subsequent_indent="      ")


def _variant_lines(learnt: Learnt) -> Iterator[str]:
    """By choice, as one guess is often behind many tests; of each test what the rerun failed by."""
    by_way: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for one in sorted(learnt.variants, key=lambda one: (one["switch"], one["value"], one["test"])):
        by_way.setdefault((one["switch"], one["value"]), []).append(one)
    told = ""
    for (switch, value), failed in by_way.items():
        if switch != told:
            told = switch
            yield f"{switch}, which is {failed[0]['default']} unless you choose"
            text = f"{failed[0]['text']} {failed[0]['source']}"
            yield from _wrapped(text, 4)
        yield f"  {value} fails {_counted(len(failed), 'test')}:"
        for one in failed:
            yield f"    {one['test']}"
            failure = _WORKSPACE.sub("", one["failure"])
            yield from _wrapped(failure, 6, most=2)
    resting = len({one["test"] for one in learnt.variants})
    choices = len({one["switch"] for one in learnt.variants})
    told = f"{resting} rest on {_counted(choices, 'undocumented choice')}, " if resting else ""
    yield (
        f"{_counted(learnt.reruns, 'rerun')} of {_counted(learnt.rerun_tests, 'test')}: "
        f"{told}{learnt.rerun_tests - resting} on none."
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _wrapped(text: str, columns: int, most: int | None = None) -> list[str]:
    """`text` that many columns further in, in that many lines at most."""
    indent = " " * columns
    return wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, max_lines=most, placeholder="…")


def _lint_lines(learnt: Learnt) -> Iterator[str]:
    for (rule, sentence, advice), tests in learnt.habits():
        yield f"{rule}: {sentence}"
        yield f"  {advice}"
        yield f"  seen in {_few(tests)}"
    if not learnt.habits():
        yield "Nothing to say about the client."


def _few(tests: list[str]) -> str:
    more = len(tests) - _MOST_TESTS
    return ", ".join(tests[:_MOST_TESTS]) + (f" and {more} more" if more > 0 else "")
