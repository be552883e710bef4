"""What each switch about DSTs and the spelling of answers changes: an answer that differs with each value."""

from collections.abc import Callable
from functools import wraps

from tests.signing_today.people import people_of
from tests.signing_today.test_creation import create, embedded
from tests.signing_today.test_dst_signatures import box, fields, signed_file
from tests.signing_today.test_dst_webhooks import HOOK, told
from tests.signing_today.transactions import Desk, a_place, a_plan, a_text
from tests.world import World

Scenario = Callable[[Desk], object]


def _with_desk(scenario: Scenario) -> Callable[[World], object]:
    @wraps(scenario)
    def run(world: World) -> object:
        with people_of(world, world.server) as people:
            return scenario(Desk(people))

    return run


def _of_robot(desk: Desk) -> Desk:
    """The robot at the desk, with a webhook."""
    robot = desk.by(desk.people.robot)
    robot.call("PUT", "/robot/configuration", 204, json={"webhooks": {"dst": HOOK}})
    return robot


def form_origin(desk: Desk) -> object:
    [field] = fields(signed_file(desk, desk.signed(a_plan(forms=[a_place()]))))
    return [round(one) for one in box(field)]


def text_member(desk: Desk) -> object:
    dst = desk.published(a_plan(forms=[a_text()]))
    return list(desk.act(dst, "fill", text="Napoli")["documents"][0]["forms"][0]["extraData"])


def put(desk: Desk) -> object:
    dst = desk.create(tags=["a"])
    return desk.call("PUT", f"/DST/{dst['id']}", json={"title": "Another"})["tags"]


def group_signers(desk: Desk) -> object:
    dst = desk.published(a_plan([{"id": 1, "name": "Legal"}]))
    return len(dst["documents"][0]["signatureRequests"])


def rejected_webhook(desk: Desk) -> object:
    robot = _of_robot(desk)
    robot.act(create(robot, status="published"), "decline")
    return [one["data"]["status"] for one in told(robot)]


def webhook_owner(desk: Desk) -> object:
    robot = _of_robot(desk)
    desk.published()
    return len(told(robot))


def creation_status(desk: Desk) -> object:
    return desk.client.post("/robot/DSTs", json={"documents": [embedded()], "status": "toSign"}).status_code


def template_flag(desk: Desk) -> object:
    made = desk.call("POST", f"/DST/{desk.template()['id']}/instantiate")
    again = desk.put(made, title="Sent as it came")
    plain = desk.create()
    assert desk.read(plain)["template"] is False
    assert desk.client.post(f"/DST/{made['id']}/templatize").status_code == 409  # whatever it says, it is none
    return made["template"], again["template"]


def thumbs(desk: Desk) -> object:
    [resource] = desk.draft()["resources"]
    answer = desk.client.get(f"/pdfResource/{resource['id']}/thumbs", params={"page": 1})
    assert answer.content.startswith(b"\xff\xd8")
    return answer.headers["content-type"]


def nulls(desk: Desk) -> object:
    dst = desk.create(extraData={"a": None})
    assert dst["extraData"] == {"a": None}
    robot = _of_robot(desk)
    create(robot, embedded(plan=a_plan(forms=[a_text(extraData={"b": None})])), status="published")
    form = told(robot)[-1]["data"]["fillableForm"]
    assert form["extraData"] == {"b": None}
    return "errorMessage" in dst, "publishedAt" in dst, None in form.values()


def positions(desk: Desk) -> object:
    form = desk.draft(a_plan(forms=[a_place()]))["documents"][0]["forms"][0]
    return form["positionX"], form["positionY"], form["width"], form["page"]


def note_date(desk: Desk) -> object:
    dst = desk.create()
    desk.call("POST", f"/DST/{dst['id']}/note", json={"text": "x"})
    [note] = desk.call("GET", f"/DST/{dst['id']}/note")
    return note["createdAt"][10]


def notification_event(desk: Desk) -> object:
    desk.published()
    return desk.by(desk.people.anna).call("GET", "/notifications/dsts")["values"][0]["event"]


SCENARIOS: dict[str, Callable[[World], object]] = {
    "signing-today.form-origin": _with_desk(form_origin),
    "signing-today.text-member": _with_desk(text_member),
    "signing-today.put": _with_desk(put),
    "signing-today.group-signers": _with_desk(group_signers),
    "signing-today.rejected-webhook": _with_desk(rejected_webhook),
    "signing-today.webhook-owner": _with_desk(webhook_owner),
    "signing-today.creation-status": _with_desk(creation_status),
    "signing-today.template-flag": _with_desk(template_flag),
    "signing-today.thumbs": _with_desk(thumbs),
    "signing-today.nulls": _with_desk(nulls),
    "signing-today.positions": _with_desk(positions),
    "signing-today.note-date": _with_desk(note_date),
    "signing-today.notification-event": _with_desk(notification_event),
}
