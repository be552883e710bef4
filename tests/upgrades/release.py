"""Keeps a small data folder of the localsign that is installed, for the tests of all later ones to open.

Run it once, right before a release: `python -m tests.upgrades.release`. It makes `tests/upgrades/<version>/` with
`data.tar.xz`, the folder as a server left it, and `expected.json`, what that server answered.
"""

import hashlib
import io
import json
import lzma
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.conftest import Server
from tests.mint.flows import Mint, flow, link, step
from tests.secure_share.sharing import Sender
from tests.signing_today.people import People
from tests.signing_today.transactions import Desk
from tests.world import Json, World, terms

HERE = Path(__file__).parent
NAME = "kept"
CONTROL = ("clock", "timers", "outbox", "webhooks/subscriptions", "webhooks/deliveries", "decisions", "faults")


@contextmanager
def served(folder: Path, **settings: str) -> Iterator[str]:
    """A server on `folder`, in a process of its own; its address. It must end well."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")}
    command = [sys.executable, "-m", "localsign", "serve", "--port", "0", "--json", "--data-dir", str(folder)]
    with subprocess.Popen(command, env=environment | settings, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the server did not start"
        try:
            yield json.loads(line)["url"]
        finally:
            process.send_signal(signal.SIGINT)
    assert process.returncode == 0


class Reader:
    """Whoever has the description of a workspace, and asks for what is in it."""

    def __init__(self, description: Json) -> None:
        self.world = World(description)
        nowhere: Any = SimpleNamespace(find=lambda _: None)
        self.server = Server(self.world.url, nowhere)
        self.people = People(self.world, self.server)

    def get(self, path: str) -> Any:
        """What a call answers: JSON, or the digest of bytes."""
        client = self.people.instructor if path.startswith("/api/") else self.world.api
        answer = client.get(f"{self.world.url}{path}")
        assert answer.status_code == 200, f"{path}: {answer.text}"
        if "json" in answer.headers.get("content-type", ""):
            return answer.json()
        return hashlib.sha256(answer.content).hexdigest()

    def close(self) -> None:
        self.people.close()
        self.world.close()


def loops() -> Json:
    """A workflow that waits in a list inside a list; what each turn gave is kept after it."""
    steps = [
        step("outer", "ForEach", items=[["a", None], [{"b": "c"}]]),
        step("check", "If", condition=True),
        step("inner", "For", items="{{ outer.CurrentValue }}"),
        step("pause", "SuspendWorkflow"),
        step(
            "take", "AddToListVariable", variableName="seen", value="{{ outer.CurrentIndex }}{{ inner.CurrentValue }}"
        ),
        step("keep", "StoreLoopStepData"),
        step("after"),
    ]
    around = [
        link("outer", "inner", "Iterate"),
        link("inner", "check", "Iterate"),
        link("check", "pause", "True"),
        link("outer", "after", "Done"),
    ]
    return flow(*steps, links=[*around, link("pause", "take"), link("take", "keep")])


def fill(reader: Reader) -> list[str]:
    """Make something of everything in a workspace; the paths to ask for."""
    world, mint, desk = reader.world, Mint(reader.world), Desk(reader.people)
    world.freeze("2030-01-01T00:00:00Z")
    hook = {"events": ["*"], "config": {"url": "http://127.0.0.1:9/hook", "secret": "made-up"}}
    assert world.control("POST", "webhooks/subscriptions", hook).status_code == 201
    assert world.control("POST", "decisions", {"action": "reject", "match": {"externalReference": "x"}}).is_success
    fault = {"operation": "sign.delete_signing_session", "status": 503}
    answer = world.control("POST", "faults", fault)
    assert answer.is_success, answer.text
    plain = world.upload(terms(), "text/plain")
    waiting, signed = world.session(world.collect(plain)), world.sign(world.session())
    sender = Sender(reader.server, world)
    share = sender.share()
    sender.upload(share)
    recipient = sender.invite(share)
    finished = mint.run(step("a", variables={"n": "1"}))
    suspended = mint.start(mint.create(flow(step("wait", "SuspendWorkflow"), step("after"))))
    looping = mint.start(mint.create(loops()), input={"correlationId": "Ærlig-7"})
    mint.resume(looping, "pause", {"said": "first"})
    open_dst, signed_dst = desk.published(), desk.signed()
    assert world.control("POST", "webhooks/deliver").is_success
    assert world.control("POST", "snapshots", {"name": "before"}).status_code == 201
    [signature] = signed["output"]["signatures"]
    return [
        f"/sign/signing-sessions/{waiting['id']}",
        f"/sign/signing-sessions/{signed['id']}",
        f"/sign/documents/{plain}",
        f"/sign/documents/{signature['resultDocumentId']}",
        f"/secure-share/shares/{share['id']}",
        f"/secure-share/shares/{share['id']}/recipients/{recipient['id']}",
        f"/mint/journeys/{finished['id']}",
        f"/mint/journeys/{suspended['journeyId']}",
        f"/mint/journeys/{looping['journeyId']}",
        f"/api/DST/{open_dst['id']}",
        f"/api/DST/{signed_dst['id']}",
        *(f"/_sandbox/v1/{one}" for one in CONTROL),
    ]


def main() -> None:
    from localsign.core.database import REVISION
    from localsign.version import VERSION

    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with served(folder) as url:
            reader = Reader(description := Server(url, None).world(NAME, seed="11").description)  # type: ignore[arg-type]
            paths = fill(reader)
            answers = {path: reader.get(path) for path in paths}
            reader.close()
        expected = {
            "version": VERSION,
            "revision": REVISION,
            "description": description,
            "url": url,
            "answers": answers,
        }
        target = HERE / VERSION
        target.mkdir(exist_ok=True)
        (target / "expected.json").write_text(
            json.dumps({**expected, "answers": answers}, indent=1, ensure_ascii=False) + "\n"
        )
        (target / "data.tar.xz").write_bytes(_packed(folder))
        print(f"{target}: {(target / 'data.tar.xz').stat().st_size} bytes")  # noqa: T201


def _packed(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("authority", "workspaces"):
            archive.add(folder / name, name, filter=_anonymous)
    return lzma.compress(packed.getvalue(), preset=9 | lzma.PRESET_EXTREME)


def _anonymous(one: tarfile.TarInfo) -> tarfile.TarInfo:
    one.uid = one.gid = 0
    one.uname = one.gname = ""
    one.mtime = 0
    return one


if __name__ == "__main__":
    main()
