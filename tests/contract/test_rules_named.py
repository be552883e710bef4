"""Every rule of the workflow engine is named by a test, and no test names a rule that there is not."""

import ast
import re
from pathlib import Path

from tests.mint.rules import RULES

_RULE = re.compile(r"\b4\.[1-4]\.\d+\b")
_FOLDER = Path(__file__).parents[1] / "mint"


def named() -> dict[str, list[str]]:
    """The tests that name each rule in their docstring."""
    found: dict[str, list[str]] = {}
    for path in sorted(_FOLDER.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for rule in _RULE.findall(ast.get_docstring(node) or ""):
                    found.setdefault(rule, []).append(f"{path.name}::{node.name}")
    return found


def test_every_rule_has_a_test_that_names_it() -> None:
    assert sorted(RULES.keys() - named().keys()) == []


def test_no_test_names_a_rule_that_there_is_not() -> None:
    assert sorted(named().keys() - RULES.keys()) == []
