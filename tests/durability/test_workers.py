"""Several workers on one folder, as processes: each thing happens once, and one that dies is made good."""

import ssl
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import httpx
import pytest
from tests.durability.processes import Workers, workers
from tests.events.receiver import Receiver, receiving, subscribe
from tests.mint.flows import Mint, flow, step
from tests.mint.receiver import listening
from tests.world import Json, World

ONCE = "sign: {documents: [{name: n, text: once}]}\n"


def together(*verbs: Callable[[], object]) -> None:
    """Do several things at the same time; what goes wrong in any goes wrong here."""
    failures: list[BaseException] = []

    def run(verb: Callable[[], object]) -> None:
        try:
            verb()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive()
    if failures:
        raise failures[0]


def documents_of(server: Workers, name: str) -> int:
    world = server.world(name)
    try:
        listed = world.anonymous.get("/_sandbox/v1/timers").json()
        return sum(one["kind"] == "sign.orphan" for one in listed["timers"])
    finally:
        world.close()


def test_an_init_folder_of_several_worlds_is_loaded_once_for_all_workers(tmp_path: Path) -> None:
    init = tmp_path / "init"
    init.mkdir()
    names = ("one", "two", "three")
    (init / "10-all.yaml").write_text(
        "workspaces:\n" + "".join(f"  {name}: {{lags: {{packaging: manual}}}}\n" for name in names)
    )
    (init / "20-default.yaml").write_text(ONCE)
    (init / "30-again.yaml").write_text(f"workspace: one\n{ONCE}")
    with workers(tmp_path / "data", 3, LOCALSIGN_INIT_DIR=str(init)) as server:
        for _ in range(6):
            found = [one["name"] for one in server.call("GET", "/_sandbox/v1/workspaces").json()]
            assert found == sorted(["default", *names])
            for name in names:
                lag = server.call("GET", f"/w/{name}/_sandbox/v1/lags/packaging").json()
                assert lag["progression"] == "manual"
        assert [documents_of(server, name) for name in ("default", *names)] == [1, 1, 0, 0]

        server.call("DELETE", "/_sandbox/v1/workspaces/two")
        server.call("POST", "/_sandbox/v1/reset")
        server.kill()
        found = [one["name"] for one in server.call("GET", "/_sandbox/v1/workspaces").json()]
        assert found == ["default", "one", "three"], "a worker that begins anew loads nothing"
        assert documents_of(server, "default") == 0
    with workers(tmp_path / "data", 2, LOCALSIGN_INIT_DIR=str(init)) as server:
        assert [documents_of(server, name) for name in ("default", "one", "two")] == [1, 1, 0]


def test_a_worker_in_the_place_of_another_speaks_tls_as_that_did(tmp_path: Path) -> None:
    with workers(tmp_path, 2, "--tls", "self-signed") as server:
        server.kill()
        trusting = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem"))
        for _ in range(6):
            answer = httpx.get(f"{server.url}/_sandbox/health/ready", verify=trusting, timeout=60)
            assert answer.json() == {"status": "ready"}


def test_a_journey_whose_worker_is_killed_goes_on_though_its_clock_stands(tmp_path: Path) -> None:
    with listening() as called, workers(tmp_path, 2) as server:
        is_reached, is_over = threading.Event(), threading.Event()

        def wait() -> None:
            is_reached.set()
            is_over.wait(60)

        called.hook = wait
        world = server.world()
        mint = Mint(world)
        mint.api.headers["Connection"] = "close"  # whichever worker takes a call
        call = step("call", "SendHttpRequest", url=f"{called.url}/pay", method="POST", timeout=30)
        workflow = mint.create(flow(call, step("after")))["id"]
        world.freeze("2030-01-01T00:00:00Z")

        def start() -> None:
            with pytest.raises(httpx.TransportError):
                mint.start(workflow)

        def kill() -> None:
            assert is_reached.wait(60)
            for _ in range(4):  # by whichever: none takes from the other what it has in hand
                server.call("POST", "/_sandbox/v1/clock/advance", {"by": "PT1H"})
            assert len(called.asked) == 1
            called.hook = None
            server.kill()
            is_over.set()

        together(start, kill)
        [journey] = world.api.get("/mint/journeys").json()["data"]
        latest = monotonic() + 60
        while mint.read(journey)["status"] != "finished":
            assert monotonic() < latest, "it does not go on"
        assert len(called.asked) == 2, "it is not known what came of the first"
        world.close()


EACH = 25
EVENTS = 2  # of a session that is opened and then rejected


def busy(server: Workers, name: str, references: set[str]) -> Callable[[], None]:
    """Somebody who opens and rejects sessions, each call by whatever worker takes it."""

    def run() -> None:
        world = server.world(name)
        collection = world.collect()
        for _ in range(EACH):
            session = world.session(collection)["id"]
            for action in ("open", "reject"):
                server.call("POST", f"/w/{name}/_sandbox/v1/sign/sessions/{session}/act", {"action": action})
            references.add(session)
        world.close()

    return run


def settled(world: World, count: int) -> list[Json]:
    answer = world.control("POST", "webhooks/wait", {"state": "DELIVERED", "count": count, "timeout": 60})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["deliveries"])


def heard(receiver: Receiver) -> Counter[tuple[str, bytes]]:
    return Counter((one.path, one.body) for one in receiver.received)


def test_under_load_each_webhook_is_sent_once_whatever_worker_sends_it(tmp_path: Path) -> None:
    with receiving() as receiver, workers(tmp_path, 2) as server:
        names = ("one", "two")
        for name in names:
            server.call("POST", "/_sandbox/v1/workspaces", {"name": name})
            world = server.world(name)
            for number in range(2):
                subscribe(world, f"{receiver.url}/{name}/{number}")
            world.close()
        references: set[str] = set()
        together(*(busy(server, name, references) for name in names for _ in range(2)))
        for name in names:
            world = server.world(name)
            queued = world.anonymous.get("/_sandbox/v1/webhooks/deliveries", params={"limit": 1}).json()["total"]
            assert queued >= 2 * 2 * EACH * EVENTS
            made = settled(world, queued)
            assert [one["attempts"] for one in made if len(one["attempts"]) != 1] == []
            sent = [one for one in receiver.received if f"/{name}/" in one.path]
            assert len(sent) == queued
            world.close()
        assert [call for call, times in heard(receiver).items() if times > 1] == []
        assert len(references) == 4 * EACH
