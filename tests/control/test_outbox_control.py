"""The outbox over HTTP: finding, waiting, looking, clearing."""

import threading
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import Json, World, refused, unknown_id

from localsign.core import decisions
from localsign.core.decisions import DecisionState
from localsign.core.outbox import Channel
from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.signicat import mail


def send(server: Server, world: World, **but: Any) -> str:
    """Send as an API does; the message's id."""
    wanted: Json = {"api": "sign", "kind": "test.code", "channel": Channel.EMAIL, "to": "kari@example.com"}
    wanted |= {"text": "Open http://localhost/a.", "reference": UUID(int=7)}
    with server.sandbox.find(world.name).work() as work:
        return str(mail.send(work, **{**wanted, **but}).id)


def found(world: World, query: str = "") -> list[str]:
    answer = world.control("GET", f"outbox{query}")
    assert answer.status_code == 200, answer.text
    assert answer.json()["total"] == len(answer.json()["messages"])
    return [one["id"] for one in answer.json()["messages"]]


def wait(world: World, **wanted: Any) -> Any:
    return world.control("POST", "outbox/wait", wanted)


def test_a_message_is_shown_whole(world: World, server: Server) -> None:
    world.freeze("2030-01-01T00:00:00Z")
    message_id = send(server, world, subject="Code", html='<a href="http://localhost/b">b</a>', codes=["123456"])
    shown = world.control("GET", f"outbox/{message_id}").json()
    assert shown == {
        "id": message_id,
        "at": "2030-01-01T00:00:00Z",
        "api": "sign",
        "kind": "test.code",
        "channel": "email",
        "sender": "noreply@email.signicat.com",
        "to": "kari@example.com",
        "subject": "[TEST] Code",
        "text": "This is a test message.\n\nOpen http://localhost/a.",
        "html": '<p>This is a test message.</p>\n<a href="http://localhost/b">b</a>',
        "language": None,
        "reference": str(UUID(int=7)),
        "links": ["http://localhost/a", "http://localhost/b"],
        "codes": ["123456"],
        "state": "kept",
        "failure": None,
    }
    assert world.control("GET", "outbox").json() == {"total": 1, "messages": [shown]}


def test_messages_are_found_by_what_is_known_of_them(world: World, server: Server) -> None:
    first = send(server, world, subject="Ditt dokument ÅPNES")
    second = send(server, world, channel=Channel.SMS, to="+4712345678", kind="share.code", reference="other", text="7")
    assert found(world) == [second, first]
    for query, ids in {
        "channel=sms": [second],
        "to=KARI@example.com": [first],
        "to=%2B47%20123%2045%20678": [second],
        "kind=test.code": [first],
        "kind=*.code": [second, first],
        "kind=share.*": [second],
        "reference=other": [second],
        "text=dokument%20%C3%A5pnes": [first],
        "text=TEST%20MESSAGE": [second, first],
        "link=localhost/a": [first],
        "api=mint": [],
        "state=kept": [second, first],
        "state=sent": [],
        f"since={first}": [second],
        f"since={second}": [],
        "channel=sms&text=open": [],
    }.items():
        assert found(world, f"?{query}") == ids, query
    page = world.control("GET", "outbox?limit=1&offset=1").json()
    assert (page["total"], [one["id"] for one in page["messages"]]) == (2, [first])


@pytest.mark.parametrize(
    ("query", "flawed"),
    [("channel=fax", "channel"), ("limit=0", "limit"), ("limit=1001", "limit"), ("offset=-1", "offset"),
     ("since=x", "since"), (f"since={unknown_id()}", "since"), ("colour=red", "colour"), ("state=lost", "state"),
     ("offset=99999999999999999999", "offset")],
)  # fmt: skip
def test_a_filter_that_means_nothing_is_refused(world: World, query: str, flawed: str) -> None:
    refused(world.control("GET", f"outbox?{query}"), 400, flawed)


def test_one_world_does_not_see_the_messages_of_another(world: World, server: Server) -> None:
    other = server.world()
    message_id = send(server, other)
    assert found(world) == []
    refused(world.control("GET", f"outbox/{message_id}"), 404)
    other.close()


def test_html_can_be_looked_at_and_does_nothing(world: World, server: Server) -> None:
    message_id = send(server, world, html="<script>alert(1)</script><b>hi</b>")
    answer = world.control("GET", f"outbox/{message_id}?format=html")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "<b>hi</b>" in answer.text


