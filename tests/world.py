"""A workspace as a test sees it: clients that are logged in, and builders named like data."""

import re
import ssl
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx

from localsign.resources import fixtures_folder

Json = dict[str, Any]


def agreement() -> bytes:
    """A PDF of two pages."""
    return (fixtures_folder() / "documents" / "agreement.pdf").read_bytes()


def terms() -> bytes:
    """A plain text."""
    return (fixtures_folder() / "documents" / "terms.txt").read_bytes()


# Nothing here speaks TLS, and httpx would read all root certificates anew for each client: 28 ms.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

AUTHENTICATION_BASED: Json = {
    "signingFlow": "AUTHENTICATION_BASED",
    "identityProviders": [{"idpName": "nbid"}],
}
PKI: Json = {"signingFlow": "PKISIGNING", "vendor": "NBID", "identityProviders": []}


class World:
    """A workspace. `api` is logged in; `anonymous` is not; both begin at the workspace's address."""

    server: Any = None  # what it runs on, for who has to look behind the API

    def __init__(self, description: Json) -> None:
        self.description = description
        self.name: str = description["name"]
        self.url: str = description["base_url"]
        self.client: Json = description["clients"][0]
        self.anonymous = httpx.Client(base_url=self.url, timeout=60, verify=NO_TLS)
        self.api = httpx.Client(base_url=self.url, timeout=60, verify=NO_TLS)
        self.log_in()

    def close(self) -> None:
        self.anonymous.close()
        self.api.close()

    # ---- the platform

    def token(self, client: Json | None = None, **form: str) -> httpx.Response:
        """Ask for a token with HTTP Basic."""
        client = client or self.client
        return self.anonymous.post(
            "/auth/open/connect/token",
            data={"grant_type": "client_credentials", "scope": "signicat-api", **form},
            auth=(client["client_id"], client["client_secret"]),
        )

    def log_in(self) -> None:
        """Give `api` a token; needed again when time has passed and tokens follow the workspace's clock."""
        self.api.headers["Authorization"] = f"Bearer {self.token().json()['access_token']}"

    # ---- arranging, through the API

    def upload(self, content: bytes | None = None, media_type: str = "application/pdf") -> str:
        """The id of a new document."""
        content = agreement() if content is None else content
        answer = self.api.post("/sign/documents", content=content, headers={"Content-Type": media_type})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["documentId"])

    def collect(self, *documents: str, **members: Any) -> Json:
        """A new collection of `documents`, or of one new PDF."""
        documents = documents or (self.upload(),)
        wanted = {"documents": [{"documentId": one} for one in documents], **members}
        answer = self.api.post("/sign/document-collections", json=wanted)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def a_session(self, collection: Json | None = None, **but: Any) -> Json:
        """The request for a session on `collection`, or on a new one of one PDF; `but` replaces members."""
        if collection is None:
            collection = self.collect() if "documents" not in but else {"id": "", "documents": []}
        documents = [
            {"documentCollectionId": collection["id"], "documentId": one["documentId"], "action": "SIGN"}
            for one in collection["documents"]
        ]
        return {
            "title": "Rental agreement",
            "documents": documents,
            "signingSetup": [AUTHENTICATION_BASED],
            **but,
        }

    def create(self, *wanted: Json) -> list[Json]:
        """New sessions."""
        answer = self.api.post("/sign/signing-sessions", json=list(wanted))
        assert answer.status_code == 201, answer.text
        return list(answer.json())

    def session(self, collection: Json | None = None, **but: Any) -> Json:
        """A new session, as the API shows it."""
        return self.create(self.a_session(collection, **but))[0]

    def read(self, session: Json | str) -> Json:
        """The session now."""
        session_id = session if isinstance(session, str) else session["id"]
        answer = self.api.get(f"/sign/signing-sessions/{session_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def download(self, document_id: str) -> bytes:
        answer = self.api.get(f"/sign/documents/{document_id}")
        assert answer.status_code == 200, answer.text
        return answer.content

    # ---- control

    def control(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """A control call below `/_sandbox/v1` on this workspace."""
        return self.anonymous.request(method, f"/_sandbox/v1/{path}", json=body)

    def act(self, session: Json | str, action: str, **more: Any) -> httpx.Response:
        """Do what the signer does, and return the bare answer."""
        session_id = session if isinstance(session, str) else session["id"]
        return self.control("POST", f"sign/sessions/{session_id}/act", {"action": action, **more})

    def sign(self, session: Json | str, **more: Any) -> Json:
        """Sign, which must succeed; the session afterwards."""
        answer = self.act(session, "sign", **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["session"])

    def advance(self, by: str) -> list[Json]:
        """Let time pass; what fired."""
        answer = self.control("POST", "clock/advance", {"by": by})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["fired"])

    def now(self) -> str:
        return str(self.control("GET", "clock").json()["now"])

    def freeze(self, at: str | None = None) -> datetime:
        """Let time stand still, at `at` or now; when that is."""
        answer = self.control("POST", "clock/freeze", {"at": at} if at else None)
        assert answer.status_code == 200, answer.text
        return datetime.fromisoformat(answer.json()["now"])

    def lag(self, progression: str) -> None:
        """How long packaging takes from now on."""
        answer = self.control("PUT", "lags/packaging", {"progression": progression})
        assert answer.status_code == 200, answer.text

    def act_on_package(self, package_id: str, action: str) -> httpx.Response:
        return self.control("POST", f"sign/packages/{package_id}/act", {"action": action})


def unknown_id() -> str:
    """An id that nothing has."""
    return str(UUID(int=0x4711, version=4))


def shown(moment: datetime) -> str:
    """An instant as a client sends it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


CODES = {
    400: ("Bad request", "bad_request"),
    401: ("Invalid authentication token.", "invalid_token"),
    403: ("Missing permission.", "missing_permission"),
    404: ("Not found", "not_found"),
    405: ("Method not allowed", "method_not_allowed"),
    409: ("Conflict", "conflict"),
    413: ("Payload too large", "payload_too_large"),
}


def refused(answer: httpx.Response, status: int, *flawed: str, code: str | None = None) -> Json:
    """The body of a refusal, which must be problem+json with `status` and complain of exactly `flawed`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: Json = answer.json()
    title, usual = CODES[status]
    assert (body["title"], body["status"], body["code"]) == (title, status, code or usual)
    assert body["detail"]
    assert re.fullmatch("[0-9a-f]{32}", body["traceId"])
    assert body["traceId"] == answer.headers["x-trace-id"]
    complaints = body.get("invalidParams", [])
    assert [one["name"] for one in complaints] == list(flawed)
    assert all(one.keys() == {"name", "reason"} and one["reason"] for one in complaints)
    return body


def names(answer: httpx.Response) -> set[str]:
    """The members that a problem+json answer complains of."""
    return {one["name"] for one in answer.json().get("invalidParams", [])}
