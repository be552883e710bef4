"""Who uses a server that may be killed at any moment, and knows afterwards what has to be there.

An actor has a workspace to itself and does one thing after the other, so that at a kill one thing at most is in doubt.
A fact is a key and the values that reading it may give: one value, or two while it is being changed.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, sleep
from types import SimpleNamespace
from typing import Any

import httpx
from tests.conftest import Server
from tests.mint.flows import Mint, flow, id_of, step
from tests.secure_share.sharing import Sender, a_file
from tests.signing_today.people import People
from tests.signing_today.transactions import Desk
from tests.world import NO_TLS, Json, World

Key = tuple[str, str]
_MOST_FACTS = 60
_ROUNDS = 12  # that a workspace lives
_PATIENCE = 30.0  # seconds in which what was under way at a kill must have come to its end
GONE = None


class WrongError(AssertionError):
    """Something that was acknowledged is not there, or something is there in part."""


@dataclass
class Actor:
    """Somebody with a workspace, which `begin` makes."""

    number: int
    hook: str
    heard: Callable[[str], bool]
    facts: dict[Key, list[Any]] = field(default_factory=dict)
    world: World | None = None
    name: str = ""
    age: int = 0
    done: int = 0
    is_frozen = False

    # ---- doing and knowing

    @contextmanager
    def changing(self, key: Key, value: Any) -> Iterator[None]:
        """Within, a fact is on its way to `value`; it has got there when nothing is raised."""
        self.facts[key] = [*self.facts.get(key, [GONE]), value]
        yield
        self.facts.pop(key)  # the newest are last
        self.facts[key] = [value]
        self.done += 1
        if len(self.facts) > _MOST_FACTS:
            oldest = next(one for one in self.facts if one[0] not in ("workspace", "count", "clock"))
            del self.facts[oldest]

    def counting(self, what: str) -> Any:
        """Within, there is one more of something."""
        [now] = self.facts.get(("count", what), [0])
        self.facts.setdefault(("count", what), [0])
        return self.changing(("count", what), now + 1)

    def begin(self, url: str) -> None:
        """Use the workspace that is there, or make a new one."""
        self.age += 1
        if self.world is not None and self.age > _ROUNDS:
            with self.changing(("workspace", self.name), GONE):
                assert httpx.delete(f"{url}/_sandbox/v1/workspaces/{self.name}", verify=NO_TLS).status_code == 204
            self.leave()
        if self.world is None:
            self.facts, self.age = {}, 0
            self.name = f"a{self.number}-{secrets.token_hex(4)}"
            with self.changing(("workspace", self.name), True):
                self.world = server_at(url).world(self.name)
            self.arrange(self.world)
        if self.is_frozen and ("clock", "") not in self.facts:
            self.world.freeze("2030-01-01T00:00:00Z")
            self.facts["clock", ""] = ["2030-01-01T00:00:00Z"]

    def arrange(self, world: World) -> None:
        """What a new workspace needs."""

    def leave(self) -> None:
        """Let go of the workspace."""
        if self.world is not None:
            self.world.close()
            self.world = None

    def act(self, world: World) -> None:
        """Do something."""
        raise NotImplementedError

    # ---- looking

    def reopen(self, url: str) -> None:
        """Look at everything after a restart; WrongError where it is not as it must be."""
        if not self.name:
            return
        answer = httpx.get(f"{url}/_sandbox/v1/workspaces/{self.name}", verify=NO_TLS, timeout=60)
        there = True if answer.status_code == 200 else GONE
        self._expect(("workspace", self.name), there)
        if there is GONE:
            self.leave()
            self.facts = {}
            return
        self.leave()
        self.world = World(answer.json())
        for key in list(self.facts):
            if key[0] != "workspace":
                self._expect(key, self._settled(self.world, key))
        self.look_on(self.world)

    def _settled(self, world: World, key: Key) -> Any:
        latest = monotonic() + _PATIENCE
        while (found := self.read(world, key)) not in self.facts[key] and self.is_under_way(found):
            if monotonic() > latest:
                break
            sleep(0.05)
        return found

    def _expect(self, key: Key, found: Any) -> None:
        allowed = self.facts.get(key, [GONE])
        if found not in allowed:
            raise WrongError(f"{type(self).__name__} {self.name}: {key} is {found!r}, and not one of {allowed!r}")
        if key in self.facts:
            self.facts[key] = [found]

    def is_under_way(self, found: Any) -> bool:
        """Whether what was found will become something else by itself."""
        return False

    def look_on(self, world: World) -> None:
        """Look at what is no single fact."""

    def read(self, world: World, key: Key) -> Any:
        """What is true of a fact."""
        kind, subject = key
        if kind == "clock":
            return world.now()
        if kind == "document":
            return digest_of(world.api.get(f"/sign/documents/{subject}"))
        if kind == "session":
            return session_of(world, subject)
        if kind == "count":
            return int(good(world.api.get(f"/{subject}?limit=1")).json()["total"])
        raise NotImplementedError(kind)


def server_at(url: str) -> Server:
    nowhere: Any = SimpleNamespace(find=lambda _: None)
    return Server(url, nowhere)


def good(answer: httpx.Response) -> httpx.Response:
    if not answer.is_success:
        raise WrongError(f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}")
    return answer


def digest_of(answer: httpx.Response) -> str | None:
    return GONE if answer.status_code == 404 else hashlib.sha256(good(answer).content).hexdigest()


def session_of(world: World, session_id: str) -> Any:
    """The state of a session, which when it is signed has a document that can be had."""
    answer = world.api.get(f"/sign/signing-sessions/{session_id}")
    if answer.status_code == 404:
        return GONE
    session = good(answer).json()
    for one in session["output"]["signatures"] if session.get("output") else []:
        good(world.api.get(f"/sign/documents/{one['resultDocumentId']}"))
    return session["lifecycle"]["state"]


class Signer(Actor):
    """Uploads, and signs."""

    def act(self, world: World) -> None:
        plain = world.upload(b"I agree. " + secrets.token_hex(500).encode(), "text/plain")
        self.facts["document", plain] = [digest_of(world.api.get(f"/sign/documents/{plain}"))]
        with self.counting("sign/signing-sessions"):
            session = world.session(world.collect(plain))["id"]
        self.facts["session", session] = ["READY"]
        with self.changing(("session", session), "SIGNED"):
            good(world.act(session, "sign"))


class Sharer(Actor):
    """Shares files."""

    def act(self, world: World) -> None:
        sender = Sender(server_at(world.url), world)
        share = sender.share()
        self.facts["share", share["id"]] = [[0, 0]]
        for number in (1, 2):
            with self.changing(("share", share["id"]), [number, number - 1]):
                sender.upload(share, a_file(content=secrets.token_bytes(3000)))
            with self.changing(("share", share["id"]), [number, number]):
                sender.invite(share, email=f"r{number}@example.test")

    def read(self, world: World, key: Key) -> Any:
        if key[0] != "share":
            return super().read(world, key)
        share = good(world.api.get(f"/secure-share/shares/{key[1]}")).json()
        return [len(share["files"]), len(share["recipients"])]


@contextmanager
def people_of(world: World) -> Iterator[People]:
    people = People(world, server_at(world.url))
    try:
        yield people
    finally:
        people.close()


class Clerk(Actor):
    """Brings DSTs of Signing Today to their signatures."""

    def act(self, world: World) -> None:
        with people_of(world) as people:
            desk = Desk(people)
            dst = desk.draft()
            self.facts["dst", dst["id"]] = ["draft"]
            with self.changing(("dst", dst["id"]), "toSign"):
                dst = desk.publish(dst)
            with self.changing(("dst", dst["id"]), "signed"):
                desk.act(dst, "sign")

    def read(self, world: World, key: Key) -> Any:
        if key[0] != "dst":
            return super().read(world, key)
        with people_of(world) as people:
            return Desk(people).read(key[1])["status"]


class Runner(Actor):
    """Starts workflows that make PDFs, which takes them a while."""

    flow_id = ""
    flow_of = ""

    def arrange(self, world: World) -> None:
        pdf = ("CreatePdfFromTemplate",)
        steps = [step("one", *pdf, content="one"), step("wait", "SuspendWorkflow"), step("two", *pdf, content="two")]
        self.flow_id, self.flow_of = Mint(world).create(flow(*steps))["id"], world.name

    def act(self, world: World) -> None:
        if self.flow_of != world.name:
            self.arrange(world)
        mint = Mint(world)
        with self.counting("mint/journeys"):
            journey = id_of(mint.start(self.flow_id))
        self.facts["journey", journey] = ["active"]
        with self.changing(("journey", journey), "finished"):
            mint.resume(journey, "wait")

    def is_under_way(self, found: Any) -> bool:
        return bool(found == "running")

    def read(self, world: World, key: Key) -> Any:
        if key[0] == "count":
            listed = good(world.api.get("/mint/journeys?limit=1")).json()
            return int(listed["totalCount"])
        if key[0] != "journey":
            return super().read(world, key)
        journey = Mint(world).read(key[1])
        if journey["status"] == "active" and not journey["activeSteps"]:
            return "running"
        return journey["status"]


class FrozenRunner(Runner):
    """The same where time stands still, so that no stand-by timer helps."""

    is_frozen = True


class Traveller(Actor):
    """Lets time pass; what nobody signs is purged half an hour after it came."""

    is_frozen = True

    def act(self, world: World) -> None:
        document = world.upload(secrets.token_hex(500).encode(), "text/plain")
        found = digest_of(world.api.get(f"/sign/documents/{document}"))
        self.facts["document", document] = [found]
        now, later = world.now(), shifted(world.now(), 31 * 60)
        # It stops at every timer, each of which is a whole: so it may have got some of the way.
        self.facts["clock", ""] = [now, shifted(now, 30 * 60), later]
        held = [key for key in self.facts if key[0] == "document"]  # also one that a kill left unsigned
        self.facts |= {key: [*self.facts[key], GONE] for key in held}
        world.advance("PT31M")
        self.facts |= {key: [GONE] for key in held}
        self.facts["clock", ""] = [later]
        self.done += 1


def shifted(moment: str, seconds: int) -> str:
    later = datetime.fromisoformat(moment) + timedelta(seconds=seconds)
    return later.strftime("%Y-%m-%dT%H:%M:%SZ")


class Listener(Actor):
    """Has webhooks sent."""

    def arrange(self, world: World) -> None:
        wanted = {"events": ["*"], "config": {"url": self.hook, "secret": "made-up"}}
        good(world.control("POST", "webhooks/subscriptions", wanted))

    def act(self, world: World) -> None:
        if not good(world.control("GET", "webhooks/subscriptions")).json():
            self.arrange(world)
        session = world.session()["id"]
        good(world.act(session, "reject"))
        self.facts["heard", session] = [True]
        self.done += 1

    def is_under_way(self, found: Any) -> bool:
        return found is False

    def read(self, world: World, key: Key) -> Any:
        return self.heard(key[1]) if key[0] == "heard" else super().read(world, key)


class Keeper(Actor):
    """Forks, keeps snapshots, goes back to them, resets, and removes what was made."""

    def act(self, world: World) -> None:
        with self.counting("sign/signing-sessions"):
            world.session()
        [sessions] = self.facts["count", "sign/signing-sessions"]
        name = f"{self.name}-copy{self.done}"
        if self.facts.get(("snapshot", "kept"), [GONE]) != [GONE]:  # a kill came before it was removed
            with self.changing(("snapshot", "kept"), GONE):
                good(world.control("DELETE", "snapshots/kept"))
        with self.changing(("fork", name), sessions):
            good(world.control("POST", f"workspaces/{self.name}/fork", {"name": name}))
        with self.changing(("snapshot", "kept"), sessions):
            good(world.control("POST", "snapshots", {"name": "kept"}))
        with self.counting("sign/signing-sessions"):
            world.session()
        with self.changing(("count", "sign/signing-sessions"), sessions):
            good(world.control("POST", "snapshots/kept/restore"))
        with self.changing(("snapshot", "kept"), GONE):
            good(world.control("DELETE", "snapshots/kept"))
        with self.changing(("fork", name), GONE):
            good(world.control("DELETE", f"workspaces/{name}"))
        with self.changing(("count", "sign/signing-sessions"), 0):
            good(world.control("POST", "reset"))

    def read(self, world: World, key: Key) -> Any:
        kind, name = key
        if kind == "snapshot":
            return snapshot_of(world, name)
        if kind == "fork":
            answer = world.control("GET", f"workspaces/{name}")
            if answer.status_code == 404:
                return GONE
            fork = World(good(answer).json())
            found = super().read(fork, ("count", "sign/signing-sessions"))
            fork.close()
            return found
        return super().read(world, key)


def snapshot_of(world: World, name: str) -> int | None:
    """How many sessions the snapshot has, as its difference to the world tells."""
    answer = world.control("GET", f"snapshots/{name}")
    if answer.status_code == 404:
        return GONE
    now = int(good(world.api.get("/sign/signing-sessions?limit=1")).json()["total"])
    tables = good(world.control("GET", f"snapshots/{name}/diff")).json()["tables"]
    counts: Json = next((one["counts"] for one in tables if one["table"] == "signing_session"), {})
    return now - int(counts.get("added", 0)) + int(counts.get("removed", 0))


ACTORS: tuple[type[Actor], ...] = (Signer, Sharer, Clerk, Runner, FrozenRunner, Traveller, Listener, Keeper)
