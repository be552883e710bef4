"""The traps that a spike fell into, each kept from coming back.

Rows 4 to 9, 11 and 12 of the list are kept elsewhere: races in tests/sign, worlds made at once in test_workspace,
typed states in test_database, dialects and documents in tests/contract, names and imports in tests/house.
"""

import ast
import asyncio
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from json import loads
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from sqlmodel import func, select
from tests.conftest import Server, serve

from localsign.core.tables import Choice
from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.signicat.models import clients
from localsign.workspace import Workspace

APP = Path(__file__).parents[2] / "app" / "localsign"
CONNECTIONS = 150
LOOPS = 8


# ---- 1: a dependency with the default scope ends after the answer is sent


@pytest.fixture
def in_files(tmp_path: Path) -> Iterator[Server]:
    yield from serve(Settings(data_dir=tmp_path))


def test_what_was_answered_is_committed(in_files: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another reader of the file sees a change as soon as its author has the answer, however slow the commit is."""
    commit = Workspace._commit

    def commit_slowly(self: Workspace, *args: Any) -> None:
        time.sleep(0.1)
        commit(self, *args)

    world = in_files.world("watched")
    reader = sqlite3.connect(tmp_path / "workspaces" / "watched" / "world.db")
    monkeypatch.setattr(Workspace, "_commit", commit_slowly)
    for number in range(3):
        world.lag(f"reads:{number + 1}")
        assert reader.execute("SELECT value FROM choice").fetchall() == [(f"reads:{number + 1}",)]
        document_id = world.upload(f"text {number}".encode(), "text/plain")
        stored = reader.execute("SELECT count(*) FROM document WHERE id = ?", [document_id.replace("-", "")])
        assert stored.fetchone() == (1,)
    reader.close()
    world.close()


# ---- 2: waiting requests must not hold what the one in its turn needs


async def _many(url: str, headers: dict[str, str]) -> list[int]:
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, timeout=60, verify=False) as client:

        async def write_and_read(number: int) -> list[int]:
            written = await client.put("/_sandbox/v1/lags/packaging", json={"progression": f"reads:{number + 1}"})
            read = await client.get("/sign/signing-sessions")
            return [written.status_code, read.status_code]

        answers = await asyncio.gather(*(write_and_read(number) for number in range(CONNECTIONS)))
    return [status for pair in answers for status in pair]


def test_many_connections_at_once_are_all_served(in_files: Server) -> None:
    world = in_files.world()
    statuses = asyncio.run(_many(world.url, {"Authorization": world.api.headers["Authorization"]}))
    assert statuses == [200] * (2 * CONNECTIONS)
    world.close()


# ---- 3: several event loops on one workspace


async def _write(workspace: Workspace, count: int) -> None:
    async def one() -> None:
        await workspace.turn()
        with workspace.held() as work:
            found = work.db.get(Choice, "count") or Choice(name="count", value="0")
            found.value = str(int(found.value) + 1)
            work.db.add(found)

    await asyncio.gather(*(one() for _ in range(count)))


def test_several_event_loops_and_threads_share_a_workspace(tmp_path: Path) -> None:
    for settings in (Settings(), Settings(data_dir=tmp_path)):
        sandbox = Sandbox(settings)
        workspace = sandbox.default

        def block(workspace: Workspace = workspace) -> None:
            for _ in range(30):
                with workspace.work() as work:
                    found = work.db.get(Choice, "count") or Choice(name="count", value="0")
                    found.value = str(int(found.value) + 1)
                    work.db.add(found)

        loops = [Thread(target=asyncio.run, args=[_write(workspace, 60)], daemon=True) for _ in range(LOOPS)]
        threads = [*loops, Thread(target=block, daemon=True), Thread(target=block, daemon=True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "the loops wait for one another"
        with workspace.work() as work:
            assert work.db.get_one(Choice, "count").value == str(60 * LOOPS + 60)
        sandbox.close()


# ---- 6: a forgotten connection would block everybody


def test_only_the_workspace_opens_transactions() -> None:
    """Verbs are given a Work; nobody else opens a session, a connection or an engine."""
    makers = {"Session", "RowSession", "Work", "create_engine", "sqlite3.connect", "adopt", "begin"}
    allowed = {"transactions.py", "core/database.py", "core/work.py"}
    # Of databases that are no world's yet, or no longer: a beginning that is made aside, and snapshots.
    allowed |= {"beginning.py", "snapshots/checks.py", "snapshots/comparing.py", "snapshots/store.py"}
    allowed |= {
        "storage.py",
        "upgrades/upgrading.py",
        "snapshots/older.py",
    }  # a witness that writes nothing; and copies of older worlds
    found = [
        f"{path.relative_to(APP)}:{node.lineno}: {ast.unparse(node.func)}"
        for path in sorted(APP.rglob("*.py"))
        if path.relative_to(APP).as_posix() not in allowed
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        if {ast.unparse(node.func), ast.unparse(node.func).rpartition(".")[2]} & makers
    ]
    assert found == []


# ---- a process that dies


class Died:
    """A server of its own process, which is killed in the middle of its work."""

    def __init__(self, folder: Path) -> None:
        command = [sys.executable, "-m", "localsign", "serve", "--port", "0", "--json", "--data-dir", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        self.url: str = loads(self.process.stdout.readline())["url"]
        self.answered: list[str] = []
        self.is_warm = Event()

    def write_until_it_dies(self) -> None:
        with httpx.Client(base_url=self.url, verify=False) as client:
            while True:
                wanted = f"client-{len(self.answered)}"
                try:
                    answer = client.post("/_sandbox/v1/clients", json={"client_id": wanted})
                except httpx.TransportError:
                    return
                assert answer.status_code == 201
                self.answered.append(wanted)
                if len(self.answered) == 50:
                    self.is_warm.set()

    def die(self) -> None:
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout
        self.process.stdout.close()


def test_what_was_answered_outlives_a_kill(tmp_path: Path) -> None:
    server = Died(tmp_path)
    writer = Thread(target=server.write_until_it_dies, daemon=True)
    writer.start()
    assert server.is_warm.wait(60)
    server.die()
    writer.join(30)

    reader = sqlite3.connect(tmp_path / "workspaces" / "default" / "world.db")
    assert reader.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    reader.close()
    sandbox = Sandbox(Settings(data_dir=tmp_path))
    with sandbox.default.work() as work:
        kept = [one.client_id for one in clients(work)]
        assert kept[0] == "localsign"
        # The last one may have been committed without its answer getting out.
        assert kept[1 : len(server.answered) + 1] == server.answered
        assert len(kept) - 1 <= len(server.answered) + 1
        assert work.db.exec(select(func.count()).select_from(Choice)).one() == 0
    sandbox.close()
