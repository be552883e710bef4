"""Syncs of accounts with the organization's directory."""

from typing import Any

import pytest
from tests.signing_today.people import ANNA, People, refused

from localsign.signing_today.account_switches import SYNC_ABSENT
from localsign.signing_today.service.federation import group_name

ONE = {
    "eduPersonPrincipalName": "jdo@bit4id.com",
    "isMemberOf": ["i:bit:R_D:system_network::n:member"],
    "givenName": "John",
    "surname": "Doe",
    "orgRole": "instructor",
}
TWO = {"eduPersonPrincipalName": "two"}


def sync(people: People, *wanted: Any) -> dict[str, int]:
    answer = people.admin.post("/service/users/sync", json=list(wanted))
    assert answer.status_code == 200, answer.text
    assert list(answer.json()) == ["users"]
    return dict(answer.json()["users"])


def named(people: People, username: str) -> dict[str, Any]:
    [found] = people.admin.get("/users", params={"$filter": f'username=="{username}"'}).json()["values"]
    return dict(found)


def test_a_sync_inserts_updates_and_disables(people: People) -> None:
    assert sync(people, ONE, TWO) == {"deleted": 0, "inserted": 2, "updated": 0}
    john = named(people, "jdo@bit4id.com")
    assert [john["name"], john["surname"], john["role"]] == ["John", "Doe", "instructor"]
    assert [one["name"] for one in john["groups"]] == ["system_network"]
    assert named(people, "two")["role"] == "signer"

    changed = {**ONE, "surname": "Dow", "orgRole": "admin", "isMemberOf": ["Legal"]}
    assert sync(people, changed) == {"deleted": 1, "inserted": 0, "updated": 1}
    john = named(people, "jdo@bit4id.com")
    assert (john["surname"], john["role"], len(john["capabilities"])) == ("Dow", "admin", 9)
    assert [one["id"] for one in john["groups"]] == [1]
    assert named(people, "two")["deletedAt"] is not None

    assert sync(people, changed) == {"deleted": 0, "inserted": 0, "updated": 1}
    assert sync(people, changed, TWO) == {"deleted": 0, "inserted": 0, "updated": 2}
    assert named(people, "two").get("deletedAt") is None


def test_accounts_that_no_sync_made_are_spared(people: People) -> None:
    people.create(username="manual")
    assert sync(people) == {"deleted": 0, "inserted": 0, "updated": 0}
    assert people.admin.get("/users", params={"$filter": "deletedAt!=null"}).json()["count"] == 0


def test_absent_accounts_may_also_be_kept(people: People) -> None:
    people.switch(SYNC_ABSENT, "keep")
    sync(people, ONE)
    assert sync(people) == {"deleted": 0, "inserted": 0, "updated": 0}
    assert named(people, "jdo@bit4id.com").get("deletedAt") is None


def test_a_known_account_is_updated_by_its_name(people: People) -> None:
    wanted = {"eduPersonPrincipalName": "anna", "givenName": "Annabella"}
    assert sync(people, wanted) == {"deleted": 0, "inserted": 0, "updated": 1}
    assert (people.read(ANNA)["name"], people.read(ANNA)["groups"]) == ("Annabella", [])
    assert people.at("anna", "partner").get("/auth/user").json()["name"] == "Anna", "another domain's"


def test_admins_and_robots_sync_and_nobody_else(people: People) -> None:
    assert people.robot.post("/service/users/sync", json=[ONE]).status_code == 200
    for client in (people.instructor, people.anna):
        refused(client.post("/service/users/sync", json=[]), 403, "role")


@pytest.mark.parametrize(
    ("wanted", "targets"),
    [
        ([TWO, TWO], ["[1].eduPersonPrincipalName"]),
        ([{}, {"eduPersonPrincipalName": ""}], ["[0].eduPersonPrincipalName", "[1].eduPersonPrincipalName"]),
        ([{**TWO, "orgRole": "boss"}], ["[0].orgRole"]),
        ([{**TWO, "isMemberOf": ["x" * 256]}], ["[0].isMemberOf[0]"]),
        ([{"eduPersonPrincipalName": str(number)} for number in range(2001)], ["body"]),
        ({}, ["body"]),
        (5, ["body"]),
    ],
)
def test_a_bad_list_changes_nothing(people: People, wanted: Any, targets: list[str]) -> None:
    before = people.admin.get("/users").json()
    refused(people.admin.post("/service/users/sync", json=wanted), 400, *targets)
    assert people.admin.get("/users").json() == before


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("i:infn:cnaf:sistema_informativo::n:member", "sistema_informativo"),
        ("i:bit:R_D:system_network::n:member", "system_network"),
        ("Legal", "Legal"),
        ("a:b", "a:b"),
        ("::n:member", "::n:member"),
        ("a:::n", "a"),
    ],
)
def test_a_membership_means_a_group(text: str, name: str) -> None:
    assert group_name(text) == name
