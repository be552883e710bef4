"""Accounts: listed, made, changed, disabled, given another role."""

from typing import Any

import pytest
from tests.signing_today.people import (
    ADMIN,
    ANNA,
    BRUNO,
    CARLA,
    INSTRUCTOR,
    NOBODY,
    ROBOT,
    STRANGER,
    People,
    refused,
)

from localsign.signing_today.account_switches import CREATED_USER, USER_UPDATE
from localsign.signing_today.permissions import Capability

DEMO = [ADMIN, INSTRUCTOR, ANNA, BRUNO, CARLA, ROBOT]
READ_ONLY = {
    "id": NOBODY,
    "createdBy": NOBODY,
    "createdAt": "2007-04-02 19:30:10+00:00",
    "deletedAt": "2007-04-02 19:30:10+00:00",
    "automatic": True,
}


# ---- lists


def test_everybody_sees_the_accounts_of_the_organization_and_no_other(people: People) -> None:
    listed = people.anna.get("/users").json()
    assert [one["id"] for one in listed["values"]] == DEMO
    assert listed["count"] == len(DEMO)
    assert {one["domain"] for one in listed["values"]} == {"demo"}
    assert {one["domain"] for one in people.at("admin", "partner").get("/users").json()["values"]} == {"partner"}


def test_a_page_is_cut_out_of_the_list(people: People) -> None:
    page = people.admin.get("/users", params={"$top": 2, "$skip": 1, "$count": "True"}).json()
    assert [one["id"] for one in page["values"]] == DEMO[1:3]
    assert page["count"] == len(DEMO)
    assert people.admin.get("/users", params={"$top": 0}).json()["values"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ('name == "Anna" or surname == "Bianchi"', [ANNA, BRUNO]),
        ("role==signer;language==it", [ANNA, BRUNO]),
        ("username==*min", [ADMIN]),
        (f"id=={CARLA}", [CARLA]),
        ("phone==null", [ROBOT]),
        ("deletedAt!=null", []),
        ("createdAt<2026-01-01T00:00:00Z;role==admin", [ADMIN]),
        ("capabilities==user.pwd.clear", [ADMIN]),
        ('$filter=name=="Anna"', [ANNA]),
    ],
)
def test_a_filter_selects(people: People, query: str, expected: list[str]) -> None:
    answer = people.admin.get("/users", params={"$filter": query})
    assert [one["id"] for one in answer.json()["values"]] == expected, answer.text


def test_the_list_is_sorted_as_asked(people: People) -> None:
    def named(order: str) -> list[str]:
        values = people.admin.get("/users", params={"$orderBy": order}).json()["values"]
        return [one["username"] for one in values]

    assert named("username") == sorted(named("username"))
    assert named("username,desc") == sorted(named("username"), reverse=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("$filter", "nothing==1"),
        ("$filter", "name=="),
        ("$filter", "role==boss"),
        ("$orderBy", "password"),
        ("$top", "-1"),
        ("$top", "x"),
        ("$top", "99999999999"),
        ("$skip", "-1"),
        ("$count", "perhaps"),
    ],
)
def test_a_bad_list_parameter_is_named(people: People, name: str, value: str) -> None:
    refused(people.admin.get("/users", params={name: value}), 400, name)


# ---- making


