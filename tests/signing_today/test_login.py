"""Logging in, calling, logging out."""

import base64
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.signing_today.people import ANNA, People, people_of, refused
from tests.world import World

from localsign.core.switches import TOKEN_CLOCK
from localsign.signing_today.account_switches import OAUTH_CLIENT, REFRESH, TOKEN_REUSE


def test_a_person_logs_in_as_the_samples_do_it(people: People) -> None:
    answer = people.log_in("anna@demo")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["access_token", "token_type", "refresh_token", "expires_in", "scope"]
    assert (body["token_type"], body["scope"]) == ("bearer", "all")
    assert 0 < body["expires_in"] <= 43200
    assert answer.headers["cache-control"] == "no-store"

    me = people.bearing(body["access_token"]).get("/auth/user")
    assert me.json() == {
        "id": ANNA,
        "username": "anna",
        "domain": "demo",
        "language": "it",
        "name": "Anna",
        "surname": "Rossi",
        "email": "anna@demo.example",
        "phone": "+390810000003",
        "role": "signer",
        "groups": [{"id": 1, "name": "Legal", "domain": "demo"}, {"id": 2, "name": "Sales", "domain": "demo"}],
        "capabilities": [],
        "createdAt": "2025-01-01T09:00:00Z",
        "automatic": False,
        "extraData": {},
    }


def test_a_form_that_is_urlencoded_is_taken_as_well(people: People) -> None:
    form = {"username": "anna@demo", "password": people.passwords["anna@demo"], "grant_type": "password"}
    assert people.nobody.post("/oauth/token", data=form, auth=("any", "client")).status_code == 200


def test_a_multipart_header_without_boundary_is_understood(people: People) -> None:
    """The documented samples in Python and C# set the header by hand, which loses the boundary."""
    fields = {"username": "anna@demo", "password": people.passwords["anna@demo"], "grant_type": "password"}
    body = "".join(
        f'--b0und\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    )
    answer = people.nobody.post(
        "/oauth/token",
        content=f"{body}--b0und--\r\n".encode(),
        headers={"Content-Type": "multipart/form-data"},
        auth=("any", "client"),
    )
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("body", [b"", b"x", b"\r\n", b"x" * 2000, b"--\r\nx"])
def test_a_multipart_body_without_any_boundary_is_refused(people: People, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data"}
    answer = people.nobody.post("/oauth/token", content=body, headers=headers, auth=("any", "client"))
    refused(answer, 400, "Content-Type")


def test_a_field_that_is_no_text_is_refused(people: People) -> None:
    """A charset may turn plain bytes into half of a surrogate pair."""
    body = b'--b\r\nContent-Disposition: form-data; name="username"\r\n\r\n\\ud800\r\n--b--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b; charset=unicode_escape"}
    refused(people.nobody.post("/oauth/token", content=body, headers=headers, auth=("any", "client")), 400, "body")


def test_a_form_that_is_too_large_is_refused(people: People) -> None:
    answer = people.nobody.post("/oauth/token", data={"username": "x" * 300_000}, auth=("any", "client"))
    refused(answer, 413)


def test_a_second_login_gives_the_same_token(people: People) -> None:
    first, second = people.log_in("anna@demo").json(), people.log_in("anna@demo").json()
    assert first["access_token"] == second["access_token"]
    assert first["refresh_token"] == second["refresh_token"]
    assert second["expires_in"] <= first["expires_in"]


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"password": "wrong"}, 400, "invalid_grant"),
        ({"username": "nobody@demo"}, 400, "invalid_grant"),
        ({"username": "anna"}, 400, "invalid_grant"),
        ({"username": "anna@partner"}, 400, "invalid_grant"),
        ({"grant_type": "client_credentials"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 400, "invalid_grant"),
    ],
)
def test_a_bad_login_is_refused_in_the_words_of_oauth(people: People, form: Any, status: int, error: str) -> None:
    fields = {
        "username": "anna@demo",
        "password": people.passwords["anna@demo"] + ("x" if form.get("username") == "anna@partner" else ""),
        "grant_type": "password",
        **form,
    }
    answer = people.nobody.post("/oauth/token", data=fields, auth=("any", "client"))
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error", "error_description"]
    assert answer.json()["error"] == error


