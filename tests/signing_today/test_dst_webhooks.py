"""What a robot is told: every change of a DST and of a signature, in order, as it is configured."""

import json

import pytest
from tests.signing_today.people import ANNA, BRUNO, People
from tests.signing_today.test_creation import at, create, embedded
from tests.signing_today.transactions import Desk, a_place, a_plan, a_text, account, external, one_after_the_other
from tests.world import Json

from localsign.core.deliveries import Delivery

HOOK = "http://127.0.0.1:9/hook"


@pytest.fixture
def robot(people: People) -> Desk:
    """The robot of the demo organisation, with a webhook."""
    desk = Desk(people, people.robot)
    configuration = {
        "requestHeaders": {"X-Key": ["secret"]},
        "authentication": {"username": "u", "password": "p", "authMode": "digest"},
        "webhooks": {"dst": HOOK},
    }
    desk.call("PUT", "/robot/configuration", 204, json=configuration)
    return desk


def deliveries(desk: Desk) -> list[Delivery]:
    with desk.people.workspace.work() as work:
        return sorted(work.everything(Delivery), key=lambda one: one.seq or 0)


def told(desk: Desk) -> list[Json]:
    """The bodies of all webhooks, in order."""
    return [json.loads(one.body) for one in deliveries(desk)]


def words(desk: Desk) -> list[str]:
    """The status of each webhook; of signatures with what is to be done."""
    return [" ".join(filter(None, (one["data"].get("action"), one["data"]["status"]))) for one in told(desk)]


def test_a_life_is_told_in_order(robot: Desk) -> None:
    dst = create(robot, embedded(plan=a_plan(forms=[a_text()])), status="published")
    assert words(robot) == ["toFill", "fill pending"]
    robot.act(dst, "fill", text="Napoli")
    assert words(robot)[2:] == ["fill performed", "toSign", "sign pending"]
    robot.act(dst, "sign")
    assert words(robot)[5:] == ["sign performed", "performed"]


def test_the_body_has_the_documented_members(robot: Desk) -> None:
    dst = create(robot, embedded(plan=a_plan(forms=[a_place(page=2), a_text()])), status="published")
    changed, pending = told(robot)
    assert changed == {"message": "DST_STATUS_CHANGED", "data": {"status": "toFill", "dst": dst["id"]}}
    form = next(one for one in dst["documents"][0]["forms"] if one["type"] == "TextForm")
    assert pending == {
        "message": "SIGNATURE_STATUS_CHANGED",
        "data": {
            "status": "pending",
            "group": 0,
            "action": "fill",
            "dst": {"id": dst["id"], "title": "By robot"},
            "signer": "anna",
            "document": {"display_name": "Contract", "id": 1, "order": 0},
            "automatic": False,
            "fillableForm": form,
            "page": 1,
        },
    }
    robot.act(dst, "fill")
    signing = told(robot)[-1]["data"]
    assert (signing["action"], signing["signature"], signing["page"]) == ("sign", 1, 2)
    assert "fillableForm" not in signing


def test_it_goes_where_and_how_the_robot_is_configured(robot: Desk) -> None:
    create(robot, status="published")
    first, second = deliveries(robot)
    assert (first.url, first.headers, first.credentials) == (HOOK, {"X-Key": "secret"}, ["u", "p", True])
    assert (first.publisher, first.event) == ("signing-today", "DST_STATUS_CHANGED")
    assert (second.event, second.reference) == ("SIGNATURE_STATUS_CHANGED", first.reference)


def test_groups_are_told_when_their_turn_comes(robot: Desk) -> None:
    dst = create(robot, embedded(plan=one_after_the_other()), status="published")
    robot.act(dst, "sign")
    signatures = [one["data"] for one in told(robot) if one["message"] == "SIGNATURE_STATUS_CHANGED"]
    assert [(one["signer"], one["group"], one["status"]) for one in signatures] == [
        ("anna", 0, "pending"),
        ("anna", 0, "performed"),
        ("bruno", 1, "pending"),
    ]


@pytest.mark.parametrize(
    ("choice", "last"),
    [
        ("error", {"status": "error", "reason": "declined"}),
        ("rejected", {"status": "rejected", "reason": "declined"}),
        ("none", None),
    ],
)
def test_a_refusal_is_told_as_the_world_chooses(robot: Desk, choice: str, last: Json | None) -> None:
    robot.choose("rejected-webhook", choice)
    dst = create(robot, embedded(plan=a_plan([external(1)], [account(BRUNO, 2)])), status="published")
    robot.act(dst, "decline")
    bodies = told(robot)
    declined = bodies[2]["data"]
    assert (declined["status"], declined["signer"]) == ("declined", "eve@example.com")
    assert [one["data"] for one in bodies[3:]] == ([] if last is None else [{**last, "dst": dst["id"]}])


def test_an_expiry_is_told_of_every_signature(robot: Desk) -> None:
    create(robot, embedded(plan=one_after_the_other()), status="published")
    robot.world.advance("P31D")
    assert words(robot)[2:] == ["expired", "sign expired", "sign expired"]


def test_a_failed_download_is_told_with_its_reason(robot: Desk) -> None:
    robot.read(create(robot, at("http://127.0.0.1:9/x.pdf")))
    [body] = told(robot)
    assert body["data"]["status"] == "error"
    assert body["data"]["reason"].startswith("CANNOT_DOWNLOAD_DOCUMENT")


def test_only_the_robot_that_made_it_is_told(robot: Desk) -> None:
    by_hand = Desk(robot.people).published(a_plan([account(ANNA)]))
    assert told(robot) == []
    robot.choose("webhook-owner", "domain")
    robot.act(by_hand, "sign")
    assert words(robot) == ["sign performed", "performed"]


def test_without_a_webhook_nothing_is_told(people: People) -> None:
    desk = Desk(people, people.robot)
    create(desk, status="published")
    assert told(desk) == []
