"""Robots: their lifetime tokens, and how they call others."""

from typing import Any

import pytest
from tests.signing_today.people import ROBOT, People, refused

WHOLE = {
    "requestHeaders": {"Authorization": ["Token eed3fc66"], "X-Twice": ["a", "b"]},
    "authentication": {
        "username": "jdo",
        "password": "A12345678z",
        "authMode": "basic",
        "clientKey": "key",
        "clientCert": "certificate",
    },
    "webhooks": {"dst": "http://127.0.0.1:9/hook"},
}
EMPTY: dict[str, str] = {}
NAMED = {"username": "robot", "domain": "demo"}


def test_a_lifetime_token_is_made_once_and_outlives_logins(people: People) -> None:
    answer = people.robot.get("/robot/authentication")
    assert list(answer.json()) == ["accessToken"]
    token = answer.json()["accessToken"]
    assert people.robot.get("/robot/authentication").json()["accessToken"] == token
    assert people.admin.get("/robot/authentication", params=NAMED).json()["accessToken"] == token
    people.robot.get("/auth/logout")
    people.world.advance("P400D")
    assert people.bearing(token).get("/auth/user").json()["id"] == ROBOT


def test_a_cleared_token_is_no_good_and_the_next_is_new(people: People) -> None:
    old = people.bearing(people.robot.get("/robot/authentication").json()["accessToken"])
    answer = old.delete("/robot/authentication")
    assert (answer.status_code, answer.content) == (204, b"")
    refused(old.get("/auth/user"), 401, "Authorization")
    new = people.robot.get("/robot/authentication").json()["accessToken"]
    assert f"Bearer {new}" != old.headers["authorization"]
    for _ in range(2):
        assert people.admin.delete("/robot/authentication", params=NAMED).status_code == 204


def test_an_admin_makes_a_robot_of_a_new_account(people: People) -> None:
    people.create(username="thirdPartApp", role="instructor")
    token = people.admin.get("/robot/authentication", params={"username": "thirdPartApp"}).json()["accessToken"]
    assert people.bearing(token).get("/auth/user").json()["username"] == "thirdPartApp"


def test_a_lifetime_token_outlives_a_reset(people: People) -> None:
    robot = people.bearing(people.robot.get("/robot/authentication").json()["accessToken"])
    robot.put("/robot/configuration", json=WHOLE)
    assert people.world.control("POST", "reset").status_code == 204
    assert robot.get("/robot/configuration").json() == EMPTY


@pytest.mark.parametrize("path", ["/robot/authentication", "/robot/configuration"])
def test_who_may_name_whom(people: People, path: str) -> None:
    refused(people.anna.get(path, params=NAMED), 403, "username")
    refused(people.robot.get(path, params={"username": "anna"}), 403, "username")
    refused(people.admin.get(path, params={"username": "robot", "domain": "partner"}), 404)
    refused(people.admin.get(path, params={"username": "nobody"}), 404)
    assert people.robot.get(path, params=NAMED).status_code == 200
    assert people.anna.get(path).status_code == 200, "the current account, if none is named"


def test_a_configuration_is_replaced_as_a_whole(people: People) -> None:
    assert people.robot.get("/robot/configuration").json() == EMPTY
    answer = people.robot.put("/robot/configuration", json={**WHOLE, "unknown": 1})
    assert (answer.status_code, answer.content) == (204, b"")
    assert people.robot.get("/robot/configuration").json() == WHOLE
    assert people.admin.get("/robot/configuration", params=NAMED).json() == WHOLE
    assert people.admin.put("/robot/configuration", params=NAMED, json={"webhooks": {}}).status_code == 204
    assert people.robot.get("/robot/configuration").json() == {"webhooks": {}}
    assert people.admin.get("/robot/configuration").json() == EMPTY


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({"requestHeaders": {"A b": ["x"]}}, "requestHeaders"),
        ({"requestHeaders": {"A": ["x\r\nB: y"]}}, "requestHeaders"),
        ({"requestHeaders": {"A": ["é"]}}, "requestHeaders"),
        ({"requestHeaders": {"A": "x"}}, "requestHeaders.A"),
        ({"requestHeaders": []}, "requestHeaders"),
        ({"authentication": {"authMode": "ntlm"}}, "authentication.authMode"),
        ({"authentication": 5}, "authentication"),
        ({"webhooks": {"dst": "ftp://x"}}, "webhooks.dst"),
        ({"webhooks": {"dst": "http://"}}, "webhooks.dst"),
        ({"webhooks": {"dst": 5}}, "webhooks.dst"),
    ],
)
def test_a_bad_configuration_changes_nothing(people: People, change: Any, target: str) -> None:
    people.robot.put("/robot/configuration", json=WHOLE)
    refused(people.robot.put("/robot/configuration", json={**WHOLE, **change}), 400, target)
    assert people.robot.get("/robot/configuration").json() == WHOLE
