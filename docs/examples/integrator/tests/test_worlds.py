"""Worlds that many tests begin with, worlds that are the same each time, and worlds for coroutines."""

import pytest
from app.leases import Leases
from tests.conftest import connect
from tests.papers import a_pdf

from localsign import AsyncWorkspace, Workspace

pytestmark = pytest.mark.localsign(seed=7)


@pytest.fixture(scope="module")
def localsign_module_world(localsign_module_world: Workspace) -> Workspace:
    """Three leases, made once; each test has a copy."""
    leases = Leases(connect(localsign_module_world))
    for number in range(3):
        leases.send(f"A-{number}", a_pdf(), ["kari"])
    return localsign_module_world


def sessions(workspace: Workspace) -> list[str]:
    return sorted(one["id"] for one in workspace.http.sign.get("/signing-sessions").json()["data"])


@pytest.mark.parametrize("turn", [1, 2])
def test_a_copy_is_for_one_test_alone(localsign_module: Workspace, turn: int) -> None:
    first, *others = sessions(localsign_module)
    assert len(others) == 2
    localsign_module.http.sign.delete(f"/signing-sessions/{first}")
    assert sessions(localsign_module) == others


def test_a_seed_gives_the_same_ids(localsign: Workspace) -> None:
    with localsign.sandbox.workspace(seed=7) as twin:
        ids = {Leases(connect(one)).send("A-1", a_pdf(), ["kari"]).sessions[0] for one in (localsign, twin)}
    assert len(ids) == 1


def test_a_world_can_be_put_back(localsign: Workspace) -> None:
    before = localsign.snapshot()
    Leases(connect(localsign)).send("A-1", a_pdf(), ["kari"])
    assert len(sessions(localsign)) == 1
    before.restore()
    assert sessions(localsign) == []


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.mark.anyio
async def test_coroutines_have_worlds_as_well(localsign_async: AsyncWorkspace) -> None:
    answer = await localsign_async.http.sign.get("/signing-sessions")
    assert answer.status_code == 200
    assert (await localsign_async.journal.count(operation="sign.list_signing_sessions"))["count"] == 1
