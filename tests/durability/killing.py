"""Rounds of load that end with a kill, and the look afterwards at everything that was acknowledged."""

import hashlib
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from json import loads
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any

import httpx
from tests.durability.actors import ACTORS, Actor, WrongError

_SERVE = [sys.executable, "-m", "localsign", "serve", "--json"]
_CHANCE = secrets.SystemRandom()


class Ear:
    """A receiver of webhooks that outlives the server; it is slow at times, so that kills meet what is on its way."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                sleep(_CHANCE.choice((0, 0, 0.05)))
                ear.bodies.append(body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: Any) -> None:  # a caller that was killed
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=lambda: self._server.serve_forever(0.01), daemon=True).start()

    def has_heard(self, what: str) -> bool:
        return any(what.encode() in one for one in self.bodies)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class Run:
    """Kills of a server on one folder."""

    folder: Path
    longest: float = 1.5  # seconds of load before a kill
    workers: int = 1
    kills: int = 0
    kills_at_start: int = 0
    looks: int = 0
    failures: list[str] = field(default_factory=list)
    acts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.ear = Ear()
        self.actors = [actor(number, self.ear.url, self.ear.has_heard) for number, actor in enumerate(ACTORS)]
        self.pid = 0
        self._process: subprocess.Popen[str] | None = None
        self._lines: IO[str] | None = None
        kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")}
        ours = {"LOCALSIGN_DATA_DIR": str(self.folder), "LOCALSIGN_PORT": "0", "LOCALSIGN_WORKERS": str(self.workers)}
        self._environment = kept | ours
        with (self.folder.parent / "server.log").open("a") as log:
            self._nursery = subprocess.Popen(
                [sys.executable, "-m", "tests.durability.nursery"],
                env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            )  # fmt: skip

    # ---- the server

    def _spawn(self, *, fresh: bool) -> None:
        """A server: a child of the nursery, which has imported everything, or a process from nothing."""
        self.pid = 0
        if fresh:
            command = [*_SERVE, "--data-dir", str(self.folder)]
            with (self.folder.parent / "server.log").open("a") as log:
                self._process = subprocess.Popen(
                    command,
                    env=self._environment,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    text=True,
                    start_new_session=True,
                )
            self.pid, self._lines = self._process.pid, self._process.stdout
        else:
            assert self._nursery.stdin is not None
            assert self._nursery.stdout is not None
            self._process, self._lines = None, self._nursery.stdout
            self._nursery.stdin.write("serve\n")
            self._nursery.stdin.flush()
            self.pid = int(self._lines.readline())

    def start(self, *, fresh: bool = False) -> str:
        """The address of a server that is ready."""
        self._spawn(fresh=fresh or self.workers > 1)
        assert self._lines is not None
        line = self._lines.readline()
        assert line.startswith("{"), f"the server did not start: {line} see server.log"
        return str(loads(line)["url"])

    def kill(self) -> None:
        """SIGKILL, workers included: nothing of the process gets to do anything."""
        os.killpg(self.pid, signal.SIGKILL)
        self._reap()

    def stop(self) -> int:
        """Ask it to end; its exit code."""
        os.kill(self.pid, signal.SIGINT)
        return self._reap()

    def _reap(self) -> int:
        self.pid = 0
        if self._process is not None:
            assert self._process.stdout is not None
            self._process.stdout.close()
            return self._process.wait(60)
        assert self._nursery.stdin is not None
        assert self._lines is not None
        self._nursery.stdin.write("wait\n")
        self._nursery.stdin.flush()
        while not (line := self._lines.readline()).startswith("ended"):
            assert line, "the nursery is gone: see server.log"
        return int(line.split()[1])

    # ---- a round

    def round(self) -> None:
        """Start, look at everything, let all work, kill. Now and then the kill comes while it starts."""
        if self.kills and _CHANCE.random() < 0.1:
            self._spawn(fresh=self.workers > 1)
            sleep(_CHANCE.uniform(0.0, 1.0))
            self.kill()
            self.kills_at_start += 1
        url = self.start()
        self.look(url)
        threads = [threading.Thread(target=self._work, args=(one, url), daemon=True) for one in self.actors]
        for thread in threads:
            thread.start()
        sleep(_CHANCE.uniform(0.05, self.longest))
        self.kill()
        self.kills += 1
        for thread in threads:
            thread.join(60)

    def _work(self, actor: Actor, url: str) -> None:
        before = actor.done
        try:
            actor.begin(url)
            while actor.world is not None:
                actor.act(actor.world)
        except httpx.TransportError:  # killed
            pass
        except Exception as error:
            self.failures.append(f"{type(actor).__name__} {actor.name}: {type(error).__name__}: {error}")
        finally:
            self.acts[type(actor).__name__] += actor.done - before

    def look(self, url: str) -> None:
        """Compare what is there with what was acknowledged, over HTTP and on the disk."""
        for actor in self.actors:
            try:
                actor.reopen(url)
                self.looks += len(actor.facts)
                if actor.world is not None:
                    look_at(self.folder / "workspaces" / actor.name)
            except (WrongError, httpx.HTTPError) as error:
                self.failures.append(f"after kill {self.kills}: {error}")
                actor.leave()
                actor.facts, actor.name = {}, ""

    def close(self) -> None:
        self.ear.close()
        self._nursery.communicate(timeout=60)
        for actor in self.actors:
            actor.leave()


def look_at(folder: Path) -> None:
    """Look at a workspace that is open and in which nothing is under way: its database is whole, its bytes are all."""
    with closing(sqlite3.connect(f"file:{folder / 'world.db'}?mode=ro", uri=True, timeout=10)) as raw:
        if raw.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise WrongError(f"{folder.name}: the database is damaged")
        if broken := raw.execute("PRAGMA foreign_key_check").fetchone():
            raise WrongError(f"{folder.name}: {broken}")
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        held: set[str] = set()
        for table in tables:
            if any(one[1] == "digest" for one in raw.execute(f"PRAGMA table_info('{table}')")):
                held |= {one for (one,) in raw.execute(f"SELECT digest FROM '{table}' WHERE digest IS NOT NULL")}
    files = {path.name: path for path in folder.glob("blobs/??/*")}
    if held - files.keys():
        raise WrongError(f"{folder.name}: bytes of rows are missing: {sorted(held - files.keys())}")
    if files.keys() - held or list(folder.glob("blobs/arriving-*")):
        raise WrongError(f"{folder.name}: bytes of nobody: {sorted(files.keys() - held)}")
    for digest, path in files.items():
        if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise WrongError(f"{folder.name}: {digest} has other bytes")
    if left := [*folder.glob("snapshots/.*"), *folder.glob("upgrading-*")]:
        raise WrongError(f"{folder.name}: {left}")


@contextmanager
def killing(folder: Path, **more: Any) -> Iterator[Run]:
    """A run whose server is gone in the end."""
    folder.mkdir(exist_ok=True)
    run = Run(folder, **more)
    try:
        yield run
    finally:
        if run.pid:
            run.kill()
        run.close()


def perform(folder: Path, kills: int, tell: Any = print, **more: Any) -> Run:
    """So many rounds, and a last look; `tell` hears how it goes."""
    began = monotonic()
    with killing(folder, **more) as run:
        told = 0
        while run.kills < kills:
            run.round()
            for one in run.failures[told:]:
                tell(one)
            told = len(run.failures)
            if run.kills % 10 == 0:
                tell(f"{run.kills} kills, {run.looks} facts looked at, {told} failures, {monotonic() - began:.0f} s")
        run.look(run.start(fresh=True))
        if code := run.stop():
            run.failures.append(f"the last server ended with {code}")
    return run
