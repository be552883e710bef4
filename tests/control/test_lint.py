"""Habits of a client that the control plane finds in the journal and in the webhooks."""

from collections.abc import Iterator

import pytest
from tests.conftest import Server
from tests.events.receiver import Receiver, deliver, deliveries, receiving, subscribe
from tests.signer import REDIRECTS, SIGNING, Signer
from tests.world import Json, World, unknown_id

from localsign import Sandbox, Workspace

OWN = {"User-Agent": "localsign/0.1.0 (tests)"}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def localsign_server(server: Server) -> Iterator[Sandbox]:
    with Sandbox(server.url) as sandbox:
        yield sandbox


def findings(world: World) -> list[Json]:
    answer = world.control("GET", "lint")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["findings"])


def rules(world: World) -> list[str]:
    return [one["rule"] for one in findings(world)]


def test_a_client_without_bad_habits_hears_nothing(world: World) -> None:
    session = world.session()
    assert world.sign(session)["lifecycle"]["state"] == "SIGNED"
    world.read(session)
    assert findings(world) == []


def test_a_token_for_each_request(world: World) -> None:
    for _ in range(3):
        world.log_in()
        world.api.get("/sign/signing-sessions")
    [found] = findings(world)
    assert found["rule"] == "token-per-request"
    assert found["sentence"].startswith("4 tokens were fetched")
    journal = world.control("GET", f"journal/{found['entries'][0]}").json()
    assert journal["operation"] == "platform.token"


def test_tokens_that_are_used_or_have_run_out_are_no_waste(world: World) -> None:
    for _ in range(3):
        for path in ("/sign/signing-sessions", "/secure-share/shares"):
            world.api.get(path)
        world.log_in()
    assert rules(world) == []


def test_what_tests_ask_themselves_is_not_judged(world: World) -> None:
    world.anonymous.headers.update(OWN)
    for _ in range(4):
        world.log_in()
    assert rules(world) == []


def test_a_refused_token_that_is_sent_again(world: World) -> None:
    world.api.headers["Authorization"] = "Bearer not-a-token"
    for path in ("/sign/signing-sessions", "/secure-share/shares"):
        assert world.api.get(path).status_code == 401
    assert rules(world) == ["refused-token-reused"]


def test_polling_too_fast(world: World) -> None:
    session = world.session()
    for _ in range(12):
        world.read(session)
    assert rules(world) == ["polling-too-fast"]


def test_asking_again_when_something_is_new_is_no_polling(world: World) -> None:
    session = world.session()
    for _ in range(4):
        for _ in range(2):
            world.read(session)
        assert world.act(session, "open").status_code == 200
    assert "polling-too-fast" not in rules(world)


def test_a_redirect_that_is_believed(world: World) -> None:
    session = world.session(redirectSettings=REDIRECTS)
    assert Signer(session).post(SIGNING).headers["location"].startswith("https://app.test/success")
    world.upload()
    assert rules(world) == ["redirect-trusted"]
    world.read(session)
    assert rules(world) == []


def test_a_list_that_is_longer_than_its_page(world: World) -> None:
    for _ in range(3):
        world.session()
    world.api.get("/sign/signing-sessions?limit=2")
    assert rules(world) == []  # whoever says how many knows that there may be more
    share = {"contactDetails": {"name": "x"}}
    for _ in range(51):
        assert world.api.post("/secure-share/shares", json=share).status_code == 201
    answer = world.api.get("/secure-share/shares").json()
    assert answer["count"] < answer["total"], answer["count"]
    assert rules(world) == ["paging-ignored"]
    world.api.get(f"/secure-share/shares?offset={answer['count']}")
    assert rules(world) == []


def test_a_refused_call_that_is_sent_unchanged(world: World) -> None:
    for _ in range(2):
        assert world.api.post("/sign/signing-sessions", json=[{}]).status_code == 400
    [found] = findings(world)
    assert found["rule"] == "refused-call-repeated"
    assert "POST /sign/signing-sessions was refused with 400" in found["sentence"]


def test_asking_again_after_a_change_is_right(world: World) -> None:
    path = f"/sign/documents/{unknown_id()}"
    assert world.api.get(path).status_code == 404
    world.act(world.session(), "open")
    assert world.api.get(path).status_code == 404
    assert rules(world) == []
    assert world.api.get(path).status_code == 404
    assert rules(world) == ["refused-call-repeated"]


def test_what_a_fault_refused_may_be_sent_again(world: World) -> None:
    world.control("POST", "faults", {"operation": "sign.*", "status": 400, "times": 2})
    for _ in range(3):
        world.api.get("/sign/signing-sessions")
    assert rules(world) == []


def test_a_receiver_that_takes_whatever_comes(world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url)
    assert world.act(world.session(), "open").status_code == 200
    deliver(world)
    assert rules(world) == ["webhook-verification-untested"]
    [sent] = deliveries(world)
    world.control("POST", f"webhooks/deliveries/{sent['id']}/forge", {"how": "bad_key"})
    deliver(world)
    [found] = findings(world)
    assert found["rule"] == "webhook-never-verified"
    assert receiver.url in found["sentence"]


def test_a_receiver_that_refuses_what_is_forged(world: World, receiver: Receiver) -> None:
    subscribe(world, receiver.url)
    assert world.act(world.session(), "open").status_code == 200
    deliver(world)
    [sent] = deliveries(world)
    receiver.answers = [401]
    world.control("POST", f"webhooks/deliveries/{sent['id']}/forge", {"how": "bad_key"})
    deliver(world)
    assert rules(world) == []


def test_our_own_receiver_is_not_judged(localsign: Workspace) -> None:
    with localsign.webhooks.receiver("*") as receiver:
        localsign.webhooks.send_test(str(receiver.subscription), "signing-session.completed")
        localsign.webhooks.deliver()
        [sent] = localsign.webhooks.list(state="DELIVERED")
        receiver.answer_with(204)
        localsign.webhooks.replay(sent["id"])
        localsign.webhooks.deliver()
    assert len(receiver.received) == 2
    assert localsign.lint() == []


def test_entries_tell_what_they_rest_on_and_what_ran(world: World) -> None:
    world.upload(b"# Title", "text/markdown")
    entry = world.control("GET", "journal?operation=sign.upload_document").json()["entries"][0]
    assert "sign.markdown" in entry["rests_on"]
    world.session()
    world.advance("P60D")
    entry = world.control("GET", "journal?kind=control").json()["entries"][0]
    assert "sign.session_due" in entry["fired"]


def test_showing_switches_is_not_asking_for_them(world: World) -> None:
    world.control("PUT", "switches/sign.markdown", {"value": "refuse"})
    entry = world.control("GET", "journal?kind=control").json()["entries"][0]
    assert entry["rests_on"] == []
