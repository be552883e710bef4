"""Losing, resetting and changing passwords."""

import httpx
import pytest
from tests.signing_today.people import ANNA, NOBODY, People, refused

NEW = "B98765432y"
TEXT = {"Content-Type": "text/plain"}


def change(people: People, token: str, body: str | bytes = NEW) -> httpx.Response:
    return people.nobody.post("/auth/changePassword", params={"passwordToken": token}, content=body, headers=TEXT)


def test_a_lost_password_is_replaced_by_the_link_in_a_mail(people: People) -> None:
    anna = people.anna
    answer = people.nobody.get("/auth/passwordLost", params={"username": "anna", "domain": "demo"})
    assert (answer.status_code, answer.content) == (204, b"")
    [mail] = people.mails("password.lost")
    assert mail.recipient == "anna@demo.example"
    assert people.log_in("anna@demo").status_code == 200, "the old one is good until it is replaced"

    [token] = mail.codes
    assert change(people, token).status_code == 204
    assert people.log_in("anna@demo").status_code == 400
    assert people.log_in("anna@demo", NEW).status_code == 200
    refused(anna.get("/auth/user"), 401)
    refused(change(people, token), 409, "passwordToken")


def test_nobody_learns_whether_an_account_is_there(people: People) -> None:
    for username, domain in (("nobody", "demo"), ("anna", "nowhere"), ("x\x00", "'")):
        answer = people.nobody.get("/auth/passwordLost", params={"username": username, "domain": domain})
        assert answer.status_code == 204
    assert people.mails() == []
    refused(people.nobody.get("/auth/passwordLost"), 400, "username", "domain")


def test_an_admin_makes_somebody_choose_anew(people: People) -> None:
    anna = people.anna
    wanted = {"username": "anna", "domain": "demo"}
    assert people.admin.get("/auth/passwordReset", params=wanted).status_code == 204
    refused(anna.get("/auth/user"), 401)
    assert people.log_in("anna@demo").status_code == 400
    [mail] = people.mails("password.reset")
    assert change(people, mail.codes[0]).status_code == 204
    assert people.log_in("anna@demo", NEW).status_code == 200

    refused(people.logged_in("anna@demo", NEW).get("/auth/passwordReset", params=wanted), 403, "user.pwd.clear")
    refused(people.admin.get("/auth/passwordReset", params={**wanted, "domain": "partner"}), 404)
    refused(people.admin.get("/auth/passwordReset"), 400, "username", "domain")


def test_one_changes_ones_own_password(people: People) -> None:
    body = {"currentPassword": people.passwords["anna@demo"], "newPassword": NEW}
    wrong = {**body, "currentPassword": "x"}
    refused(people.anna.post("/auth/passwordReset", json=wrong), 403, "currentPassword")
    refused(people.anna.post("/auth/passwordReset", json={}), 400, "currentPassword", "newPassword")
    refused(people.anna.post("/auth/passwordReset", json={**body, "newPassword": ""}), 400, "newPassword")
    answer = people.anna.post("/auth/passwordReset", json=body)
    assert (answer.status_code, answer.content) == (204, b"")
    assert people.log_in("anna@demo", NEW).status_code == 200
    assert people.anna.get("/auth/user").status_code == 200, "the session goes on"
    described = people.world.control("GET", f"workspaces/{people.world.name}").json()["signing_today"]
    assert {one["id"]: one["password"] for one in described["accounts"]}[ANNA] is None


def test_a_token_of_ones_own_changes_the_password_once(people: People) -> None:
    answer = people.anna.get("/auth/passwordToken")
    [token] = answer.json()
    assert change(people, token, f'"{NEW}"').status_code == 204, "the documented samples send quotes"
    assert people.log_in("anna@demo", NEW).status_code == 200
    refused(change(people, token), 409, "passwordToken")


def test_a_password_token_lives_for_a_day(people: People) -> None:
    [old] = people.anna.get("/auth/passwordToken").json()
    people.world.advance("PT23H59M")
    [new] = people.anna.get("/auth/passwordToken").json()
    people.world.advance("PT1M")
    refused(change(people, old), 409, "passwordToken")
    assert change(people, new).status_code == 204


@pytest.mark.parametrize("token", ["", "x", NOBODY, "\x00", "é" * 200])
def test_an_unknown_token_is_refused(people: People, token: str) -> None:
    refused(change(people, token), 409, "passwordToken")


@pytest.mark.parametrize("body", [b"", b'""', b"x" * 201, b"x" * 5000, b"\xff\xfe"])
def test_what_is_no_password_is_refused_and_the_token_stays_good(people: People, body: bytes) -> None:
    [token] = people.anna.get("/auth/passwordToken").json()
    refused(change(people, token, body), 400, "body")
    assert change(people, token).status_code == 204


def test_a_disabled_account_changes_nothing(people: People) -> None:
    [token] = people.anna.get("/auth/passwordToken").json()
    people.admin.delete(f"/user/{ANNA}")
    refused(change(people, token), 409, "passwordToken")
    people.nobody.get("/auth/passwordLost", params={"username": "anna", "domain": "demo"})
    assert people.mails() == []


def test_an_admin_changes_the_password_of_a_service_user(people: People) -> None:
    def asked(username: str, client: httpx.Client) -> httpx.Response:
        wanted = {"username": username, "domain": "demo"}
        return client.post("/service/changePassword", params=wanted, content=NEW, headers=TEXT)

    token = people.robot.get("/robot/authentication").json()["accessToken"]
    assert asked("robot", people.admin).status_code == 204
    assert people.log_in("robot@demo", NEW).status_code == 200
    assert people.bearing(token).get("/auth/user").status_code == 200, "a lifetime token outlives passwords"
    refused(asked("robot", people.instructor), 403, "role")
    refused(asked("nobody", people.admin), 409, "username")
    refused(asked("anna", people.admin), 409, "username")
    people.admin.get("/robot/authentication", params={"username": "anna", "domain": "demo"})
    assert asked("anna", people.admin).status_code == 204


def test_the_page_behind_the_link_says_what_is_wrong(people: People) -> None:
    people.nobody.get("/auth/passwordLost", params={"username": "anna", "domain": "demo"})
    [link] = people.mails()[0].links
    page = people.nobody.get(link)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "anna@demo" in page.text
    empty = people.nobody.post(link, data={"password": ""})
    assert (empty.status_code, "must be 1 to 200 characters" in empty.text) == (400, True)
    assert "was changed" in people.nobody.post(link, data={"password": NEW}).text
    used = people.nobody.get(link)
    assert (used.status_code, used.headers["content-type"]) == (409, "text/html; charset=utf-8")
    assert people.nobody.get("/password").status_code == 400
