"""The list of tests that take long names what is there, in order."""

import re
from pathlib import Path

from tests.long import NAMES

ROOT = Path(__file__).parents[2]


def test_every_name_is_of_a_test_or_a_module() -> None:
    stale = []
    for name in NAMES:
        module, _, test = name.partition("::")
        path = ROOT / module
        if not path.is_file() or (test and not re.search(rf"^(async )?def {test}\(", path.read_text(), re.M)):
            stale.append(name)
    assert stale == []


def test_names_are_in_order_and_once() -> None:
    assert sorted(set(NAMES)) == NAMES


def test_some_of_every_module_is_left_for_the_oldest_python() -> None:
    """A module that is left out as a whole says so by one line, not test by test."""
    named = {name.partition("::")[0] for name in NAMES if "::" in name}
    empty = []
    for module in sorted(named):
        tests = re.findall(r"^(?:async )?def (test_\w+)\(", (ROOT / module).read_text(), re.M)
        if {f"{module}::{test}" for test in tests} <= set(NAMES):
            empty.append(module)
    assert empty == []