def test_an_admin_makes_an_account_that_can_log_in(people: People) -> None:
    answer = people.admin.post(
        "/users",
        json={
            "user": {
                **READ_ONLY,
                "username": "jdo",
                "domain": "bit4id",
                "language": "fr",
                "name": "John",
                "surname": "Doe",
                "email": "john.doe@email.example",
                "phone": "+013392213450",
                "role": "instructor",
                "groups": [{"id": 1}, {"name": "Sales"}],
                "extraData": {"st_uuid": "d6ebb1ed"},
                "unknown": 1,
            },
            "password": "A12345678z",
        },
    )
    assert answer.status_code == 201, answer.text
    [user_id] = answer.json()
    shown = people.read(user_id)
    assert shown["createdAt"] == shown["createdAt"]
    del shown["createdAt"]
    assert shown == {
        "id": user_id,
        "username": "jdo",
        "domain": "demo",
        "language": "fr",
        "name": "John",
        "surname": "Doe",
        "email": "john.doe@email.example",
        "phone": "+013392213450",
        "role": "instructor",
        "groups": [{"id": 1, "name": "Legal", "domain": "demo"}, {"id": 2, "name": "Sales", "domain": "demo"}],
        "capabilities": [],
        "createdBy": ADMIN,
        "automatic": False,
        "extraData": {"st_uuid": "d6ebb1ed"},
    }
    mine = people.logged_in("jdo@demo", "A12345678z")
    assert mine.get("/auth/user").json()["id"] == user_id
    assert people.mails() == []
    [identity] = mine.get(f"/user/{user_id}/identities").json()
    assert (identity["subjectCommonName"], identity["valid"]) == ("John Doe", True)


def test_the_id_may_come_as_a_string(people: People) -> None:
    people.switch(CREATED_USER, "string")
    answer = people.admin.post("/users", json={"user": {"username": "jdo"}, "password": "A12345678z"})
    assert people.read(answer.json())["username"] == "jdo"


def test_without_a_password_the_owner_gets_a_link_to_choose_one(people: People) -> None:
    user = {"username": "jdo", "email": "jdo@demo.example", "language": "it"}
    assert people.admin.post("/users", json={"user": user}).status_code == 201
    [mail] = people.mails()
    assert (mail.kind, mail.recipient, mail.language) == ("account.created", "jdo@demo.example", "it")
    assert people.log_in("jdo@demo", "A12345678z").status_code == 400
    [link] = mail.links
    assert "Choose a password" in people.nobody.get(link).text
    assert people.nobody.post(link, data={"password": "A12345678z"}).status_code == 200
    assert people.log_in("jdo@demo", "A12345678z").status_code == 200


def test_capabilities_come_from_the_role_unless_they_are_given(people: People) -> None:
    admin = people.read(people.create(username="one", role="admin"))
    assert set(admin["capabilities"]) == set(Capability) - {Capability.WRITE_ORGANIZATIONS}
    asked = ["user.create.all", "user.create.all", "dst.list.all"]
    assert people.read(people.create(username="two", capabilities=asked))["capabilities"] == asked[1:]


@pytest.mark.parametrize(
    ("body", "targets"),
    [
        ({}, ["user"]),
        ({"user": {}}, ["user.username", "user.email"]),
        ({"user": {"username": "anna"}, "password": "A12345678z"}, ["user.username"]),
        ({"user": {"username": "x", "email": "nobody"}}, ["user.email"]),
        ({"user": {"username": "x"}, "password": ""}, ["password"]),
        ({"user": {"email": "x"}, "password": "x" * 201}, ["user.username", "user.email", "password"]),
        ({"user": {"username": "x", "role": "boss"}}, ["user.role"]),
        ({"user": {"username": "x", "language": "de"}}, ["user.language"]),
        ({"user": {"username": "x", "capabilities": ["fly"]}}, ["user.capabilities[0]"]),
        ({"user": {"username": "x", "groups": [{"id": 1}, {"id": 3}, {"name": "x"}]}, "password": "x"}, None),
        ({"user": {"username": 5}}, ["user.username"]),
        ({"user": {"username": "x" * 256}}, ["user.username"]),
        (
            {"user": {"username": "x", "extraData": {"a": [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]}}},
            ["user.extraData"],
        ),
    ],
)
def test_a_bad_account_is_refused_with_every_flaw(people: People, body: Any, targets: list[str] | None) -> None:
    refused(people.admin.post("/users", json=body), 400, *(targets or ["user.groups[1]", "user.groups[2]"]))
    assert people.admin.get("/users").json()["count"] == len(DEMO)


