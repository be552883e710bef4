"""What a world begins with, what outlives a restart, what a copy shares; and who wins when many come at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
from tests.conftest import Server, serve
from tests.signing_today.people import ANNA, NOBODY, People, people_of, refused
from tests.world import NO_TLS, World

from localsign.sandbox import Sandbox
from localsign.settings import Settings
from localsign.signing_today.models.people import User


def log_in(url: str, username: str, password: str, client: tuple[str, str]) -> httpx.Response:
    form = {"username": username, "password": password, "grant_type": "password"}
    return httpx.post(f"{url}/api/oauth/token", data=form, auth=client)


def test_a_world_has_its_own_secrets_and_the_people_of_all(server: Server, people: People) -> None:
    other = server.world()
    mine, theirs = people.facts, other.description["signing_today"]
    for name in ("client_id", "client_secret", "domains"):
        assert mine[name] != theirs[name]
    assert [one["id"] for one in mine["accounts"]] == [one["id"] for one in theirs["accounts"]]
    assert {one["password"] for one in mine["accounts"]} & {one["password"] for one in theirs["accounts"]} == set()
    other.close()


def test_a_seed_gives_the_same_secrets(server: Server) -> None:
    one, two = (server.world(seed="42") for _ in range(2))
    first, second = one.description["signing_today"], two.description["signing_today"]
    assert first.pop("client_id") != second.pop("client_id"), "it names the workspace"
    assert first == second
    for world in (one, two):
        world.close()


def test_a_reset_takes_back_what_was_changed_of_the_people(world: World, people: People) -> None:
    made = people.create(username="jdo")
    people.admin.put(f"/user/{ANNA}", json={"name": "Annabella", "username": "x"})
    body = {"currentPassword": people.passwords["bruno@demo"], "newPassword": "B98765432y"}
    assert people.bruno.post("/auth/passwordReset", json=body).status_code == 204
    jdo = people.logged_in("jdo@demo", "A12345678z")
    assert world.control("POST", "reset").status_code == 204
    assert people.read(ANNA)["username"] == "anna"
    assert people.log_in("bruno@demo").status_code == 200
    refused(people.admin.get(f"/user/{made}"), 404)
    refused(jdo.get("/auth/user"), 401)


def test_a_copy_knows_the_same_passwords_but_not_the_tokens(world: World, people: People) -> None:
    people.create(username="jdo")
    token = people.admin.headers["authorization"]
    copy = World(world.control("POST", f"workspaces/{world.name}/fork").json())
    facts = copy.description["signing_today"]
    client = (facts["client_id"], facts["client_secret"])
    assert client[0] != people.facts["client_id"]
    assert facts["accounts"] == people.facts["accounts"]
    assert copy.anonymous.get("/api/auth/user", headers={"Authorization": token}).status_code == 401
    assert log_in(copy.url, "jdo@demo", "A12345678z", client).status_code == 200
    form = {"grant_type": "refresh_token", "refresh_token": people.log_in("admin@demo").json()["refresh_token"]}
    refreshed = copy.anonymous.post("/api/oauth/token", data=form, auth=(people.facts["client_id"], "x"))
    assert refreshed.json()["error"] == "invalid_grant"
    copy.close()


def test_a_kept_world_goes_on_after_a_restart(tmp_path: Path) -> None:
    for server in serve(Settings(data_dir=tmp_path)):
        kept = server.world("kept")
        with people_of(kept, server) as people:
            people.create(username="jdo")
            token = people.admin.headers["authorization"]
        kept.close()
    for server in serve(Settings(data_dir=tmp_path, client_secret="another")):
        read = httpx.get(f"{server.url}/_sandbox/v1/workspaces/kept").json()["signing_today"]
        assert read == kept.description["signing_today"]
        assert httpx.get(f"{server.url}/api/users", headers={"Authorization": token}).json()["count"] == 7
        assert log_in(server.url, "admin@demo", "another", ("localsign", "another")).status_code == 200


def test_the_settings_rule_the_workspace_default(tmp_path: Path) -> None:
    for secret in ("first", "second"):
        sandbox = Sandbox(Settings(data_dir=tmp_path, client_id=f"client-{secret}", client_secret=secret))
        facts = sandbox.describe(sandbox.default, "http://sign.test")["signing_today"]
        sandbox.close()
        assert (facts["client_id"], facts["client_secret"]) == (f"client-{secret}", secret)
        assert {one["password"] for one in facts["accounts"]} == {secret}


def test_one_of_many_consumes_a_password_token(people: People) -> None:
    [token] = people.anna.get("/auth/passwordToken").json()

    def change(number: int) -> int:
        url = f"{people.url}/auth/changePassword"
        return httpx.post(url, params={"passwordToken": token}, content=f"Password{number}").status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(change, range(24)))
    assert sorted(statuses) == [204] + 23 * [409]
    good = [number for number in range(24) if people.log_in("anna@demo", f"Password{number}").status_code == 200]
    assert good == [statuses.index(204)]


def test_one_of_many_takes_a_user_name(people: People) -> None:
    body = {"user": {"username": "jdo"}, "password": "A12345678z"}
    headers = dict(people.admin.headers)

    def create(_: int) -> int:
        return httpx.post(f"{people.url}/users", json=body, headers=headers).status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(create, range(24)))
    assert sorted(statuses) == [201] + 23 * [400]
    with people.workspace.work() as work:
        assert len([one for one in work.everything(User) if one.username == "jdo"]) == 1


def test_a_stranger_is_nobody(people: People) -> None:
    refused(people.admin.get(f"/user/{NOBODY}"), 404)


def test_the_host_of_the_vendor_leads_to_the_default_world(server: Server) -> None:
    headers = {"Host": "web.sandbox.signingtoday.com"}
    answer = httpx.get(f"{server.url}/api/service/configuration", headers=headers, verify=NO_TLS)
    assert answer.json() == {"application": {"protocol": "http", "baseHost": "web.sandbox.signingtoday.com"}}
    refused(httpx.get(f"{server.url}/api/DSTs", headers=headers, verify=NO_TLS), 401, "Authorization")
