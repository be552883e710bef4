"""A workspace kept in a folder goes on where it stopped, and processes on one folder see the same."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import World, refused

from localsign.core import clock as clock_module
from localsign.settings import Settings


@contextmanager
def running(settings: Settings) -> Iterator[Server]:
    serving = serve(settings)
    yield next(serving)
    next(serving, None)


def opened(server: Server, name: str) -> World:
    """A workspace that is there already."""
    return World(httpx.get(f"{server.url}/_sandbox/v1/workspaces/{name}").json())


def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    with running(settings) as server:
        world = server.world("kept")
        world.lag("manual")
        now = world.freeze("2030-01-01T00:00:00Z")
        session = world.session()
        signed = world.sign(world.session())
        token = world.api.headers["Authorization"]
        client = world.client
        world.close()

    with running(settings) as server:
        listed = httpx.get(f"{server.url}/_sandbox/v1/workspaces").json()
        assert [one["name"] for one in listed] == ["default", "kept"]
        first = httpx.get(f"{server.url}/w/kept/_sandbox/v1/clock").json()
        assert (datetime.fromisoformat(first["now"]), first["is_frozen"]) == (now, True)
        old = httpx.get(f"{server.url}/sign/signing-sessions/{session['id']}", headers={"Authorization": token})
        assert old.status_code == 200, "the token from before finds its workspace"
        world = opened(server, "kept")
        assert world.client == client
        assert world.read(session)["lifecycle"]["state"] == "READY"
        assert world.read(signed)["lifecycle"]["state"] == "SIGNED"
        [signature] = world.read(signed)["output"]["signatures"]
        assert world.download(signature["resultDocumentId"])
        assert world.control("GET", "lags/packaging").json()["progression"] == "manual"
        assert world.sign(session)["lifecycle"]["state"] == "SIGNED"
        world.close()


def test_what_was_due_in_between_happens_before_the_first_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data_dir=tmp_path)
    with running(settings) as server:
        world = server.world("kept")
        document = world.upload()
        token = world.api.headers["Authorization"]
        world.close()

    later = clock_module.wall() + timedelta(minutes=31)
    monkeypatch.setattr(clock_module, "wall", lambda: later)
    with running(settings) as server:
        answer = httpx.get(f"{server.url}/w/kept/sign/documents/{document}", headers={"Authorization": token})
        refused(answer, 404)


def test_processes_on_one_folder_see_the_same(tmp_path: Path) -> None:
    """Two servers, as two of several workers."""
    settings = Settings(data_dir=tmp_path, workers=2)
    with running(settings) as one, running(settings) as other:
        here = one.world("shared")
        there = opened(other, "shared")
        session = here.session()
        assert there.read(session)["id"] == session["id"]

        here.freeze("2030-01-01T00:00:00Z")
        assert there.now() == "2030-01-01T00:00:00Z"
        document = there.upload()
        assert [one["subject"] for one in here.advance("PT31M")] == [document]
        assert there.now() == "2030-01-01T00:31:00Z"
        refused(there.api.get(f"/sign/documents/{document}"), 404)

        extra = here.control("POST", "clients", {"client_id": "extra"}).json()
        assert there.token(extra).status_code == 200
        here.control("POST", "reset")
        assert there.api.get("/sign/signing-sessions").json()["total"] == 0

        httpx.delete(f"{one.url}/_sandbox/v1/workspaces/shared")
        refused(there.api.get("/sign/signing-sessions"), 404, code="workspace_not_found")
        here.close()
        there.close()