def test_an_account_by_sync_or_saml_has_no_password_yet(people: People) -> None:
    people.admin.post("/service/users/sync", json=[{"eduPersonPrincipalName": "jdo"}])
    for password in ("", people.passwords["anna@demo"]):
        assert people.log_in("jdo@demo", password).status_code == 400


def test_only_who_may_create_users_does(people: People) -> None:
    for client in (people.instructor, people.anna, people.robot):
        refused(client.post("/users", json={"user": 5}), 403, "user.create.all")


# ---- reading


def test_one_reads_oneself_and_with_the_capability_others(people: People) -> None:
    assert people.anna.get(f"/user/{ANNA}").json()["username"] == "anna"
    assert people.admin.get(f"/user/{ANNA}").json()["username"] == "anna"
    refused(people.anna.get(f"/user/{BRUNO}"), 403, "user.access.all")
    refused(people.instructor.get(f"/user/{BRUNO}"), 403, "user.access.all")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_what_is_in_another_domain_is_not_there(people: People, method: str) -> None:
    for user_id in (STRANGER, NOBODY):
        refused(people.admin.request(method, f"/user/{user_id}", json={} if method == "PUT" else None), 404)
    refused(people.admin.put(f"/user/{STRANGER}/role", params={"newRole": "signer"}), 404)
    refused(people.admin.get(f"/user/{STRANGER}/identities"), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/user/1"),
        ("PUT", "/user/x"),
        ("DELETE", "/user/1"),
        ("PUT", "/user/1/role?newRole=signer"),
        ("GET", "/user/1/identities"),
        ("GET", f"/user/{ANNA}/identity/1/appearance"),
        ("DELETE", "/user/1/identity/1/appearance"),
    ],
)
def test_what_is_no_id_is_the_id_of_nobody(people: People, method: str, path: str) -> None:
    """Most of these calls list no 400, and all list 404."""
    refused(people.admin.request(method, path, json={} if method == "PUT" else None), 404)


# ---- changing


def test_a_put_replaces_what_one_may_change_of_oneself(people: People) -> None:
    before = people.read(ANNA)
    wanted = {**before, **READ_ONLY, "name": "Annabella", "phone": None, "language": "en", "extraData": {"a": 1}}
    del wanted["email"]
    answer = people.anna.put(f"/user/{ANNA}", json=wanted)
    assert (answer.status_code, answer.content) == (204, b"")
    assert people.read(ANNA) == {
        **{name: value for name, value in before.items() if name not in ("phone", "email")},
        "name": "Annabella",
        "language": "en",
        "extraData": {"a": 1},
    }


def test_a_put_may_also_merge(people: People) -> None:
    people.switch(USER_UPDATE, "merge")
    before = people.read(ANNA)
    assert people.anna.put(f"/user/{ANNA}", json={"name": "Annabella"}).status_code == 204
    assert people.read(ANNA) == {**before, "name": "Annabella"}


@pytest.mark.parametrize(
    ("change", "target"),
    [
        ({"role": "admin"}, "role"),
        ({"capabilities": ["user.create.all"]}, "capabilities"),
        ({"groups": [{"id": 1}]}, "groups"),
        ({"username": "annabella"}, "username"),
    ],
)
def test_nobody_promotes_himself(people: People, change: Any, target: str) -> None:
    before = people.read(ANNA)
    refused(people.anna.put(f"/user/{ANNA}", json={**before, **change}), 403, target)
    assert people.read(ANNA) == before


def test_an_admin_changes_everything_that_can_be(people: People) -> None:
    wanted = {"username": "annabella", "role": "instructor", "groups": [], "name": "A", "domain": "partner"}
    assert people.admin.put(f"/user/{ANNA}", json=wanted).status_code == 204
    after = people.read(ANNA)
    assert [after[name] for name in ("username", "role", "groups", "domain")] == ["annabella", "instructor", [], "demo"]
    assert people.log_in("annabella@demo", people.passwords["anna@demo"]).status_code == 200
    refused(people.admin.put(f"/user/{ANNA}", json={"username": "bruno"}), 400, "username")
    refused(people.admin.put(f"/user/{ANNA}", json={"username": "", "email": "x"}), 400, "email", "username")
    refused(people.instructor.put(f"/user/{ANNA}", json={}), 403, "user.access.all")


