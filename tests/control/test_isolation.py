"""No list and no read of any API shows anything of another workspace: every GET of every document is tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, permutations

import httpx
import pytest
from tests.conftest import Server
from tests.control.dumping import ids_in
from tests.world import World

from localsign import openapi, seeding

# What belongs to the installation, or is a place of the caller's own choosing.
SHARED = {
    "list_workspaces", "get_workspace", "get_openapi", "get_ca", "live", "ready", "list_machines", "list_fixtures",
    "get_seed_schema", "list_switches", "get_switch", "list_lags", "get_lag", "discovery", "jwks", "list_keys",
    "configurationGet",
}  # fmt: skip


MOST_PAIRS = 300


@dataclass(frozen=True)
class Read:
    """A GET of an API."""

    name: str
    path: str

    @property
    def parameters(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.path)

    def of(self, *values: str) -> str:
        """The path with these values; the last one also stands for all that follow."""
        rest = iter(values)
        return re.sub(r"{\w+}", lambda _: next(rest, values[-1]), self.path)

    def paths(self, values: set[str]) -> Iterator[str]:
        """The path with each value, and with many pairs of two where it has several parameters."""
        ordered = sorted(values)
        yield from (self.of(one) for one in ordered)
        if len(self.parameters) > 1:
            yield from (self.of(*pair) for pair in islice(permutations(ordered, 2), MOST_PAIRS))


READS = [
    Read(item["get"]["operationId"], path)
    for name in openapi.names()
    for path, item in openapi.document(name)["paths"].items()
    if "get" in item and item["get"]["operationId"] not in SHARED
]


@pytest.fixture(scope="module")
def full(server: Server) -> Iterator[World]:
    """A world with all that the fixtures hold, so that an API that brings one is tried as well."""
    world = server.world()
    for name in seeding.fixtures():
        seeding.apply(server.sandbox, seeding.fixture(name), server.sandbox.find(world.name))
    world.control("POST", "snapshots", {"name": "only-here"})
    world.control("POST", "clients", {"client_id": "only-here"})
    world.control("POST", "faults", {"operation": "sign.get_archive_document", "status": 503, "after": 1000})
    yield world
    server.sandbox.delete(world.name)
    world.close()


@pytest.fixture(scope="module")
def empty(server: Server) -> Iterator[World]:
    """Another world, whose clients have every permission."""
    world = server.world()
    yield world
    server.sandbox.delete(world.name)
    world.close()


def seen_in(answer: httpx.Response, secrets: set[str]) -> set[str]:
    return {one for one in secrets if one.encode() in answer.content}


@pytest.fixture(scope="module")
def secrets(server: Server, full: World, empty: World) -> set[str]:
    """What only the full world knows: its ids but those that every world begins with, its client, its names."""
    found = ids_in(server.sandbox.find(full.name)) - ids_in(server.sandbox.find(empty.name))
    assert len(found) > 10
    return {*found, "only-here", full.client["client_id"], full.client["client_secret"]}


@pytest.mark.parametrize("read", [one for one in READS if not one.parameters], ids=lambda one: one.name)
def test_a_list_shows_nothing_of_another_world(empty: World, secrets: set[str], read: Read) -> None:
    for headers in ({}, {"X-Sandbox-Workspace": empty.name}):
        assert seen_in(empty.api.get(read.path, headers=headers), secrets) == set()


@pytest.mark.parametrize("read", [one for one in READS if one.parameters], ids=lambda one: one.name)
def test_an_id_of_another_world_is_an_id_of_nothing(
    server: Server, full: World, empty: World, secrets: set[str], read: Read
) -> None:
    for path in read.paths(secrets):
        answer = empty.api.get(path)
        assert answer.status_code >= 400, f"{path}: {answer.text}"
        assert seen_in(answer, secrets) <= {known for known in secrets if known in path}  # what was asked for
    assert server.sandbox.find(full.name).is_open


def test_the_same_calls_do_show_a_world_its_own(full: World, secrets: set[str]) -> None:
    """What the tests above look for can be found: in lists, and by ids."""
    lists = {one.name for one in READS if not one.parameters and seen_in(full.api.get(one.path), secrets)}
    of_control = {"list_clients", "list_snapshots", "list_faults", "list_messages", "list_asked"}
    assert {"list_signing_sessions", "list_shares", "list_subscriptions", *of_control} <= lists
    by_id = {
        one.name
        for one in READS
        if one.parameters and any(full.api.get(one.of(known)).status_code == 200 for known in sorted(secrets))
    }
    of_control = {"get_snapshot", "get_fault", "get_message"}
    of_apis = {"get_document", "get_document_info", "get_share", "get_subscription"}
    assert {"get_signing_session", *of_apis, *of_control} <= by_id


def test_a_token_of_one_world_opens_no_other(full: World, empty: World) -> None:
    bearer = {"Authorization": full.api.headers["Authorization"]}
    for read in READS:
        if not read.path.startswith("/_sandbox"):
            answer = empty.anonymous.get(read.of("11111111-2222-4333-8444-555555555555"), headers=bearer)
            assert answer.status_code in (401, 404, 400), read
