"""No list and no read of any API shows anything of another workspace: every GET of every document is tried."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, permutations

import httpx
import pytest
from tests.conftest import Server
from tests.control.dumping import ids_in
from tests.mint.flows import Mint, step
from tests.signing_today.people import People
from tests.signing_today.transactions import Desk
from tests.world import World

from localsign import openapi, seeding

# What belongs to the installation, or is a place of the caller's own choosing.
SHARED = {
    "list_workspaces", "get_workspace", "get_openapi", "get_ca", "live", "ready", "list_machines", "list_fixtures",
    "get_seed_schema", "list_switches", "get_switch", "list_lags", "get_lag", "discovery", "jwks", "list_keys",
    "configurationGet",
}  # fmt: skip
ENDS_THE_LOGIN = {"logoutUser"}  # asked here, nothing after it would prove anything


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
    if "get" in item and item["get"]["operationId"] not in SHARED | ENDS_THE_LOGIN
]


class Caller:
    """Who asks every API of a world as somebody who may see all there is of it."""

    def __init__(self, server: Server, world: World) -> None:
        self.world = world
        self.people = People(world, server)

    def get(self, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
        if path.startswith("/api/"):
            return self.people.admin.get(f"{self.world.url}{path}", headers=headers or {})
        return self.world.api.get(path, headers=headers or {})

    def close(self) -> None:
        self.people.close()
        self.world.close()


def fill(server: Server, caller: Caller) -> None:
    """What has no seed yet: transactions of Signing Today, workflows and journeys of Mint."""
    desk = Desk(caller.people, caller.people.admin)
    desk.signed()
    desk.template()
    mint = Mint(caller.world)
    mint.run(step("wait", "SuspendWorkflow"), step("set"), name="only-here")
    caller.world.api.post("/mint/workflow-secrets", json={"name": "only-here", "value": "only-here"})


@pytest.fixture(scope="module")
def full(server: Server) -> Iterator[Caller]:
    """A world with all that the fixtures hold, so that an API that brings one is tried as well."""
    world = server.world()
    for name in seeding.fixtures():
        seeding.apply(server.sandbox, seeding.fixture(name), server.sandbox.find(world.name))
    world.control("POST", "snapshots", {"name": "only-here"})
    world.control("POST", "clients", {"client_id": "only-here"})
    world.control("POST", "faults", {"operation": "sign.get_archive_document", "status": 503, "after": 1000})
    caller = Caller(server, world)
    fill(server, caller)
    yield caller
    server.sandbox.delete(world.name)
    caller.close()


@pytest.fixture(scope="module")
def empty(server: Server) -> Iterator[Caller]:
    """Another world, whose clients have every permission."""
    caller = Caller(server, server.world())
    yield caller
    server.sandbox.delete(caller.world.name)
    caller.close()


def seen_in(answer: httpx.Response, secrets: set[str]) -> set[str]:
    return {one for one in secrets if one.encode() in answer.content}


@pytest.fixture(scope="module")
def secrets(server: Server, full: Caller, empty: Caller) -> set[str]:
    """What only the full world knows: its ids but those that every world begins with, its client, its names."""
    found = ids_in(server.sandbox.find(full.world.name)) - ids_in(server.sandbox.find(empty.world.name))
    assert len(found) > 10
    return {*found, "only-here", full.world.client["client_id"], full.world.client["client_secret"]}


@pytest.mark.parametrize("read", [one for one in READS if not one.parameters], ids=lambda one: one.name)
def test_a_list_shows_nothing_of_another_world(empty: Caller, secrets: set[str], read: Read) -> None:
    for headers in ({}, {"X-Sandbox-Workspace": empty.world.name}):
        assert seen_in(empty.get(read.path, headers=headers), secrets) == set()


@pytest.mark.parametrize("read", [one for one in READS if one.parameters], ids=lambda one: one.name)
def test_an_id_of_another_world_is_an_id_of_nothing(
    server: Server, full: Caller, empty: Caller, secrets: set[str], read: Read
) -> None:
    for path in read.paths(secrets):
        answer = empty.get(path)
        assert answer.status_code >= 400, f"{path}: {answer.text}"
        assert seen_in(answer, secrets) <= {known for known in secrets if known in path}  # what was asked for
    assert server.sandbox.find(full.world.name).is_open


def test_the_same_calls_do_show_a_world_its_own(full: Caller, secrets: set[str]) -> None:
    """What the tests above look for can be found: in lists, and by ids."""
    lists = {one.name for one in READS if not one.parameters and seen_in(full.get(one.path), secrets)}
    of_control = {"list_clients", "list_snapshots", "list_faults", "list_messages", "list_asked"}
    of_apis = {
        "list_signing_sessions",
        "list_shares",
        "list_subscriptions",
        "dSTsGET",
        "list_workflows",
        "list_journeys",
    }
    assert {*of_apis, "list_flows", "list_instances", *of_control} <= lists
    of_control = {"get_snapshot", "get_fault", "get_message"}
    of_apis = {"get_document", "get_document_info", "get_share", "get_subscription", "dSTIdGET", "get_journey"}
    wanted = {"get_signing_session", *of_apis, *of_control}
    by_id = {
        one.name
        for one in READS
        if one.name in wanted and any(full.get(one.of(known)).status_code == 200 for known in sorted(secrets))
    }
    assert by_id == wanted


def test_a_token_of_one_world_opens_no_other(full: Caller, empty: Caller) -> None:
    for read in READS:
        client = full.people.admin if read.path.startswith("/api/") else full.world.api
        bearer = {"Authorization": client.headers["Authorization"]}
        if not read.path.startswith("/_sandbox"):
            answer = empty.world.anonymous.get(read.of("11111111-2222-4333-8444-555555555555"), headers=bearer)
            assert answer.status_code in (401, 404, 400), read
