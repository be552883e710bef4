"""One realistic story for each area; together they drive all 62 operations of the vendor, each with its own status."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import httpx
import yaml
from tests.signing_today.people import ANNA, BRUNO, INSTRUCTOR, People
from tests.signing_today.test_creation import embedded
from tests.signing_today.test_identities import MINE, upload
from tests.signing_today.test_saml import form
from tests.signing_today.transactions import (
    Desk,
    a_place,
    a_plan,
    a_template_plan,
    a_text,
    account,
    an_upload,
)

EVIDENCE = Path(__file__).parents[2] / "openapi" / "evidence" / "signing-today.yaml"
OURS = {"password_page", "choose_password_on_page", "welcome_page"}
OURS |= {"tray", "act_in_tray", "tray_document", "tray_picture"}


def watched(people: People) -> dict[str, set[int]]:
    """The statuses of every operation that anybody calls from now on."""
    seen: dict[str, set[int]] = defaultdict(set)

    def note(answer: httpx.Response) -> None:
        operation = answer.headers.get("x-sandbox-operation", "").partition(";")[0]
        seen[operation.removeprefix("signing-today.")].add(answer.status_code)

    names = ("nobody", "admin", "instructor", "anna", "bruno", "robot")
    for client in (getattr(people, name) for name in names):
        client.event_hooks["response"].append(note)
    return seen


def call(client: httpx.Client, method: str, path: str, status: int, **more: Any) -> Any:
    answer = client.request(method, path, **more)
    assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if "json" in answer.headers.get("content-type", "") else answer.content


def accounts(people: People) -> None:
    """An admin sets up the organization; people look after their own accounts."""
    admin, anna, nobody = people.admin, people.anna, people.nobody
    assert call(nobody, "GET", "/service/configuration", 200)
    assert call(admin, "GET", "/auth/user", 200)["username"] == "admin"
    call(admin, "POST", "/users/groups", 204, json=[{"name": "Board"}])
    groups = call(admin, "GET", "/users/groups", 200, params={"$filter": "name==Board"})["values"]
    [made] = call(admin, "POST", "/users", 201, json={"user": {"username": "dora", "groups": groups}, "password": "x"})
    call(admin, "PUT", f"/user/{made}", 204, json={"name": "Dora", "email": "dora@demo.example"})
    call(admin, "PUT", f"/user/{made}/role", 204, params={"newRole": "instructor"})
    assert call(admin, "GET", f"/user/{made}", 200)["role"] == "instructor"
    call(admin, "DELETE", f"/user/{made}", 204)
    assert call(admin, "GET", "/users", 200, params={"$filter": "username==dora;deletedAt!=null"})["count"] == 1
    synced = call(admin, "POST", "/service/users/sync", 200, json=[{"eduPersonPrincipalName": "ezio@demo"}])
    assert synced == {"users": {"deleted": 0, "inserted": 1, "updated": 0}}
    call(nobody, "POST", "/auth/saml", 303, data=form(people, {"userid": "fabia"}))

    call(nobody, "GET", "/auth/passwordLost", 204, params={"username": "bruno", "domain": "demo"})
    call(admin, "GET", "/auth/passwordReset", 204, params={"username": "carla", "domain": "demo"})
    passwords = {"currentPassword": people.passwords["anna@demo"], "newPassword": "Another1234"}
    call(anna, "POST", "/auth/passwordReset", 204, json=passwords)
    [token] = call(anna, "GET", "/auth/passwordToken", 200)
    call(nobody, "POST", "/auth/changePassword", 204, params={"passwordToken": token}, content='"Third123456"')
    robot = {"username": "robot", "domain": "demo"}
    call(admin, "POST", "/service/changePassword", 204, params=robot, content="Robot123456")
    for client, password in ((anna, "Third123456"), (people.robot, "Robot123456")):  # who changes it is logged out
        name = "anna@demo" if client is anna else "robot@demo"
        client.headers["Authorization"] = f"Bearer {people.log_in(name, password).json()['access_token']}"


def devices(people: People) -> None:
    """Anna trusts her phone, hears of things on it, and loses it; she chooses how her signature looks."""
    anna, nobody = people.anna, people.nobody
    challenge = call(anna, "GET", "/device/authorization", 200)["challenge"]
    phone = {"challenge": challenge, "deviceId": "phone", "name": "Anna's phone"}
    assert len(call(nobody, "POST", "/device/authorization", 200, json=phone)) == 1
    assert call(anna, "GET", "/devices", 200)["count"] == 1
    call(anna, "POST", "/notifications/push-token", 204, json={"deviceId": "phone", "token": "fcm"})
    call(anna, "DELETE", "/notifications/push-token", 204, params={"deviceId": "phone"})
    call(anna, "DELETE", "/device/authorization", 204, params={"deviceId": "phone"})
    assert call(anna, "GET", f"/user/{ANNA}/identities", 200)[0]["id"] == MINE
    assert upload(anna).status_code == 200
    assert call(anna, "GET", f"/user/{ANNA}/identity/{MINE}/appearance", 200)[:4] == b"\x89PNG"
    call(anna, "DELETE", f"/user/{ANNA}/identity/{MINE}/appearance", 204)


def robots(people: People) -> None:
    """A robot gets its token, is told how to call others, and makes DSTs in one call."""
    desk = Desk(people)
    template = desk.template(a_template_plan(), publicTemplate=True)
    robot = people.robot
    assert call(robot, "GET", "/robot/authentication", 200)["accessToken"]
    configuration = {"webhooks": {"dst": "http://127.0.0.1:9/hook"}}
    call(robot, "PUT", "/robot/configuration", 204, json=configuration)
    assert call(robot, "GET", "/robot/configuration", 200)["webhooks"] == configuration["webhooks"]
    made = call(robot, "POST", "/robot/DSTs", 200, json={"documents": [embedded()], "status": "published"})
    assert made["status"] == "toSign"
    roles = [{"roleName": one, "signer": {"email": f"{one}@example.com"}} for one in ("Buyer", "Seller")]
    wanted = {"templatePatches": {"status": "published"}, "rolesMapping": roles}
    assert call(robot, "POST", f"/robot/{template['id']}/instantiate", 200, json=wanted)["status"] == "toSign"
    call(robot, "DELETE", "/robot/authentication", 204)


def signing(people: People) -> None:
    """An instructor drafts a contract, it is filled in, refused, replaced and signed; templates are kept in order."""
    instructor, anna = people.instructor, people.anna
    dst = call(instructor, "POST", "/DSTs", 201, json={"title": "Sales contract"})
    path = f"/DST/{dst['id']}"
    for name in ("annex.pdf", "contract.pdf"):
        dst = call(instructor, "PATCH", f"{path}/resources", 200, **an_upload(filename=name))
    annex, contract = dst["resources"]
    dst = call(instructor, "DELETE", f"/DST/resource/{annex['id']}", 200)
    call(instructor, "PUT", f"/resource/{contract['id']}", 204, json={"title": "The contract"})
    plan = a_plan([account(ANNA, 1)], [account(BRUNO, 2)], forms=[a_text(11), a_place(1, 1)])
    dst = call(instructor, "PUT", path, 200, json={**dst, "documents": [{**dst["documents"][0], **plan}]})
    assert call(instructor, "POST", f"{path}/publish", 200)["status"] == "toFill"
    call(instructor, "POST", f"{path}/notify", 204)
    filled = {"id": 11, "documentId": dst["documents"][0]["id"], "extraData": {"text": "Napoli"}}
    dst = call(anna, "PATCH", f"{path}/fill", 200, json=filled)
    assert (dst["status"], dst["documents"][0]["status"]) == ("toSign", "filled")
    assert "/ticket/" in call(anna, "GET", f"{path}/sign/{dst['documents'][0]['id']}/1", 200)["url"]

    note = call(anna, "POST", f"{path}/note", 200, json={"text": "Which Via Roma?"})
    call(anna, "PUT", f"{path}/note/{note['id']}", 200, json={**note, "text": "Which Napoli?"})
    assert [one["text"] for one in call(instructor, "GET", f"{path}/note", 200)] == ["Which Napoli?"]
    call(anna, "DELETE", f"{path}/note/{note['id']}", 204)
    assert call(instructor, "GET", "/notifications/dsts", 200)["count"]
    call(instructor, "DELETE", f"/notifications/dst/{dst['id']}", 204)

    desk = Desk(people)
    assert desk.act(dst, "decline", reason="Too dear")["status"] == "rejected"
    new = call(instructor, "POST", f"{path}/replace", 200)
    assert (new["replaces"], call(instructor, "GET", path, 200)["replacedBy"]) == (dst["id"], new["id"])
    again = desk.act(desk.publish(new), "fill")
    for _ in range(2):
        again = desk.act(again, "sign")
    signed = again["documents"][0]["signedDocumentUuid"]
    assert call(instructor, "GET", f"/resource/{signed}", 200)[:5] == b"%PDF-"
    assert (
        call(anna, "GET", f"/pdfResource/{signed}/thumbs", 200, params={"page": 1, "width": 80})[:3] == b"\xff\xd8\xff"
    )
    assert call(anna, "GET", f"/DST/{new['id']}/resources", 200)[:2] == b"PK"
    assert call(instructor, "GET", f"/DST/{new['id']}/audit", 200)[-1]["event"] == "stage_signed"
    call(instructor, "DELETE", path, 204)
    assert call(instructor, "GET", "/DSTs", 200, params={"$filter": "status==signed"})["count"] == 1

    template = desk.template()["id"]
    assert call(instructor, "POST", f"/DST/{template}/instantiate", 200)["createdByUser"] == INSTRUCTOR
    assert call(instructor, "POST", f"/DST/{template}/templatize", 200)["template"] is True
    assert call(instructor, "POST", f"/DST/{template}/modify", 200)["status"] == "draft"
    call(anna, "GET", "/auth/logout", 204)
    call(anna, "GET", "/auth/user", 401)


def test_the_stories_drive_all_operations(people: People) -> None:
    rows = yaml.safe_load(EVIDENCE.read_text(encoding="utf-8"))["operations"]
    documented = {name: row["status"] for name, row in rows.items() if name not in OURS}
    assert len(documented) == 62
    seen = watched(people)
    for story in (accounts, devices, robots, signing):
        story(people)
    assert {name for name in documented if documented[name] not in seen[name]} == set()
