"""What each switch about accounts and logins changes: a scenario gives an answer that differs with each value."""

from collections.abc import Callable

import httpx
from tests.signing_today.people import ANNA, people_of
from tests.signing_today.test_saml import RESPONSE, form, post
from tests.signing_today.transactions import Desk, a_plan, account
from tests.world import NO_TLS, Json, World


def log_in(world: World, username: str = "admin", secret: str | None = None, **form: str) -> httpx.Response:
    """Ask for a token as a demo account of `demo`."""
    facts = world.description["signing_today"]
    [password] = {one["password"] for one in facts["accounts"]}
    fields = {"username": f"{username}@demo", "password": password, "grant_type": "password", **form}
    client = (facts["client_id"], secret or facts["client_secret"])
    return httpx.post(f"{world.url}/api/oauth/token", data=fields, auth=client, verify=NO_TLS)


def call(world: World, method: str, path: str, username: str = "admin", body: object = None) -> httpx.Response:
    """A call by a demo account."""
    headers = {"Authorization": f"Bearer {log_in(world, username).json()['access_token']}"}
    return world.anonymous.request(method, f"/api{path}", json=body, headers=headers)


def found(world: World, query: str) -> list[Json]:
    answer = world.anonymous.get(
        "/api/users",
        params={"$filter": query},
        headers={"Authorization": f"Bearer {log_in(world).json()['access_token']}"},
    )
    return list(answer.json()["values"])


def created_user(world: World) -> object:
    answer = call(world, "POST", "/users", body={"user": {"username": "jdo"}, "password": "A12345678z"})
    return type(answer.json())


def challenge(world: World) -> object:
    return len(call(world, "GET", "/device/authorization").json()["challenge"])


def oauth_client(world: World) -> object:
    return log_in(world, secret="another").status_code


def token_reuse(world: World) -> object:
    return log_in(world).json()["access_token"] == log_in(world).json()["access_token"]


def refresh(world: World) -> object:
    token = log_in(world).json()["refresh_token"]
    return log_in(world, grant_type="refresh_token", refresh_token=token).status_code


def user_update(world: World) -> object:
    assert call(world, "PUT", f"/user/{ANNA}", body={"name": "A"}).status_code == 204
    return call(world, "GET", f"/user/{ANNA}").json().get("surname")


def sync_absent(world: World) -> object:
    for wanted in ([{"eduPersonPrincipalName": "jdo"}], []):
        assert call(world, "POST", "/service/users/sync", body=wanted).status_code == 200
    return len(found(world, "username==jdo;deletedAt!=null"))


def user_delete(world: World) -> object:
    for _ in range(2):
        assert call(world, "DELETE", f"/user/{ANNA}").status_code == 204
    return len(found(world, "username==anna;deletedAt!=null"))


def saml_reply(world: World) -> object:
    with people_of(world, world.server) as people:
        reply = RESPONSE.format(until="2099-01-01T00:00:00Z").encode()
        return post(people, form(people, reply)).status_code


def automatic(world: World) -> object:
    with people_of(world, world.server) as people:
        desk = Desk(people)
        return desk.read(desk.published(a_plan([account(desk.automatic())])))["status"]


SCENARIOS: dict[str, Callable[[World], object]] = {
    "signing-today.created-user": created_user,
    "signing-today.challenge": challenge,
    "signing-today.oauth-client": oauth_client,
    "signing-today.token-reuse": token_reuse,
    "signing-today.refresh": refresh,
    "signing-today.user-update": user_update,
    "signing-today.sync-absent": sync_absent,
    "signing-today.user-delete": user_delete,
    "signing-today.saml-reply": saml_reply,
    "signing-today.automatic": automatic,
}
