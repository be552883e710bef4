"""House rules that no linter knows. A rule reads one module and yields the lines that break it, and why."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
APP = ROOT / "app" / "localsign"
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 60

Found = Iterator[tuple[int, str]]
Rule = Callable[[str, str], Found]  # (path inside the package, source text)


parsed = cache(ast.parse)  # every rule reads every module


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def is_text(node: ast.AST) -> bool:
    """A string literal, or a tuple, list or set holding one."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(is_text(one) for one in node.elts)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def is_state(node: ast.AST) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "state") or (
        isinstance(node, ast.Name) and node.id == "state"
    )


# --- the rules ---------------------------------------------------------------------------------------------


def only_the_machine_moves_a_state(path: str, source: str) -> Found:
    """An `__init__` may set its own: to begin in a state is not to move."""
    if path == "core/machine.py":
        return
    beginnings = {
        node.lineno
        for function in functions(source)
        if function.name == "__init__"
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and ast.unparse(node) == "self.state"
    }
    for node in ast.walk(parsed(source)):
        moves = False
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            moves = node.attr == "state" and node.lineno not in beginnings
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "setattr":
            moves = "'state'" in map(ast.unparse, node.args)
        if moves:
            yield getattr(node, "lineno", 1), "only core/machine.py assigns a .state: fire an event"


def states_are_not_compared_with_text(path: str, source: str) -> Found:
    for node in ast.walk(parsed(source)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(is_state, sides)) and any(map(is_text, sides)):
                yield node.lineno, "compare a state with a member of its enum"
        if isinstance(node, ast.Match) and is_state(node.subject):
            for case in node.cases:
                for part in ast.walk(case.pattern):
                    if isinstance(part, ast.MatchValue) and is_text(part.value):
                        yield part.lineno, "compare a state with a member of its enum"


def an_init_is_one_docstring(path: str, source: str) -> Found:
    """The package itself, and the entry point of the command line, import nothing by being imported."""
    body = parsed(source).body
    if path in {"__init__.py", "cli/__init__.py"}:
        for node in body:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node.lineno, "importing the package imports nothing: names are found at their first use"
        return
    docstring = len(body) == 1 and isinstance(body[0], ast.Expr) and is_text(body[0].value)
    if Path(path).name == "__init__.py" and not docstring:
        yield 1, "an __init__.py holds one docstring and nothing else: importing it would shadow modules"


def functions_are_short(path: str, source: str) -> Found:
    for function in functions(source):
        lines = (function.end_lineno or function.lineno) - function.lineno + 1
        if lines > MOST_LINES_OF_A_FUNCTION:
            yield function.lineno, f"{function.name} has {lines} lines, more than {MOST_LINES_OF_A_FUNCTION}"


def errors_are_ours(path: str, source: str) -> Found:
    """Only `core/http.py` may name HTTPException, to render the framework's own; nobody raises it."""
    for node in ast.walk(parsed(source)):
        named = False
        if isinstance(node, ast.Raise):
            named = node.exc is not None and "HTTPException" in ast.unparse(node.exc)
        elif isinstance(node, ast.alias | ast.Attribute) and path != "core/http.py":
            named = "HTTPException" in {getattr(node, "name", ""), getattr(node, "attr", "")}
        if named:
            yield getattr(node, "lineno", 1), "raise an error of core/errors.py; the dialect renders it"


def time_and_chance_come_from_the_workspace(path: str, source: str) -> Found:
    if path in {"core/clock.py", "core/ids.py"}:
        return
    banned = {
        "random": "core.ids",
        "time.time": "work.now",
        "time.time_ns": "work.now",
        "datetime.now": "work.now",
        "datetime.utcnow": "work.now",
        "datetime.today": "work.now",
        "date.today": "work.now",
        "uuid.uuid1": "work.new_id()",
        "uuid.uuid4": "work.new_id()",
    }
    for node in ast.walk(parsed(source)):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [str(node.module), *(f"{node.module}.{one.name}" for one in node.names)]
        elif isinstance(node, ast.Attribute):
            names = [".".join(ast.unparse(node).split(".")[-2:])]
        for name in names:
            if name in banned:
                yield getattr(node, "lineno", 1), f"{name} makes runs differ: use {banned[name]}"


def nothing_is_left_to_do(path: str, source: str) -> Found:
    for number, line in enumerate(source.splitlines(), 1):
        if re.search(r"\b(TODO|FIXME|XXX)\b", line):
            yield number, "finish it, or file an issue"


def no_path_of_one_machine(path: str, source: str) -> Found:
    for number, line in enumerate(source.splitlines(), 1):
        if re.search(r"(?<![\w.{}*-])/(home|root|Users|work|mnt|tmp|opt)/\w|\b[A-Z]:\\\\\w", line):
            yield number, "a path of one machine: use settings, fixtures or tmp_path"


