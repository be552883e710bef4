"""How much a journal keeps, whose it is, and where there is none."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import Server, serve
from tests.control.reading_journal import entries, newest
from tests.world import World, refused

from localsign.asgi import create_app
from localsign.sandbox import Sandbox
from localsign.settings import Settings


@pytest.fixture(scope="module")
def short() -> Iterator[Server]:
    yield from serve(Settings(journal_entries=5))


@pytest.fixture(scope="module")
def light() -> Iterator[Server]:
    yield from serve(Settings(journal_bytes=512 * 1024))


def test_only_the_newest_are_kept(short: Server) -> None:
    world = short.world()
    for _ in range(10):
        world.api.get("/sign/signing-sessions")
    page = world.control("GET", "journal").json()
    assert (page["total"], page["last"]) == (5, 11)
    assert [entry["id"] for entry in page["entries"]] == [11, 10, 9, 8, 7]
    gone = refused(world.control("GET", "journal/1"), 404)
    assert "forgotten" in gone["detail"]
    world.close()


def test_the_memory_is_bounded_as_well(light: Server) -> None:
    world = light.world()
    workspace = light.sandbox.find(world.name)
    for _ in range(60):
        world.api.post(
            "/sign/signing-sessions", json=[world.a_session({"id": "x", "documents": []}, title="x" * 30_000)]
        )
        world.api.get("/sign/signing-sessions", headers={"X-Long": "y" * 30_000})
    assert workspace.journal.size <= 512 * 1024
    assert 3 < len(workspace.journal) < 30
    assert newest(world)["request"]["headers"]  # those before the long one
    world.close()


def test_a_journal_can_be_switched_off() -> None:
    for server in serve(Settings(journal_entries=0)):
        world = server.world()
        answer = refused(world.control("GET", "journal"), 409, code="journal_off")
        assert "LOCALSIGN_JOURNAL_ENTRIES" in answer["detail"]
        assert world.control("POST", "journal/wait", {}).status_code == 409
        world.close()


def test_several_processes_have_no_journal_and_no_metrics(tmp_path: Path) -> None:
    """Each would know only its own requests."""
    for server in serve(Settings(data_dir=tmp_path, workers=2)):
        world = server.world()
        for path in ("journal", "journal/count", "journal/har", "journal/curl", "journal/unmatched", "journal/1"):
            refused(world.control("GET", path), 409, code="journal_per_process")
        refused(world.anonymous.get("/_sandbox/metrics"), 409, code="metrics_per_process")
        assert len(server.sandbox.find(world.name).journal) == 0
        assert world.control("GET", "timers").status_code == 200
        world.close()


def test_a_copy_begins_with_an_empty_journal(server: Server, world: World) -> None:
    world.upload()
    copy = World(world.control("POST", f"workspaces/{world.name}/fork").json())
    assert {entry["operation"] for entry in entries(copy)} == {"platform.token"}  # its own log-in
    world.control("DELETE", f"workspaces/{copy.name}")
    copy.close()


def test_workspaces_do_not_see_each_other(server: Server, world: World) -> None:
    other = server.world()
    other.upload()
    assert entries(world, operation="upload_document") == []
    assert len(entries(other, operation="upload_document")) == 1
    world.control("DELETE", f"workspaces/{other.name}")
    other.close()


def test_a_journal_that_was_emptied_counts_on(server: Server, world: World) -> None:
    world.upload()
    journal = server.sandbox.find(world.name).journal
    last = journal.last
    journal.clear()
    assert entries(world) == []
    world.upload()
    assert [entry["id"] for entry in entries(world)] == [last + 1]


def test_an_answer_that_never_came_is_kept_without_one() -> None:
    """As when a fault cuts the connection: nothing is sent, and the request is over."""
    import anyio

    sandbox = Sandbox(Settings())
    app = create_app(sandbox)

    async def run() -> None:
        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: object) -> None:
            raise ConnectionError("the client is gone")

        scope = {
            "type": "http",
            "method": "GET",
            "path": "/sign/signing-sessions",
            "raw_path": b"/sign/signing-sessions",
            "query_string": b"",
            "headers": [],
            "scheme": "http",
            "http_version": "1.1",
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 8480),
        }
        await app(scope, receive, send)

    anyio.run(run)
    [entry] = sandbox.default.journal.entries()
    assert (entry.method, entry.path) == ("GET", "/sign/signing-sessions")
    sandbox.close()