# ---- disabling


def test_a_disabled_account_is_seen_and_cannot_log_in(people: People) -> None:
    anna = people.anna
    answer = people.admin.delete(f"/user/{ANNA}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert people.read(ANNA)["deletedAt"] is not None
    refused(anna.get("/auth/user"), 401, "Authorization")
    assert people.log_in("anna@demo").json()["error"] == "invalid_grant"
    assert people.admin.get("/users", params={"$filter": "deletedAt!=null"}).json()["count"] == 1
    refused(people.admin.put(f"/user/{ANNA}/role", params={"newRole": "admin"}), 409, "DISABLED")

    assert people.admin.delete(f"/user/{ANNA}").status_code == 204
    assert people.admin.delete(f"/user/{ANNA}", params={"enabled": "True"}).status_code == 204
    assert people.read(ANNA).get("deletedAt") is None
    assert people.log_in("anna@demo").status_code == 200
    refused(anna.get("/auth/user"), 401)
    refused(people.instructor.delete(f"/user/{ANNA}"), 403, "user.delete.all")
    refused(people.admin.delete(f"/user/{ANNA}", params={"enabled": "x"}), 400, "enabled")


def test_a_disabled_robot_is_refused_with_its_lifetime_token(people: People) -> None:
    token = people.robot.get("/robot/authentication").json()["accessToken"]
    people.admin.delete(f"/user/{ROBOT}")
    refused(people.bearing(token).get("/auth/user"), 401)


# ---- roles


def test_a_role_brings_its_capabilities(people: People) -> None:
    answer = people.admin.put(f"/user/{ANNA}/role", params={"newRole": "admin"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert (people.read(ANNA)["role"], len(people.read(ANNA)["capabilities"])) == ("admin", 9)
    people.admin.put(f"/user/{ANNA}/role", params={"newRole": "signer"})
    assert people.read(ANNA)["capabilities"] == []
    refused(people.admin.put(f"/user/{ANNA}/role", params={"newRole": "boss"}), 400, "newRole")
    refused(people.admin.put(f"/user/{ANNA}/role"), 400, "newRole")
    refused(people.instructor.put(f"/user/{ANNA}/role", params={"newRole": "admin"}), 403, "role")


# ---- groups


def test_groups_are_listed_and_added(people: People) -> None:
    answer = people.admin.post("/users/groups", json=[{"name": "Marketing BU", "id": 1, "domain": "x"}, {"name": "IT"}])
    assert (answer.status_code, answer.content) == (204, b"")
    listed = people.anna.get("/users/groups", params={"$orderBy": "name,desc"}).json()
    assert [one["name"] for one in listed["values"]] == ["Sales", "Marketing BU", "Legal", "IT"]
    assert {one["domain"] for one in listed["values"]} == {"demo"}
    assert len({one["id"] for one in listed["values"]}) == listed["count"] == 4
    assert people.anna.get("/users/groups", params={"$filter": "name==L*"}).json()["count"] == 1


def test_bad_groups_are_refused_all_together(people: People) -> None:
    wanted = [{"name": "New"}, {"name": "Legal"}, {"name": "New"}, {}, {"name": ""}]
    refused(people.admin.post("/users/groups", json=wanted), 400, "[1].name", "[2].name", "[3].name", "[4].name")
    refused(people.admin.post("/users/groups", json={"name": "New"}), 400, "body")
    refused(people.instructor.post("/users/groups", json=[]), 403, "role")
    assert people.admin.get("/users/groups").json()["count"] == 2
