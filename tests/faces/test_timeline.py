"""What a timeline shows of a journal, read from plain dictionaries."""

from typing import Any

import pytest

from localsign.testing.timeline import LONGEST_LINE, MOST_CHANGES, MOST_ENTRIES, Timeline, is_to_be_explained

SESSION = "17cd9dec-d786-4033-b211-0e1cb739addb"


def asked(number: int, path: str = "/sign/documents", status: int | None = 200, **but: Any) -> dict[str, Any]:
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
        **but,
    }


def body_of(*entries: dict[str, Any], **more: Any) -> list[str]:
    """The lines below the day."""
    return [line.strip() for line in Timeline.of(entries, **more).lines()[1:]]


def test_an_empty_journal_says_so() -> None:
    assert Timeline.of([]).text == "Nothing was asked of this workspace."


def test_entries_stand_oldest_first_with_what_was_answered() -> None:
    lines = Timeline.of([asked(2, status=201), asked(1)]).lines()
    assert lines == [
        "2031-05-01 (the workspace's clock)",
        "  12:00:01.5   #1 POST /sign/documents → 200  sign.upload_document",
        "  12:00:02.5   #2 POST /sign/documents → 201  sign.upload_document",
    ]


def test_a_new_day_is_told() -> None:
    lines = Timeline.of([asked(1), asked(2, at="2031-06-30T12:00:00Z")]).lines()
    assert [line for line in lines if "clock" in line] == [
        "2031-05-01 (the workspace's clock)",
        "2031-06-30 (the workspace's clock)",
    ]


CHANGES = [
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


@pytest.mark.parametrize(("change", "shown"), CHANGES, ids=[next(iter(change)) for change, _ in CHANGES])
def test_what_a_request_caused_stands_below_it(change: dict[str, Any], shown: str) -> None:
    assert body_of(asked(1, caused=[change]))[1:] == [shown]


@pytest.mark.parametrize(
    ("attempts", "state", "shown"),
    [
        ([], "QUEUED", "QUEUED to http://127.0.0.1:9"),
        ([{"status": 204}], "DELIVERED", "DELIVERED to http://127.0.0.1:9, answered with 204"),
        ([{"status": 500}] * 3, "FAILED", "FAILED to http://127.0.0.1:9 after 3 attempts, answered with 500"),
        ([{"status": None}], "QUEUED", "QUEUED to http://127.0.0.1:9, no answer"),
    ],
)
def test_a_webhook_tells_how_far_it_came(attempts: list[Any], state: str, shown: str) -> None:
    delivery = {"id": "d1", "state": state, "attempts": attempts, "url": "http://me:pass@127.0.0.1:9/T0/secret?key=a"}
    change = {"queued": "share.created", "id": "d1"}
    assert body_of(asked(1, caused=[change]), deliveries=[delivery])[1:] == [f"webhook share.created: {shown}"]


def test_an_address_that_cannot_be_read_is_not_shown() -> None:
    delivery = {"id": "d1", "state": "REFUSED", "attempts": [], "url": "http://[::1"}
    lines = body_of(asked(1, caused=[{"queued": "share.created", "id": "d1"}]), deliveries=[delivery])
    assert lines[1] == "webhook share.created: REFUSED to an address that cannot be read"


def test_a_refusal_is_explained_below_it() -> None:
    told = {"id": 1, "sentence": "The signing session was REJECTED."}
    lines = body_of(asked(1, status=409), explanations=[told])
    assert lines == [
        "12:00:01.5   #1 POST /sign/documents → 409  sign.upload_document",
        "why: The signing session was REJECTED.",
    ]


def test_timers_faults_lost_answers_and_unknown_paths_are_named() -> None:
    timer = asked(1, kind="timer", request=None, answer=None, timer={"kind": "sign.expire", "subject": SESSION})
    lost, unknown = asked(2, status=None, faults=["f1"]), asked(3, "/nowhere", 404, operation=None)
    unknown["request"]["query"] = [{"name": "limit", "value": "5"}]
    assert [line.partition("#")[2] for line in body_of(timer, lost, unknown)] == [
        "1 due: sign.expire of 17cd9dec",
        "2 POST /sign/documents → no answer  sign.upload_document  (fault)",
        "3 POST /nowhere?limit=5 → 404  no operation",
    ]


def test_only_what_was_refused_or_struck_is_to_be_explained() -> None:
    timer = asked(1, kind="timer", request=None, answer=None)
    entries = [timer, asked(2), asked(3, status=409), asked(4, status=None), asked(5, faults=["f1"])]
    assert [one["id"] for one in entries if is_to_be_explained(one)] == [3, 4, 5]


def test_a_long_journal_shows_its_end() -> None:
    lines = Timeline.of([asked(number) for number in range(1, MOST_ENTRIES + 4)]).lines()
    assert lines[0] == "… 3 earlier entries are not shown"
    assert "#4 " in lines[2]
    assert len(lines) == MOST_ENTRIES + 2


def test_many_changes_and_long_lines_are_cut() -> None:
    changes = [{"announced": f"event-{number}", "id": SESSION} for number in range(MOST_CHANGES + 5)]
    lines = Timeline.of([asked(1, "/sign/" + "x" * 1000, caused=changes)]).lines()
    assert lines[-1].strip() == "… and 5 more changes"
    assert max(map(len, lines)) == LONGEST_LINE


def test_control_characters_of_a_path_do_not_reach_the_terminal() -> None:
    [line] = body_of(asked(1, "/sign/\x1b[31m\nforged"))
    assert line.startswith("12:00:01.5   #1 POST /sign/�[31m�forged → 200")
