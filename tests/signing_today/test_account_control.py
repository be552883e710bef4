"""Accounts by command: for clients that come with an organization and names of their own."""

from typing import Any

import httpx
import pytest
from tests.signing_today.people import People
from tests.world import Json, World
from tests.world import refused as refused_by_control


def create(world: World, **wanted: Any) -> httpx.Response:
    return world.control("POST", "signing-today/accounts", wanted)


def made(world: World, **wanted: Any) -> Json:
    answer = create(world, **wanted)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_an_account_is_made_in_an_organization_that_was_not_there(people: People) -> None:
    account = made(people.world, username="jdo@bit4id", password="A12345678z", role="admin", groups=["IT"])
    jdo = people.logged_in("jdo@bit4id", "A12345678z")
    me = jdo.get("/auth/user").json()
    assert [me[name] for name in ("id", "username", "domain", "role")] == [account["id"], "jdo", "bit4id", "admin"]
    assert [one["name"] for one in me["groups"]] == ["IT"]
    assert jdo.get("/users").json()["count"] == 1
    described = people.world.control("GET", f"workspaces/{people.world.name}").json()["signing_today"]
    assert [one["domain"] for one in described["domains"]] == ["bit4id", "demo", "partner"]
    made(people.world, username="vpa@infn.it@bit4id")
    assert jdo.get("/users").json()["values"][1]["username"] == "vpa@infn.it"


def test_a_robot_comes_with_its_lifetime_token(people: People) -> None:
    account = made(people.world, username="app@demo", role="instructor", is_robot=True, automatic=True)
    me = people.bearing(account["lifetime_token"]).get("/auth/user").json()
    assert (me["username"], me["automatic"]) == ("app", True)
    assert people.log_in("app@demo", account["password"]).status_code == 200
    assert made(people.world, username="anna2@demo")["lifetime_token"] is None


def test_all_accounts_are_listed(people: People) -> None:
    people.admin.delete("/user/5d000000-0000-4000-8000-000000000003")
    listed = people.world.control("GET", "signing-today/accounts").json()
    assert [one["username"] for one in listed][:3] == ["admin@demo", "instructor@demo", "anna@demo"]
    assert [one["is_enabled"] for one in listed][:3] == [True, True, False]
    assert "partner" in {one["username"].partition("@")[2] for one in listed}


def test_a_name_is_taken_once(people: People) -> None:
    refused_by_control(create(people.world, username="anna@demo"), 409, code="account_exists")


@pytest.mark.parametrize(
    ("wanted", "flawed"),
    [
        ({}, ["username"]),
        ({"username": "anna"}, ["username"]),
        ({"username": "@demo"}, ["username"]),
        ({"username": "x@demo", "role": "boss"}, ["role"]),
        ({"username": "x@demo", "password": ""}, ["password"]),
        ({"username": "x@demo", "surprise": 1}, ["surprise"]),
    ],
)
def test_a_bad_account_is_refused(people: People, wanted: Any, flawed: list[str]) -> None:
    refused_by_control(create(people.world, **wanted), 400, *flawed)
