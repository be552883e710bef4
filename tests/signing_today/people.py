"""The people of Signing Today in a test: who is logged in, and builders named like data."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from tests.conftest import Server
from tests.world import NO_TLS, Json, World

from localsign.core.outbox import Message
from localsign.core.switches import Switch

ADMIN = "5d000000-0000-4000-8000-000000000001"
INSTRUCTOR = "5d000000-0000-4000-8000-000000000002"
ANNA = "5d000000-0000-4000-8000-000000000003"
BRUNO = "5d000000-0000-4000-8000-000000000004"
CARLA = "5d000000-0000-4000-8000-000000000005"
ROBOT = "5d000000-0000-4000-8000-000000000006"
STRANGER = "5d000000-0000-4000-8000-000000000007"  # the admin of another domain
NOBODY = "00000000-0000-4000-8000-000000004711"


class People:
    """The accounts of a workspace. An attribute named like a demo account of `demo` is a client logged in as it."""

    admin: httpx.Client
    instructor: httpx.Client
    anna: httpx.Client
    bruno: httpx.Client
    carla: httpx.Client
    robot: httpx.Client

    def __init__(self, world: World, server: Server) -> None:
        self.world = world
        self.workspace = server.sandbox.find(world.name)
        self.url = f"{world.url}/api"
        self.facts: Json = world.description["signing_today"]
        self.passwords: dict[str, str] = {one["username"]: one["password"] for one in self.facts["accounts"]}
        self.nobody = httpx.Client(base_url=self.url, timeout=60, verify=NO_TLS)
        self._clients: dict[str, httpx.Client] = {}
        self._made = [self.nobody]

    def __getattr__(self, name: str) -> httpx.Client:
        if f"{name}@demo" not in self.passwords:
            raise AttributeError(name)
        return self.at(name)

    def at(self, username: str, domain: str = "demo") -> httpx.Client:
        """A client that is logged in as a demo account of a domain."""
        name = f"{username}@{domain}"
        if name not in self._clients:
            self._clients[name] = self.logged_in(name, self.passwords[name])
        return self._clients[name]

    def logged_in(self, username: str, password: str) -> httpx.Client:
        """A client that has just logged in with a password."""
        return self.bearing(self.log_in(username, password).json()["access_token"])

    def bearing(self, token: str) -> httpx.Client:
        """A client that sends `token`."""
        headers = {"Authorization": f"Bearer {token}"}
        self._made.append(httpx.Client(base_url=self.url, headers=headers, timeout=60, verify=NO_TLS))
        return self._made[-1]

    def log_in(self, username: str, password: str | None = None, **form: str) -> httpx.Response:
        """Ask for a token, as the documented samples do it; with the password of the demo account if none is given."""
        fields = {
            "username": username,
            "password": self.passwords.get(username, "") if password is None else password,
            "grant_type": "password",
            **form,
        }
        return self.nobody.post(
            "/oauth/token",
            files={name: (None, value) for name, value in fields.items()},
            auth=(self.facts["client_id"], self.facts["client_secret"]),
        )

    def switch(self, switch: Switch, value: str) -> None:
        """Choose what the documentation leaves open."""
        answer = self.world.control("PUT", f"switches/{switch.name}", {"value": value})
        assert answer.status_code == 200, answer.text

    def mails(self, kind: str | None = None) -> list[Message]:
        """What was sent to people, the oldest first; or what was sent for one reason."""
        with self.workspace.work() as work:
            messages = sorted(work.everything(Message), key=lambda one: one.seq or 0)
        return [one for one in messages if kind in (None, one.kind)]

    def create(self, **members: Any) -> str:
        """A new account of `demo` with the password `A12345678z`; its id."""
        user = {"username": "new", "name": "Nora", "surname": "Newman", "email": "nora@demo.example", **members}
        answer = self.admin.post("/users", json={"user": user, "password": "A12345678z"})
        assert answer.status_code == 201, answer.text
        [user_id] = answer.json()
        return str(user_id)

    def read(self, user_id: str) -> Json:
        """An account as an admin sees it."""
        answer = self.admin.get(f"/user/{user_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def close(self) -> None:
        for client in self._made:
            client.close()


@contextmanager
def people_of(world: World, server: Server) -> Iterator[People]:
    people = People(world, server)
    yield people
    people.close()


def refused(answer: httpx.Response, status: int, *targets: str | None) -> Any:
    """The body of a refusal, which must have the shape of `status` and name exactly `targets`, in order."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    if status == 404:
        assert answer.content == b""
        return None
    body = answer.json()
    ones = body if status == 400 else [body]
    assert isinstance(ones, list)
    members = {"code", "message"} if status not in (400, 401, 403, 409) else {"code", "message", "target"}
    assert all(one.keys() == members for one in ones), body
    assert all(one["code"] and one["message"] for one in ones), body
    if status == 400:
        assert {one["code"] for one in ones} == {"BadArgument"}
    if targets:
        assert [one["target"] for one in ones] == list(targets)
    return body
