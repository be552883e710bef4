"""House rules of routes and dependencies: named, asynchronous, with a declared answer."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE_ROOT = ROOT / "app"
VERBS = {"get", "post", "put", "patch", "delete", "head", "options", "trace", "api_route"}

Function = ast.FunctionDef | ast.AsyncFunctionDef
Modules = dict[str, ast.Module]  # by dotted name
Found = Iterator[tuple[str, int, str]]  # module, line, why


@cache
def product() -> Modules:
    return {
        ".".join(path.relative_to(SOURCE_ROOT).with_suffix("").parts): ast.parse(path.read_text())
        for path in sorted(SOURCE_ROOT.rglob("*.py"))
    }


def is_route(call: ast.AST) -> bool:
    """`router.get("/path", ...)`, which no ordinary decorator looks like."""
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in VERBS):
        return False
    first = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
    return isinstance(first, ast.Constant | ast.JoinedStr | ast.Name | ast.Attribute | ast.BinOp)


def routes(modules: Modules) -> Iterator[tuple[str, Function, ast.Call]]:
    for name, tree in modules.items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                for decorator in node.decorator_list:
                    if isinstance(decorator, ast.Call) and is_route(decorator):
                        yield name, node, decorator


def routes_have_an_operation_id(modules: Modules) -> Found:
    for module, function, decorator in routes(modules):
        if "operation_id" not in {keyword.arg for keyword in decorator.keywords}:
            yield (
                module,
                decorator.lineno,
                f"{function.name} needs operation_id: evidence and headers name it",
            )
    for module, tree in modules.items():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in calls:
            added = ast.unparse(call.func).endswith(".add_api_route")
            if added and "operation_id" not in {keyword.arg for keyword in call.keywords}:
                yield module, call.lineno, "add_api_route needs operation_id"


def routes_are_asynchronous(modules: Modules) -> Found:
    for module, function, _ in routes(modules):
        if isinstance(function, ast.FunctionDef):
            yield module, function.lineno, f"{function.name} must be async def: a def route runs in a thread"


def answers_are_declared(modules: Modules) -> Found:
    for module, function, decorator in routes(modules):
        declared = [function.returns, *(k.value for k in decorator.keywords if k.arg == "response_model")]
        for annotation in filter(None, declared):
            named = {node.id for node in ast.walk(annotation) if isinstance(node, ast.Name)}
            if named & {"dict", "Dict", "Mapping", "Any"}:
                yield (
                    module,
                    annotation.lineno,
                    f"{function.name} answers {ast.unparse(annotation)}: write a schema",
                )


def find(modules: Modules, module: str, wanted: ast.expr) -> ast.AST | None:
    """The function or class of ours that `wanted` names in `module`; None for another package's."""
    imported = {
        (alias.asname or alias.name): f"{node.module}.{alias.name}"
        for node in ast.walk(modules[module])
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    if isinstance(wanted, ast.Attribute) and isinstance(wanted.value, ast.Name):
        home, name = imported.get(wanted.value.id, ""), wanted.attr
    elif isinstance(wanted, ast.Name):
        home, name = imported.get(wanted.id, f"{module}.{wanted.id}").rpartition(".")[::2]
    else:
        return None
    defined = ast.walk(modules[home]) if home in modules else iter(())
    return next((node for node in defined if isinstance(node, Function | ast.ClassDef) and node.name == name), None)


def runs_in_a_thread(target: ast.AST | None, *, called: bool) -> bool:
    """Whether FastAPI uses its thread pool for it; `called` when `Depends` gets what it returns."""
    if isinstance(target, ast.ClassDef):
        calls = [node for node in target.body if isinstance(node, Function) and node.name == "__call__"]
        return not called or not all(isinstance(node, ast.AsyncFunctionDef) for node in calls)
    if isinstance(target, Function) and called:
        return any(isinstance(node, ast.FunctionDef) for node in target.body)
    return isinstance(target, ast.FunctionDef)


def dependencies_are_asynchronous(modules: Modules) -> Found:
    why = "a dependency must be async def: any other runs in a thread, outside the transaction's turn"
    for module, tree in modules.items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"Depends", "Security"}):
                continue
            given = node.args[0] if node.args else None
            factory = isinstance(given, ast.Call)
            named = given.func if isinstance(given, ast.Call) else given
            target = find(modules, module, named) if named else None
            if given is None or isinstance(given, ast.Lambda) or runs_in_a_thread(target, called=factory):
                yield module, node.lineno, why


RULES = [
    routes_have_an_operation_id,
    routes_are_asynchronous,
    answers_are_declared,
    dependencies_are_asynchronous,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_product_keeps(rule: type) -> None:
    assert [f"{module}:{line}: {why}" for module, line, why in rule(product())] == []


BROKEN = [
    '@router.get("/x")\nasync def one() -> Thing: ...',
    'router.add_api_route("/x", one)',
    '@router.post("/x", operation_id="x")\ndef one() -> Thing: ...',
    '@router.get("/x", operation_id="x")\nasync def one() -> dict[str, int]: ...',
    '@router.get("/x", operation_id="x")\nasync def one() -> list[dict]: ...',
    '@router.get("/x", operation_id="x", response_model=dict)\nasync def one() -> Thing: ...',
    "def work(): ...\nA = Annotated[int, Depends(work)]",
    "from localsign.auth import work\nA = Annotated[int, Depends(work, scope='function')]",
    "from localsign import auth\nA = Annotated[int, Security(auth.work)]",
    "class Query: ...\nA = Annotated[int, Depends(Query)]",
    "A = Annotated[Query, Depends()]",
    "class Require:\n  def __call__(self): ...\nA = Annotated[int, Depends(Require('x'))]",
    "def require(x):\n  def check(): ...\n  return check\nA = Annotated[int, Depends(require('x'))]",
]

KEPT = [
    '@router.get("/x", operation_id="x")\n@router.get("/y", operation_id="y")\nasync def one() -> Thing: ...',
    "async def work(): ...\nA = Annotated[int, Depends(work, scope='function')]",
    "class Require:\n  async def __call__(self): ...\nA = Annotated[int, Depends(Require('x'))]",
    "def require(x):\n  async def check(): ...\n  return check\nA = Annotated[int, Depends(require('x'))]",
    "from fastapi.security import HTTPBearer\nA = Annotated[int, Depends(HTTPBearer())]",
    "@pytest.fixture()\ndef one(): ...\n@cache.get()\ndef two(): ...",
]


def broken(source: str) -> list[str]:
    modules = {"localsign.auth": ast.parse("def work(): ..."), "localsign.x": ast.parse(source)}
    return [why for rule in RULES for _, _, why in rule(modules)]


@pytest.mark.parametrize("source", BROKEN)
def test_a_rule_notices(source: str) -> None:
    assert broken(source) != []


@pytest.mark.parametrize("source", KEPT)
def test_a_rule_lets_pass(source: str) -> None:
    assert broken(source) == []
