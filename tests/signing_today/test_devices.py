"""Phones: challenged, trusted, listed, cleared, and where pushes to them go."""

import io
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from tests.signing_today.people import ANNA, NOBODY, STRANGER, People, refused

from localsign.signing_today.account_switches import CHALLENGE

PHONE = "05ea656f-df69-49b1-a12b-9bf640c427c2"


def challenge(people: People) -> str:
    return str(people.anna.get("/device/authorization").json()["challenge"])


def show(people: People, text: str, **but: Any) -> httpx.Response:
    body = {"challenge": text, "deviceId": PHONE, "name": "Anna's phone", **but}
    return people.nobody.post("/device/authorization", json=body)


def trust(people: People, **but: Any) -> str:
    answer = show(people, challenge(people), **but)
    assert answer.status_code == 200, answer.text
    [token] = answer.json()
    return str(UUID(token))


def test_a_phone_that_shows_the_challenge_is_trusted(people: People) -> None:
    asked = people.anna.get("/device/authorization").json()
    assert asked["userId"] == ANNA
    assert asked["baseURL"] == f"{people.url}/challenge"
    assert len(bytes.fromhex(asked["challenge"])) == 16
    assert show(people, asked["challenge"]).status_code == 200
    [device] = people.anna.get("/devices").json()["values"]
    assert device.pop("registeredAt")
    assert device == {"_instance_id": 1, "userId": ANNA, "deviceId": PHONE, "name": "Anna's phone"}
    refused(show(people, asked["challenge"]), 401, "challenge")


def test_the_challenge_comes_as_a_qr_code_as_well(people: People) -> None:
    from PIL import Image

    answer = people.anna.get("/device/authorization", headers={"Accept": "image/png"})
    assert answer.headers["content-type"] == "image/png"
    assert "challenge.png" in answer.headers["content-disposition"]
    with Image.open(io.BytesIO(answer.content)) as image:
        assert image.format == "PNG"
        assert image.width == image.height


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/json, image/png", "text/html", ""])
def test_json_is_preferred(people: People, accept: str) -> None:
    assert people.anna.get("/device/authorization", headers={"Accept": accept}).json()["userId"] == ANNA


def test_a_qr_code_holds_the_same(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here reads QR codes, so this looks at what is drawn."""
    import segno

    drawn: list[str] = []
    make = segno.make

    def drawing(text: str, **options: Any) -> Any:
        drawn.append(text)
        return make(text, **options)

    monkeypatch.setattr(segno, "make", drawing)
    people.anna.get("/device/authorization", headers={"Accept": "image/png"})
    [said] = map(json.loads, drawn)
    assert said.keys() == {"userId", "baseURL", "challenge"}
    assert show(people, said["challenge"]).status_code == 200


def test_a_new_challenge_ends_the_one_before(people: People) -> None:
    first = challenge(people)
    people.bruno.get("/device/authorization")
    second = challenge(people)
    refused(show(people, first), 401, "challenge")
    assert show(people, second).status_code == 200


def test_a_challenge_lives_for_ten_minutes(people: People) -> None:
    old = challenge(people)
    people.world.advance("PT9M59S")
    assert show(people, old).status_code == 200
    old = challenge(people)
    people.world.advance("PT10M")
    refused(show(people, old), 401, "challenge")


def test_a_challenge_may_be_written_as_a_uuid(people: People) -> None:
    assert show(people, str(UUID(challenge(people)))).status_code == 200
    people.switch(CHALLENGE, "uuid")
    text = challenge(people)
    assert str(UUID(text)) == text
    assert show(people, text.replace("-", "")).status_code == 200


def test_a_known_phone_keeps_its_token_and_gets_the_new_name(people: People) -> None:
    first = trust(people)
    assert trust(people, name="Renamed") == first
    listed = people.anna.get("/devices").json()
    assert (listed["count"], listed["values"][0]["name"]) == (1, "Renamed")
    assert trust(people, deviceId="other") != first
    assert people.anna.get("/devices", params={"$skip": 1}).json()["values"][0]["deviceId"] == "other"


@pytest.mark.parametrize(
    ("but", "targets"),
    [
        ({"challenge": None}, ["challenge"]),
        ({"deviceId": ""}, ["deviceId"]),
        ({"deviceId": 5, "name": "x" * 256}, ["deviceId", "name"]),
    ],
)
def test_a_bad_registration_leaves_the_challenge_good(people: People, but: Any, targets: list[str]) -> None:
    text = challenge(people)
    refused(show(people, text, **but), 400, *targets)
    assert show(people, text).status_code == 200


def test_the_devices_of_others_take_a_capability(people: People) -> None:
    trust(people)
    assert people.admin.get("/devices", params={"userId": ANNA}).json()["count"] == 1
    assert people.admin.get("/devices").json() == {"count": 0, "values": []}
    refused(people.bruno.get("/devices", params={"userId": ANNA}), 403, "devices.list.all")
    stranger = people.at("admin", "partner")
    assert stranger.get("/devices", params={"userId": ANNA}).json()["count"] == 0
    assert stranger.delete("/device/authorization", params={"userId": ANNA, "deviceId": PHONE}).status_code == 204
    wanted = {"userId": ANNA, "deviceId": PHONE}
    refused(people.bruno.delete("/device/authorization", params=wanted), 403, "devices.delete.all")
    assert people.anna.get("/devices").json()["count"] == 1
    assert people.admin.delete("/device/authorization", params=wanted).status_code == 204
    assert people.anna.get("/devices").json()["count"] == 0


def test_clearing_a_device_takes_its_push_token_along(people: People) -> None:
    push = {"deviceId": PHONE, "token": "c84c1180"}
    refused(people.anna.post("/notifications/push-token", json=push), 409, "deviceId")
    trust(people)
    assert people.anna.post("/notifications/push-token", json=push).status_code == 204
    refused(people.bruno.post("/notifications/push-token", json=push), 409, "deviceId")
    assert people.anna.delete("/device/authorization", params={"deviceId": PHONE}).status_code == 204
    refused(people.anna.post("/notifications/push-token", json=push), 409, "deviceId")
    assert people.anna.delete("/device/authorization", params={"deviceId": PHONE}).status_code == 204


def test_a_push_token_is_cleared(people: People) -> None:
    trust(people)
    people.anna.post("/notifications/push-token", json={"deviceId": PHONE, "token": "x"})
    for device in (PHONE, "unknown"):
        assert people.anna.delete("/notifications/push-token", params={"deviceId": device}).status_code == 204
    assert people.anna.get("/devices").json()["count"] == 1
    refused(people.anna.delete("/notifications/push-token"), 400, "deviceId")
    refused(people.anna.delete("/device/authorization"), 400, "deviceId")
    refused(people.anna.post("/notifications/push-token", json={}), 400, "deviceId", "token")


def test_the_parameters_of_the_list_are_checked(people: People) -> None:
    refused(people.anna.get("/devices", params={"userId": "x", "$top": "x"}), 400)
    for user_id in (NOBODY, STRANGER):
        assert people.admin.get("/devices", params={"userId": user_id}).json()["count"] == 0
