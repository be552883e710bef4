"""The surface: all that a client of the emulated APIs can meet."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world import Json, World

from localsign.apis import APIS, Entry
from localsign.core import errors
from localsign.core.evidence import evidence_of

APP = Path(__file__).parents[2] / "app"
OF_OURS = {"control.py", "pages.py", "commands.py", "seeds.py", "samples.py", "founding.py"}  # no client meets these
OF_CONTROL = {"client_exists", "account_exists"}  # calls of the control plane
ANY = {"unsupported_media_type", "payload_too_large", "method_not_allowed", "not_implemented", "internal_server_error"}


@pytest.fixture
def surface(world: World) -> Json:
    return dict(world.control("GET", "surface").json())


def of(surface: Json, kind: str, api: str) -> list[Json]:
    return [one for one in surface[kind] if one["api"] == api]


def test_it_has_what_is_emulated_of_every_vendor(surface: Json) -> None:
    assert {one["api"] for one in surface["operations"]} == {entry.name for entry in APIS}
    for entry in APIS:
        told = {one["operation"] for one in of(surface, "operations", entry.name)}
        rows = evidence_of(entry.name)
        assert told <= {f"{entry.name}.{name}" for name in rows}
        assert not [name for name, row in rows.items() if not row.built and f"{entry.name}.{name}" in told]


def test_pages_for_people_are_no_operations(surface: Json) -> None:
    assert "sign.create_document_collection" in {one["operation"] for one in surface["operations"]}
    assert not [one for one in surface["operations"] if "page" in one["operation"].split("_")]


def test_machines_events_and_timers(surface: Json) -> None:
    assert {"api": "sign", "machine": "signing session", "state": "SIGNED"} in surface["states"]
    row = {"machine": "signing session", "event": "sign", "source": "READY", "target": "SIGNED"}
    assert {"api": "sign", **row} in surface["transitions"]
    assert {"api": "sign", "event": "signing-session.completed"} in surface["events"]
    assert {"api": "secure-share", "kind": "secure-share.expire"} in surface["timers"]


@pytest.mark.parametrize("entry", APIS, ids=lambda entry: entry.name)
def test_refusals_are_those_that_the_code_raises(surface: Json, entry: Entry) -> None:
    """Every code that is written in the package of an API is told, and nothing that is not."""
    told = {one["code"] for one in of(surface, "refusals", entry.name)}
    raised = set(_raised(entry))
    assert raised - ANY - OF_CONTROL <= told
    assert set(entry.api.refusals) <= raised


def _raised(entry: Entry) -> Iterator[str]:
    known = {kind.__name__: kind for kind in _kinds(errors.ApiError)}
    for file in APP.joinpath(*entry.package.split(".")).rglob("*.py"):
        if file.name in OF_OURS:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and (name := _name(node.func)) in known:
                written = [word.value for word in node.keywords if word.arg == "code"]
                if not written and name == "ApiError":
                    continue
                if not written and name == "OAuthError" and isinstance(node.args[0], ast.Constant):
                    yield str(node.args[0].value)
                elif not written:
                    yield known[name].code
                yield from (str(value.value) for value in written if isinstance(value, ast.Constant))


def _name(function: ast.expr) -> str:
    """`BadInputError` of `BadInputError(…)` and of `BadInputError.of(…)`."""
    if isinstance(function, ast.Attribute):
        function = function.value
    if isinstance(function, ast.Call) and ast.unparse(function) == "super()":
        return "ApiError"  # what a kind of error gives to the one above it
    return function.id if isinstance(function, ast.Name) else ""


def _kinds(kind: type[errors.ApiError]) -> Iterator[type[errors.ApiError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _kinds(below)
