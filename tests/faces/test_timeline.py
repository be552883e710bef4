"""What a timeline shows of a journal, read from plain dictionaries."""

from typing import Any

import httpx
import pytest

from localsign import Workspace
from localsign.client.timeline import LONGEST_LINE, MOST_FOLLOWED, MOST_MOMENTS, Timeline, is_to_be_explained

SESSION = "17cd9dec-d786-4033-b211-0e1cb739addb"


def asked(number: int, path: str = "/sign/documents", status: int | None = 200, **but: Any) -> Any:
    """A journal entry of a POST."""
    return {
        "id": number,
        "kind": "request",
        "at": f"2031-05-01T12:00:{number % 60:02}.5Z",
        "operation": "sign.upload_document",
        "request": {"method": "POST", "path": path, "query": []},
        "answer": None if status is None else {"status": status},
        "timer": None,
        "caused": [],
        "faults": [],
        "refusal": None,
        **but,
    }


def lines_of(*entries: Any, explained: Any = None, deliveries: Any = ()) -> list[str]:
    """The text of a timeline, without its first line."""
    timeline = Timeline.of("demo", entries, explained or {}, deliveries)
    first, *lines = timeline.text.splitlines()
    assert first == "workspace demo"
    return lines


def below(change: dict[str, Any], **more: Any) -> str:
    """The line of one change."""
    [_, _, line] = lines_of(asked(1, caused=[change]), **more)
    return line.strip()


def test_an_empty_journal_says_so() -> None:
    assert str(Timeline.of("demo", [], {})) == "workspace demo: nothing has happened"


def test_entries_stand_oldest_first_with_what_was_answered() -> None:
    assert lines_of(asked(2, status=201), asked(1)) == [
        "2031-05-01",
        "  12:00:01.5   #1 POST /sign/documents → 200  sign.upload_document",
        "  12:00:02.5   #2 POST /sign/documents → 201  sign.upload_document",
    ]


def test_a_new_day_of_the_clock_is_told() -> None:
    lines = lines_of(asked(1), asked(2, at="2031-06-30T12:00:00Z"))
    assert [line for line in lines if line[0] != " "] == ["2031-05-01", "2031-06-30"]
    assert lines[-1].startswith("  12:00:00     #2 ")


CHANGES: list[tuple[dict[str, Any], str]] = [
    (
        {"machine": "signing session", "id": SESSION, "event": "sign", "from": "READY", "to": "SIGNED"},
        "signing session 17cd9dec: READY → SIGNED (sign)",
    ),
    (
        {"machine": "signing session", "id": SESSION, "event": "begin", "to": "READY"},
        "signing session 17cd9dec: READY (begin)",
    ),
    ({"announced": "signing-session.completed", "id": SESSION}, "event signing-session.completed of 17cd9dec"),
    ({"queued": "signing-session.completed", "id": "d1"}, "webhook signing-session.completed: queued"),
    ({"sent": "email", "kind": "share.invitation", "id": "m1"}, "email share.invitation into the outbox"),
    ({"decided": "sign", "kind": "session", "id": SESSION}, "decided for session 17cd9dec: sign"),
    (
        {"decided": "sign", "kind": "session", "id": SESSION, "refused": "too late"},
        "decided for session 17cd9dec: sign, refused: too late",
    ),
    ({"left_out": 7}, "left_out 7"),
]


@pytest.mark.parametrize(("change", "shown"), CHANGES, ids=[shown for _, shown in CHANGES])
def test_what_a_request_caused_stands_below_it(change: dict[str, Any], shown: str) -> None:
    assert below(change) == shown


@pytest.mark.parametrize(
    ("statuses", "state", "shown"),
    [
        ([], "QUEUED", "QUEUED to http://127.0.0.1:9"),
        ([204], "DELIVERED", "DELIVERED to http://127.0.0.1:9, answered with 204"),
        ([500, 500, 500], "FAILED", "FAILED to http://127.0.0.1:9 after 3 attempts, answered with 500"),
        ([None], "QUEUED", "QUEUED to http://127.0.0.1:9, no answer"),
    ],
)
def test_a_webhook_tells_how_far_it_came_but_no_address(statuses: list[Any], state: str, shown: str) -> None:
    attempts = [{"status": status} for status in statuses]
    delivery = {"id": "d1", "state": state, "attempts": attempts, "url": "http://me:pass@127.0.0.1:9/T0/secret?key=a"}
    assert below({"queued": "share.created", "id": "d1"}, deliveries=[delivery]) == f"webhook share.created: {shown}"


