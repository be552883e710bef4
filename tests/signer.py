"""A person with the link of a session, as a test sees them."""

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import httpx
from tests.world import Json, World

from localsign.core.pages import with_query

REDIRECTS = {name: f"https://app.test/{name}?own=1&status=mine#part" for name in ("success", "cancel", "error")}
SIGNING = {"action": "sign", "name": "Kari Nordmann"}
NIN = "01017012345"


class Seen(HTMLParser):
    """What a page holds: its text, its links and pictures, its fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str, attribute: str) -> list[str]:
        return [held[attribute] for name, held in self.tags if name == tag and attribute in held]

    def value(self, field: str) -> str:
        return next(held["value"] for _, held in self.tags if held.get("name") == field)


class Signer:
    """A person with a browser, which keeps cookies, and the link of a session."""

    def __init__(self, session: Json | str) -> None:
        self.link = session if isinstance(session, str) else str(session["signatureUrl"])
        self.cookies = httpx.Cookies()

    def request(self, method: str, url: str, **more: Any) -> httpx.Response:
        """Of one connection, so that nothing stays open; `verify` costs time and plain HTTP has nothing to verify."""
        answer = httpx.request(method, url, cookies=self.cookies, timeout=60, verify=False, **more)
        self.cookies.update(answer.cookies)
        return answer

    def get(self, path: str = "", **parameters: str) -> httpx.Response:
        parts = urlsplit(self.link)
        url = f"{parts.scheme}://{parts.netloc}{parts.path}{path}?{parts.query}"
        return self.request("GET", with_query(url, parameters) if parameters else url)

    def look(self) -> Seen:
        return Seen(self.get().text)

    def post(self, form: dict[str, str], **headers: str) -> httpx.Response:
        return self.request("POST", self.link, data=form, headers=headers)


def shows(answer: httpx.Response, status: int, *words: str) -> Seen:
    """The page that `answer` is, with these words in it."""
    seen = Seen(answer.text)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    for word in (*words, "localsign", "A test tool.", "Nothing you do on this page is legally signed."):
        assert word in seen.text
    return seen


def state_of(world: World, session: Json) -> str:
    return str(world.read(session)["lifecycle"]["state"])
