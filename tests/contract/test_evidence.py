"""The evidence files are the contract: what they list is routed, and what is routed they list."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import pytest
from fastapi.routing import APIRoute
from tests.conftest import Server
from tests.world import World, unknown_id

from localsign.apis import APIS, Entry
from localsign.control.added import added_by, whole
from localsign.control.api import API as CONTROL
from localsign.control.health import API as HEALTH
from localsign.core.api import Api
from localsign.core.evidence import Evidence, Mark, evidence_of
from localsign.resources import openapi_folder

CONTROLS = [CONTROL, HEALTH, *(added_by(entry) for entry in APIS if entry.control)]
NAMES = [*(entry.name for entry in APIS), "sandbox"]
ROWS = [(name, row) for name in NAMES for row in evidence_of(name).values()]


@dataclass(frozen=True)
class Operation:
    """A route as the evidence would list it."""

    name: str
    method: str
    path: str
    status: int


def routed(name: str) -> list[Operation]:
    """Every route of an API, the hidden ones included."""
    if name == "sandbox":
        return [one for manifest in CONTROLS for one in of_manifest(manifest)]
    [entry] = [entry for entry in APIS if entry.name == name]
    return list(of_manifest(entry.api))


def of_manifest(api: Api) -> Iterator[Operation]:
    for route in (route for router in api.routers for route in router.routes):
        if isinstance(route, APIRoute):
            for method in route.methods or ():
                yield Operation(str(route.operation_id), method, api.mount + route.path, route.status_code or 200)


def calls(name: str) -> Iterator[tuple[str, str, str]]:
    """Operation, method and path of every row, and of its aliases: `PUT`, or `PUT /another/path`."""
    for row in evidence_of(name).values():
        yield row.operation, row.method, row.path
        for alias in row.aliases:
            method, _, path = alias.partition(" ")
            yield row.operation, method, path or row.path


def anonymised(path: str) -> str:
    """A path whose parameters have lost their names, which only readers see."""
    return re.sub(r"{\w+}", "{}", path)


def concrete(path: str) -> str:
    """A path with ids that nothing has."""
    return re.sub(r"{\w+}", lambda found: "1" if found[0] == "{page}" else unknown_id(), path)


def case(value: object) -> str:
    return value.operation if isinstance(value, Evidence) else str(value)


@pytest.mark.parametrize("name", NAMES)
def test_every_row_is_routed_and_every_route_has_a_row(name: str) -> None:
    expected = {(*call, anonymised(path)) for *call, path in calls(name)}
    found = {(one.name, one.method, anonymised(one.path)) for one in routed(name)}
    assert found - expected == set(), "routes without evidence"
    assert expected - found == set(), "evidence without a route"


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_routed_once(name: str) -> None:
    calls = [(one.name, one.method, one.path) for one in routed(name)]
    assert sorted(calls) == sorted(set(calls))


@pytest.mark.parametrize("name", NAMES)
def test_routes_and_rows_agree_on_the_status_of_success(name: str) -> None:
    declared = {one.name: one.status for one in routed(name)}
    assert declared == {row.operation: row.status for row in evidence_of(name).values()}


@pytest.mark.parametrize("name", NAMES)
def test_the_document_has_the_paths_of_the_evidence(name: str) -> None:
    """Here the names of the parameters count."""
    manifests = [whole(), HEALTH] if name == "sandbox" else [entry.api for entry in APIS if entry.name == name]
    documented = {
        (operation["operationId"], method.upper(), manifest.mount + path)
        for manifest in manifests
        for path, item in manifest.build().openapi()["paths"].items()
        for method, operation in item.items()
    }
    shown = [row for row in evidence_of(name).values() if row.built and row.auth != "link"]
    assert documented == {(row.operation, row.method, row.path) for row in shown}


@pytest.mark.parametrize(("name", "row"), ROWS, ids=case)
def test_a_row_is_complete(name: str, row: Evidence) -> None:
    assert row.mark in get_args(Mark)
    assert (row.mark == "own") == (name == "sandbox")
    assert row.source.strip()
    assert row.auth in {"bearer", "client", "link", "none"}
    assert row.method in {"GET", "POST", "PUT", "PATCH", "DELETE"}
    assert row.status == 501 if not row.built else 200 <= row.status < 400


@pytest.fixture(scope="module")
def any_world(server: Server) -> Iterator[World]:
    """One workspace for all rows: nothing that these calls do matters to the next."""
    world = server.world()
    yield world
    world.close()


@pytest.mark.parametrize(("name", "row"), ROWS, ids=case)
def test_who_may_call_is_what_the_row_says(any_world: World, name: str, row: Evidence) -> None:
    """Called by nobody in particular: 401 where a bearer token is needed and nowhere else; 501 what is not built."""
    answer = any_world.anonymous.request(row.method, concrete(row.path))
    assert (answer.status_code == 501) == (not row.built)
    assert (answer.status_code == 401) == (row.built and row.auth == "bearer")
    assert answer.status_code != 405
    assert answer.status_code < 500 or not row.built
    assert answer.headers["x-sandbox-operation"] == f"{name}.{row.operation}; evidence={row.mark}"


def test_every_evidence_file_belongs_to_an_api() -> None:
    assert sorted(path.stem for path in (openapi_folder() / "evidence").glob("*.yaml")) == sorted(NAMES)


@pytest.mark.parametrize("entry", APIS, ids=lambda entry: entry.name)
def test_what_an_api_adds_to_the_control_plane_is_where_its_line_says(entry: Entry) -> None:
    if not entry.control:
        assert entry.api.control is None
        return
    paths = {operation.path.removeprefix("/_sandbox/v1") for operation in of_manifest(added_by(entry))}
    found = {path: [start for start in entry.control if f"{path}/".startswith(f"{start}/")] for path in paths}
    assert all(len(starts) == 1 for starts in found.values()), found
    assert {start for starts in found.values() for start in starts} == set(entry.control)
