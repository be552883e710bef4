"""Nothing that lets somebody in is shown in the journal, whatever call it went through."""

from collections.abc import Callable

import pytest
from tests.signing_today.people import People
from tests.signing_today.test_saml import form, token_of

PARTS = ("journal?limit=100", "journal/har", "journal/curl")


def logins(people: People) -> list[str]:
    login = people.log_in("anna@demo").json()
    saml = form(people, {"userid": "bruno"})
    answer = people.nobody.post("/auth/saml", data=saml)
    people.nobody.get(answer.headers["location"])
    facts = [people.passwords["anna@demo"], people.facts["client_secret"]]
    return [login["access_token"], login["refresh_token"], *facts, saml["IDToken1"], saml["IDToken2"], token_of(answer)]


def passwords(people: People) -> list[str]:
    texts = ["Changed4711", "Plain4711text", "Json4711text", "Page4711text", "Given4711"]
    own = {"currentPassword": people.passwords["anna@demo"], "newPassword": texts[0]}
    assert people.anna.post("/auth/passwordReset", json=own).status_code == 204
    tokens = [people.anna.get("/auth/passwordToken").json()[0] for _ in range(2)]
    kinds = ("text/plain", "application/json")
    for token, text, kind in zip(tokens, (texts[1], f'"{texts[2]}"'), kinds, strict=True):
        wanted = {"passwordToken": token}
        people.nobody.post("/auth/changePassword", params=wanted, content=text, headers={"Content-Type": kind})
    people.nobody.get("/auth/passwordLost", params={"username": "carla", "domain": "demo"})
    [mail] = people.mails("password.lost")
    people.nobody.get(mail.links[0])
    people.nobody.post(mail.links[0], data={"password": texts[3]})
    people.world.control("POST", "signing-today/accounts", {"username": "x@demo", "password": texts[4]})
    return [*texts, *tokens, *mail.codes]


def devices(people: People) -> list[str]:
    challenge = people.anna.get("/device/authorization").json()["challenge"]
    body = {"challenge": challenge, "deviceId": "d", "name": "n"}
    tokens = people.nobody.post("/device/authorization", json=body).json()
    push = {"deviceId": "d", "token": "Push4711token"}
    assert people.anna.post("/notifications/push-token", json=push).status_code == 204
    return [challenge, *tokens, push["token"]]


def robots(people: People) -> list[str]:
    wanted = {
        "requestHeaders": {"Authorization": ["Token Header4711"], "X-Custom": ["Custom4711"]},
        "authentication": {"username": "u", "password": "Robot4711", "clientKey": "Key4711", "clientCert": "c"},
    }
    assert people.robot.put("/robot/configuration", json=wanted).status_code == 204
    people.robot.get("/robot/configuration")
    token = people.robot.get("/robot/authentication").json()["accessToken"]
    return [token, "Header4711", "Custom4711", "Robot4711", "Key4711"]


@pytest.mark.parametrize("use", [logins, passwords, devices, robots])
def test_no_secret_is_shown(people: People, use: Callable[[People], list[str]]) -> None:
    secrets = [*use(people), people.anna.headers["authorization"].removeprefix("Bearer ")]
    for part in PARTS:
        shown = people.world.control("GET", part)
        assert shown.status_code == 200
        assert [one for one in secrets if one in shown.text] == [], part