RULES: list[Rule] = [
    only_the_machine_moves_a_state,
    states_are_not_compared_with_text,
    an_init_is_one_docstring,
    functions_are_short,
    errors_are_ours,
    time_and_chance_come_from_the_workspace,
    nothing_is_left_to_do,
    no_path_of_one_machine,
]
# The rest is about the product; these two hold for the tests as well.
RULES_OF_TESTS: list[Rule] = [an_init_is_one_docstring, no_path_of_one_machine]


# --- the code keeps them -----------------------------------------------------------------------------------


def breaches(rule: Rule, folder: Path) -> str:
    lines = [
        f"{path.relative_to(ROOT)}:{line}: {why}"
        for path in sorted(folder.rglob("*.py"))
        if path != Path(__file__)
        for line, why in rule(path.relative_to(folder).as_posix(), path.read_text())
    ]
    return "\n".join(lines)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps(rule: Rule) -> None:
    assert breaches(rule, APP) == ""


@pytest.mark.parametrize("rule", RULES_OF_TESTS, ids=lambda rule: rule.__name__)
def test_the_tests_keep(rule: Rule) -> None:
    assert breaches(rule, ROOT / "tests") == ""


def test_no_file_is_a_wall() -> None:
    """Templates, styles and scripts count like code; sample data does not."""
    walls = [
        f"{path.relative_to(ROOT)}: {lines} lines, more than {MOST_LINES}: split it by noun"
        for folder in ("app", "tests")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in {".py", ".html", ".css", ".js", ".md"}
        and (lines := len(path.read_text().splitlines())) > MOST_LINES
    ]
    assert walls == []


# --- the rules bite ----------------------------------------------------------------------------------------


def an_init_of_the_package(_: str, source: str) -> Found:
    return an_init_is_one_docstring("__init__.py", source)


BROKEN: list[tuple[Rule, str]] = [
    (only_the_machine_moves_a_state, "session.state = READY"),
    (only_the_machine_moves_a_state, "session.state, other = READY, 1"),
    (only_the_machine_moves_a_state, "setattr(session, 'state', READY)"),
    (states_are_not_compared_with_text, "session.state == 'READY'"),
    (states_are_not_compared_with_text, "state in ('READY', 'SIGNED')"),
    (states_are_not_compared_with_text, "match session.state:\n  case 'READY': pass"),
    (an_init_is_one_docstring, "from . import routes"),
    (an_init_is_one_docstring, '"""Two."""\nx = 1'),
    (an_init_of_the_package, "from localsign.client import errors"),
    (functions_are_short, "def long():\n" + "    pass\n" * MOST_LINES_OF_A_FUNCTION),
    (errors_are_ours, "raise HTTPException(404)"),
    (errors_are_ours, "from fastapi import HTTPException"),
    (time_and_chance_come_from_the_workspace, "import random"),
    (time_and_chance_come_from_the_workspace, "from time import time"),
    (time_and_chance_come_from_the_workspace, "x = datetime.datetime.now(UTC)"),
    (time_and_chance_come_from_the_workspace, "x = uuid.uuid4()"),
    (nothing_is_left_to_do, "x = 1  # TODO: later"),
    (no_path_of_one_machine, "x = '/home/me/file.pdf'"),
]

KEPT: list[tuple[Rule, str]] = [
    (
        only_the_machine_moves_a_state,
        "request.state.workspace = 1\nscope['state'] = {}\nSession(state=READY)",
    ),
    (states_are_not_compared_with_text, "session.state is State.READY\nbody['state'] == 'READY'"),
    (an_init_is_one_docstring, '"""One."""'),
    (functions_are_short, "def short():\n" + "    pass\n" * (MOST_LINES_OF_A_FUNCTION - 1)),
    (errors_are_ours, "raise NotFoundError('session')"),
    (time_and_chance_come_from_the_workspace, "import time\nx = time.monotonic()\ny = work.now"),
    (nothing_is_left_to_do, "todo = 1  # a word of its own"),
    (no_path_of_one_machine, "x = f'{base}/tmp/file' + 'http://sign.test/home/page'"),
]


def name_of_case(value: object) -> str:
    return getattr(value, "__name__", str(value).splitlines()[0])


@pytest.mark.parametrize(("rule", "source"), BROKEN, ids=name_of_case)
def test_a_rule_notices(rule: Rule, source: str) -> None:
    assert list(rule("sign/__init__.py", source)) != []


@pytest.mark.parametrize(("rule", "source"), KEPT, ids=name_of_case)
def test_a_rule_lets_pass(rule: Rule, source: str) -> None:
    assert list(rule("sign/__init__.py", source)) == []