def test_a_message_without_html_is_shown_as_text(world: World, server: Server) -> None:
    message_id = send(server, world, text="a <script> & b")
    assert "a &lt;script&gt; &amp; b" in world.control("GET", f"outbox/{message_id}?format=html").text
    plain = world.control("GET", f"outbox/{message_id}?format=text")
    assert plain.headers["content-type"] == "text/plain; charset=utf-8"
    assert plain.text.endswith("a <script> & b")
    letter = world.control("GET", f"outbox/{message_id}?format=eml")
    assert letter.headers["content-type"] == "message/rfc822"
    assert "To: kari@example.com\r\n" in letter.text
    refused(world.control("GET", f"outbox/{message_id}?format=pdf"), 400, "format")
    broken = send(server, world, to="a\nb")
    refused(world.control("GET", f"outbox/{broken}?format=eml"), 400, "format")


def test_messages_can_be_removed(world: World, server: Server) -> None:
    first, second, third = (send(server, world) for _ in range(3))
    assert world.control("DELETE", f"outbox/{second}").status_code == 204
    assert found(world) == [third, first]
    refused(world.control("DELETE", f"outbox/{second}"), 404)
    assert world.control("DELETE", "outbox").status_code == 204
    assert found(world) == []
    fourth = send(server, world)
    assert found(world) == [fourth]


# ---- waiting


def test_a_message_that_is_there_is_not_waited_for(world: World, server: Server) -> None:
    first, second = send(server, world), send(server, world)
    answer = wait(world, to="kari@example.com", timeout=0.01)
    assert [one["id"] for one in answer.json()["messages"]] == [first, second]
    assert wait(world, since=first, timeout=0.01).json()["messages"][0]["id"] == second


def test_a_message_that_comes_later_is_waited_for(world: World, server: Server) -> None:
    send(server, world, kind="other")
    coming = threading.Timer(0.1, lambda: send(server, world, kind="wanted"))
    coming.start()
    answer = wait(world, kind="wanted", timeout=30)
    coming.join()
    assert [one["kind"] for one in answer.json()["messages"]] == ["wanted"]


def test_who_waits_holds_nobody_up(world: World, server: Server) -> None:
    answers: list[int] = []
    waiting = [threading.Thread(target=lambda: answers.append(wait(world, timeout=30).status_code)) for _ in range(60)]
    for thread in waiting:
        thread.start()
    for _ in range(5):
        world.session()
    assert answers == []
    send(server, world)
    for thread in waiting:
        thread.join(30)
    assert answers == [200] * 60


def test_what_does_not_come_is_told(world: World, server: Server) -> None:
    send(server, world, kind="other")
    near = send(server, world)
    answer = wait(world, kind="test.*", to="kari@example.com", text="nowhere", count=2, timeout=0.05)
    assert answer.status_code == 408
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (body["code"], body["found"]) == ("timed_out", 0)
    words = "to kari@example.com, kind test.*, text nowhere"
    assert body["detail"] == f"0 of 2 messages that match {words} came within 0.05 seconds."
    assert [one["missed"] for one in body["nearest"]] == [["text"], ["kind", "text"]]
    assert (body["nearest"][0]["id"], body["nearest"][0]["kind"]) == (near, "test.code")


def test_what_becomes_due_meanwhile_happens(world: World, server: Server) -> None:
    """Without any other request, as what is waited for may follow from it."""
    world.control("POST", "decisions", {"action": "reject", "after": "PT0.3S"})
    session = world.session()
    wait(world, timeout=1)
    with server.sandbox.find(world.name).work() as work:
        decision = decisions.current(work, UUID(session["id"]))
    assert decision is not None
    assert decision.state is DecisionState.ACTED


def test_waiting_ends_with_the_workspace(server: Server) -> None:
    world = server.world()
    ending = threading.Timer(0.1, lambda: server.sandbox.delete(world.name))
    ending.start()
    answer = wait(world, timeout=30)
    ending.join()
    refused(answer, 409, code="world_changed")
    world.close()


@pytest.mark.parametrize(
    ("wrong", "flawed"),
    [({"to": 7}, "to"), ({"colour": "red"}, "colour"), ({"since": unknown_id()}, "since")],
    ids=str,
)  # fmt: skip
def test_a_wait_that_means_nothing_is_refused(world: World, wrong: Json, flawed: str) -> None:
    refused(wait(world, **wrong), 400, flawed)


def test_what_another_process_sends_is_seen_as_well(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, workers=2)
    other = Sandbox(settings)
    for server in serve(settings):
        world = World(httpx.get(f"{server.url}/_sandbox/v1/workspaces/default").json())
        coming = threading.Timer(0.2, send, (Server("", other), world), {"kind": "wanted"})
        coming.start()
        answer = wait(world, kind="wanted", timeout=30)
        coming.join()
        assert answer.status_code == 200, answer.text
        world.close()
    other.close()
