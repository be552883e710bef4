"""Waiting for traffic: at once where it was, as soon as it comes, or a refusal that tells what was nearest."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.conftest import Server
from tests.world import World, refused

PATIENT = 20  # seconds; only a failure takes so long


def test_what_was_already_there_answers_at_once(world: World) -> None:
    world.upload()
    answer = world.control("POST", "journal/wait", {"operation": "upload_document", "timeout": PATIENT})
    assert answer.status_code == 200
    assert [one["operation"] for one in answer.json()["entries"]] == ["sign.upload_document"]


def test_what_comes_later_wakes_who_waits(world: World) -> None:
    wanted = {"operation": "list_signing_sessions", "count": 3, "timeout": PATIENT}
    with ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(world.control, "POST", "journal/wait", wanted) for _ in range(3)]
        for _ in range(3):
            time.sleep(0.02)
            assert world.api.get("/sign/signing-sessions").status_code == 200  # nobody is kept from asking
        for one in waiting:
            ids = [entry["id"] for entry in one.result(20).json()["entries"]]
            assert ids == sorted(ids)
            assert len(ids) == 3


def test_since_leaves_out_what_was_before(world: World) -> None:
    world.upload()
    last = world.control("GET", "journal/count").json()["last"]
    wanted = {"operation": "upload_document", "since": last}
    refused_now = world.control("POST", "journal/wait", {**wanted, "timeout": 0.01})
    assert refused_now.status_code == 408
    later = threading.Timer(0.05, world.upload)
    later.start()
    answer = world.control("POST", "journal/wait", {**wanted, "timeout": PATIENT})
    later.join()
    assert answer.json()["total"] == 1


def test_a_change_can_be_waited_for_whoever_causes_it(world: World) -> None:
    session = world.session()
    with ThreadPoolExecutor(1) as threads:
        wanted = {"caused": "signing session/sign", "timeout": PATIENT}
        waiting = threads.submit(world.control, "POST", "journal/wait", wanted)
        world.sign(session)
        [entry] = waiting.result(20).json()["entries"]
    assert entry["operation"] == "sandbox.act_on_signing_session"


def test_when_the_time_is_over_the_refusal_says_what_was_nearest(world: World) -> None:
    world.api.get("/sign/signing-sessions")
    world.upload()
    wanted = {"operation": "upload_document", "status": "4xx", "method": "POST", "count": 2, "timeout": 0.001}
    answer = world.control("POST", "journal/wait", wanted)
    assert answer.status_code == 408
    body = answer.json()
    assert body["code"] == "timed_out"
    words = "operation upload_document, method POST, status 4xx"
    assert body["detail"] == f"0 of 2 entries that match {words} came within 0.001 seconds."
    assert body["found"] == 0
    nearest = body["nearest"][0]
    assert (nearest["operation"], nearest["missed"]) == ("sign.upload_document", ["status"])
    assert body["nearest"][1]["missed"] == ["operation", "status"]


def test_the_clock_of_the_workspace_does_not_matter(world: World) -> None:
    world.freeze()
    start = time.monotonic()
    assert world.control("POST", "journal/wait", {"status": 500, "timeout": 0.06}).status_code == 408
    assert 0.05 < time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("wanted", "flawed"),
    [
        ({"count": 0}, "count"),
        ({"status": True}, "status"),
        ({"since": 1.5}, "since"),
        ({"since": True}, "since"),
        ({"path": "\ud800"}, "path"),
        ({"limit": 1}, "limit"),
        ({"kind": 1}, "kind"),
        ([], "body"),
    ],
)
def test_what_cannot_be_waited_for_is_refused(world: World, wanted: object, flawed: str) -> None:
    answer = world.anonymous.post(
        "/_sandbox/v1/journal/wait", content=json.dumps(wanted), headers={"Content-Type": "application/json"}
    )
    refused(answer, 400, flawed)


def test_who_waits_is_woken_from_another_thread_as_well(server: Server, world: World) -> None:
    """As when a timer runs in a thread, or a test acts on the sandbox in its own process."""
    workspace = server.sandbox.find(world.name)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(world.control, "POST", "journal/wait", {"kind": "timer", "timeout": PATIENT})
        time.sleep(0.05)
        workspace.journal.note_timer("sign.session_due", "x", workspace.clock.now(), [])
        assert waiting.result(20).json()["total"] == 1