def test_an_address_that_cannot_be_read_is_not_shown() -> None:
    delivery = {"id": "d1", "state": "REFUSED", "attempts": [], "url": "http://[::1"}
    line = below({"queued": "share.created", "id": "d1"}, deliveries=[delivery])
    assert line == "webhook share.created: REFUSED to an address that cannot be read"


def test_a_refusal_is_explained_below_it() -> None:
    [_, _, line] = lines_of(asked(1, status=409), explained={1: {"id": 1, "sentence": "It was REJECTED."}})
    assert line.strip() == "why: It was REJECTED."


def test_timers_faults_lost_answers_and_unknown_paths_are_named() -> None:
    timer = asked(1, kind="timer", request=None, answer=None, timer={"kind": "sign.expire", "subject": SESSION})
    lost, unknown = asked(2, status=None, faults=["f1"]), asked(3, "/nowhere", 404, operation=None)
    unknown["request"]["query"] = [{"name": "limit", "value": "5"}]
    assert [line.partition("#")[2] for line in lines_of(timer, lost, unknown)[1:]] == [
        "1 due: sign.expire of 17cd9dec",
        "2 POST /sign/documents → no answer  sign.upload_document (fault)",
        "3 POST /nowhere?limit=5 → 404  no operation",
    ]


def test_only_what_was_refused_or_struck_is_to_be_explained() -> None:
    timer = asked(1, kind="timer", request=None, answer=None)
    refused = asked(3, status=409, refusal={"error": "ConflictError"})
    entries = [timer, asked(2), refused, asked(4, status=None), asked(5, faults=["f1"])]
    assert [one["id"] for one in entries if is_to_be_explained(one)] == [3, 4, 5]


def test_a_long_journal_shows_its_end() -> None:
    lines = lines_of(*[asked(number) for number in range(1, MOST_MOMENTS + 4)])
    assert lines[0] == "… 3 earlier moments are not shown"
    assert "#4 " in lines[2]
    assert len(lines) == MOST_MOMENTS + 2


def test_many_changes_and_long_lines_are_cut() -> None:
    changes = [{"announced": f"event-{number}", "id": SESSION} for number in range(MOST_FOLLOWED + 5)]
    lines = lines_of(asked(1, "/sign/" + "x" * 1000, caused=changes))
    assert lines[-1].strip() == "… and 5 more"
    assert max(map(len, lines)) == LONGEST_LINE


def test_control_characters_of_a_path_do_not_reach_the_terminal() -> None:
    [_, line] = lines_of(asked(1, "/sign/\x1b[31m\nforged"))
    assert line.startswith("  12:00:01.5   #1 POST /sign/�[31m�forged → 200")


@pytest.mark.localsign(clock="2031-05-01T12:00:00Z", faults={"operation": "mint.list_workflows", "kind": "reset"})
def test_a_world_tells_its_story(localsign: Workspace) -> None:
    hook = localsign.webhooks.subscribe("http://127.0.0.1:9/hook")
    share = localsign.http.secure_share.post("/shares", json={"contactDetails": {"name": "x"}}).json()["id"]
    localsign.webhooks.deliver()
    assert "webhook share.created: QUEUED to http://127.0.0.1:9, no answer\n" in localsign.timeline().text
    localsign.webhooks.unsubscribe(hook["id"])
    with pytest.raises(httpx.ReadError):
        localsign.http.mint.get("/workflows")
    localsign.clock.advance(days=8)
    localsign.http.secure_share.get(f"/shares/{share}")
    text = localsign.timeline().text
    for line in (
        "2031-05-01\n",
        "webhook share.created: CANCELLED to http://127.0.0.1:9, no answer\n",
        "GET /mint/workflows → no answer  mint.list_workflows (fault)\n",
        "why: It met the fault ",
        "2031-05-09\n",
        f"share {share[:8]}: Active → Expired (expire)\n",
        f"GET /secure-share/shares/{share} → 404  secure-share.get_share\n",
        "why: 404 Not Found: ",
    ):
        assert line in text, text
