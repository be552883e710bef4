"""Shares as a test sees them: a sender who calls the API, and recipients with a browser and a phone."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from sqlmodel import col, select
from tests.conftest import Server
from tests.signer import Seen
from tests.world import Json, World

from localsign.core.outbox import Message
from localsign.core.tables import Announcement

CONTACT: Json = {"name": "Acme AS", "email": "help@acme.test", "phone": "+4722222222"}
BY_EMAIL: Json = {"identityProvider": "otp-email"}
BY_SMS: Json = {"identityProvider": "otp-sms"}
NIN = "12345678901"
BY_BANKID: Json = {"identityProvider": "nbid", "idpId": "1234-3456-5678", "nin": NIN}

File = tuple[str, tuple[str, bytes, str]]


def a_file(name: str = "report.pdf", content: bytes = b"%PDF-1.7 report", media_type: str = "application/pdf") -> File:
    """A part of an upload, as httpx takes it."""
    return "file", (name, content, media_type)


def a_share(**but: Any) -> Json:
    """The request for a share; `but` replaces members."""
    return {"title": "Tax papers", "contactDetails": CONTACT, **but}


def a_recipient(**but: Any) -> Json:
    """The request for a recipient who logs in by e-mail and gets no messages."""
    return {
        "firstName": "Kari",
        "lastName": "Nordmann",
        "email": "kari@example.test",
        "mobile": "+4791234567",
        "authentication": [BY_EMAIL],
        **but,
    }


@dataclass(frozen=True)
class Sender:
    """Who calls the API, in one workspace of a server."""

    server: Server
    world: World

    # ---- the API

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        """A call below `/secure-share/shares`."""
        return self.world.api.request(method, f"/secure-share/shares{path}", **more)

    def share(self, **but: Any) -> Json:
        """A new share, as the API shows it."""
        answer = self.call("POST", "", json=a_share(**but))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def upload(self, share: Json, *files: File) -> list[Json]:
        """Upload `files`, or one PDF."""
        answer = self.call("POST", f"/{share['id']}/files", files=list(files or [a_file()]))
        assert answer.status_code == 201, answer.text
        return list(answer.json())

    def invite(self, share: Json, **but: Any) -> Json:
        """A new recipient, as the API shows them."""
        answer = self.call("POST", f"/{share['id']}/recipients", json=a_recipient(**but))
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def read(self, share: Json) -> Json:
        """The share now."""
        answer = self.call("GET", f"/{share['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def recipient(self, share: Json, recipient: Json) -> Json:
        """The recipient now."""
        answer = self.call("GET", f"/{share['id']}/recipients/{recipient['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def change(self, share: Json, recipient: Json, **members: Any) -> httpx.Response:
        return self.call("PATCH", f"/{share['id']}/recipients/{recipient['id']}", json=members)

    def remind(self, share: Json, recipient: Json) -> httpx.Response:
        return self.call("POST", f"/{share['id']}/recipients/{recipient['id']}/remind")

    def drop_file(self, share: Json, file: Json) -> None:
        assert self.call("DELETE", f"/{share['id']}/files/{file['id']}").status_code == 204

    # ---- the world

    def act(self, share: Json, recipient: Json, action: str, **more: Any) -> httpx.Response:
        """Do what the recipient does, and return the bare answer."""
        path = f"secure-share/shares/{share['id']}/recipients/{recipient['id']}/act"
        return self.world.control("POST", path, {"action": action, **more})

    def does(self, share: Json, recipient: Json, action: str, **more: Any) -> Json:
        """`act`, which must succeed."""
        answer = self.act(share, recipient, action, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def switch(self, name: str, value: str) -> None:
        """Choose for this workspace what the documentation leaves open."""
        answer = self.world.control("PUT", f"switches/secure-share.{name}", {"value": value})
        assert answer.status_code == 200, answer.text

    def messages(self, to: str | None = None) -> list[Message]:
        """The outbox, oldest first."""
        with self.server.sandbox.find(self.world.name).work() as work:
            found = work.db.exec(select(Message).order_by(col(Message.seq))).all()
            return [one for one in found if to in (None, one.recipient)]

    def code(self, to: str = "kari@example.test") -> str:
        """The one-time code that was sent last."""
        return str(self.messages(to)[-1].codes[0])

    def events(self) -> list[tuple[str, Json]]:
        """What was announced, oldest first."""
        with self.server.sandbox.find(self.world.name).work() as work:
            found = work.db.exec(select(Announcement).order_by(col(Announcement.id))).all()
            return [(one.name, one.data) for one in found]

    def blobs(self) -> list[str]:
        """The names of all files that hold bytes, of those that arrive as well."""
        folder = self.server.sandbox.find(self.world.name).blobs.folder
        return sorted(path.name for path in folder.rglob("*") if path.is_file())


class Visitor:
    """Somebody with a browser, which keeps cookies, and the link of a recipient."""

    def __init__(self, recipient: Json | str) -> None:
        self.link = recipient if isinstance(recipient, str) else str(recipient["url"])
        self.cookies = httpx.Cookies()

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        answer = httpx.request(method, url, cookies=self.cookies, timeout=60, verify=False, **more)
        self.cookies.extract_cookies(answer)  # also those that are to be forgotten
        return answer

    def get(self, more: str = "") -> httpx.Response:
        return self.request("GET", self.link + more)

    def look(self) -> Seen:
        return Seen(self.get().text)

    def click(self, action: str, query: str = "", **fields: str) -> httpx.Response:
        """Click a button, and follow where it leads."""
        answer = self.request("POST", self.link + query, data={"action": action, **fields})
        if answer.status_code == 303:
            parts = urlsplit(self.link)
            return self.request("GET", f"{parts.scheme}://{parts.netloc}{answer.headers['location']}")
        return answer

    def files(self) -> list[str]:
        """The addresses of the downloads that the page offers."""
        parts = urlsplit(self.link)
        links = self.look().all("a", "href")
        return [f"{parts.scheme}://{parts.netloc}{one}" for one in links if "/files/" in one]


PROBLEMS = {
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
}


def problem(answer: httpx.Response, status: int, *flawed: str) -> Json:
    """The body of a refusal by the product, which must complain of exactly `flawed`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body: Json = answer.json()
    title = "One or more validation errors occurred." if flawed else PROBLEMS[status]
    assert (body["title"], body["status"]) == (title, status)
    assert body["type"].startswith("https://tools.ietf.org/html/rfc9110#section-15.")
    assert body["detail"]
    assert re.fullmatch("[0-9a-f]{32}", body["traceId"])
    assert body.keys() == {"type", "title", "status", "detail", "traceId"} | ({"errors"} if flawed else set())
    assert list(body.get("errors", {})) == list(flawed)
    assert all(reasons and all(reasons) for reasons in body.get("errors", {}).values())
    return body