@pytest.mark.parametrize("header", [None, "Bearer x", "Basic", "Basic !", "Basic eA==", "Basic 4pyT4pyT"])
def test_a_login_needs_a_client(people: People, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    answer = people.nobody.post("/oauth/token", data={"grant_type": "password"}, headers=headers)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic ")


def test_logging_out_ends_the_session(people: People) -> None:
    anna = people.anna
    assert anna.get("/auth/logout").status_code == 204
    refused(anna.get("/auth/user"), 401, "Authorization")


def test_a_refresh_token_gives_a_new_token_once(people: People) -> None:
    old = people.log_in("anna@demo").json()
    form = {"grant_type": "refresh_token", "refresh_token": old["refresh_token"]}
    client = (people.facts["client_id"], people.facts["client_secret"])
    new = people.nobody.post("/oauth/token", data=form, auth=client)
    assert new.status_code == 200, new.text
    assert new.json()["access_token"] != old["access_token"]
    refused(people.bearing(old["access_token"]).get("/auth/user"), 401)
    assert people.bearing(new.json()["access_token"]).get("/auth/user").status_code == 200
    assert people.nobody.post("/oauth/token", data=form, auth=client).status_code == 400


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer x", "Token x", "Basic eDp5"])
def test_a_call_without_a_good_token_is_refused(people: People, header: str | None) -> None:
    answer = people.nobody.get("/auth/user", headers={} if header is None else {"Authorization": header})
    refused(answer, 401, "Authorization")
    assert answer.headers["www-authenticate"].startswith("Bearer ")


# ---- what is not documented


def test_a_second_login_may_also_give_a_token_of_its_own(people: People) -> None:
    people.switch(TOKEN_REUSE, "new")
    first, second = people.log_in("anna@demo").json(), people.log_in("anna@demo").json()
    assert first["access_token"] != second["access_token"]
    people.bearing(second["access_token"]).get("/auth/logout")
    refused(people.bearing(first["access_token"]).get("/auth/user"), 401)


def test_refreshing_may_also_be_refused(people: People) -> None:
    people.switch(REFRESH, "refused")
    token = people.log_in("anna@demo").json()["refresh_token"]
    answer = people.log_in("anna@demo", grant_type="refresh_token", refresh_token=token)
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_only_the_client_of_the_workspace_may_be_let_in(people: People) -> None:
    people.switch(OAUTH_CLIENT, "registered")
    assert people.log_in("anna@demo").status_code == 200
    for client in (("any", "client"), (people.facts["client_id"], "x"), ("x", people.facts["client_secret"])):
        answer = people.nobody.post("/oauth/token", data={"grant_type": "password"}, auth=client)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_tokens_may_follow_the_clock_of_the_workspace(people: People) -> None:
    people.switch(TOKEN_CLOCK, "workspace")
    anna, first = people.anna, people.log_in("anna@demo").json()
    people.world.advance("PT11H")
    assert people.log_in("anna@demo").json()["expires_in"] <= 3600
    people.world.advance("PT1H")
    refused(anna.get("/auth/user"), 401, "Authorization")
    assert people.log_in("anna@demo").json()["access_token"] != first["access_token"]


def test_anybody_may_ask_where_the_application_is(people: People) -> None:
    answer = people.nobody.get("/service/configuration")
    address = {"protocol": "http", "baseHost": people.world.url.removeprefix("http://")}
    assert answer.json() == {"application": address}


# ---- workspaces


def test_credentials_alone_find_their_workspace(server: Server, people: People) -> None:
    """A client that knows only the server's address: the id of its OAuth client and its token say which workspace."""
    form = {"username": "anna@demo", "password": people.passwords["anna@demo"], "grant_type": "password"}
    with httpx.Client(base_url=f"{server.url}/api") as plain:
        client = (people.facts["client_id"], people.facts["client_secret"])
        token = plain.post("/oauth/token", data=form, auth=client).json()["access_token"]
        assert token == people.log_in("anna@demo").json()["access_token"]
        assert plain.get("/auth/user", headers={"Authorization": f"Bearer {token}"}).json()["username"] == "anna"


def test_a_token_of_another_workspace_is_no_good(server: Server, people: People) -> None:
    other = server.world()
    with people_of(other, server) as others:
        refused(others.bearing(people.log_in("anna@demo").json()["access_token"]).get("/auth/user"), 401)
    other.close()


def test_the_default_workspace_has_known_credentials(server: Server) -> None:
    form = {"username": "admin@demo", "password": "localsign-secret", "grant_type": "password"}
    with httpx.Client(base_url=f"{server.url}/api") as plain:
        answer = plain.post("/oauth/token", data=form, auth=("localsign", "localsign-secret"))
        assert answer.status_code == 200, answer.text


def test_logins_outlive_a_reset(world: World, people: People) -> None:
    anna = people.anna
    assert world.control("POST", "reset").status_code == 204
    assert anna.get("/auth/user").json()["id"] == ANNA
    assert people.log_in("bruno@demo").status_code == 200
    assert world.control("GET", f"workspaces/{world.name}").json() == world.description


def test_a_header_of_bytes_that_are_no_text_is_refused(people: People) -> None:
    header = b"Basic " + base64.b64encode(b"\xff\xfe:\xff")
    answer = people.nobody.post(
        "/oauth/token", data={"grant_type": "password"}, headers={"Authorization": header.decode()}
    )
    assert answer.status_code == 401
