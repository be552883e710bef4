"""A workspace to measure in, made through the API."""

import json
from dataclasses import dataclass
from typing import Any

import httpx

from localsign.resources import fixtures_folder


@dataclass(frozen=True)
class World:
    """`sessions` are those made first, at most 100."""

    url: str
    token: str
    document: str
    collection: str
    sessions: list[str]


def world_with_sessions(url: str, count: int) -> World:
    """The default workspace of a fresh server, with `count` sessions on one document."""
    api = httpx.Client(base_url=url, timeout=120)
    form = {"grant_type": "client_credentials"}
    token = api.post("/auth/open/connect/token", data=form, auth=("localsign", "localsign-secret")).json()[
        "access_token"
    ]
    api.headers["Authorization"] = f"Bearer {token}"
    pdf = (fixtures_folder() / "documents" / "agreement.pdf").read_bytes()
    document = api.post("/sign/documents", content=pdf, headers={"Content-Type": "application/pdf"}).json()[
        "documentId"
    ]
    collection = api.post("/sign/document-collections", json={"documents": [{"documentId": document}]}).json()["id"]
    world = World(url, token, document, collection, [])
    for start in range(0, count, 100):
        wanted = [session_request(world)] * min(100, count - start)
        answer = api.post("/sign/signing-sessions", json=wanted)
        assert answer.status_code == 201, answer.text
        if not start:
            world.sessions.extend(one["id"] for one in answer.json())
    return world


def session_request(world: World) -> dict[str, Any]:
    """A session as most clients ask for one."""
    return {
        "title": "Rental agreement",
        "externalReference": "case-4711",
        "documents": [{"documentCollectionId": world.collection, "documentId": world.document, "action": "SIGN"}],
        "signingSetup": [{"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": "nbid"}]}],
        "redirectSettings": {f"{name}": f"https://client.test/{name}" for name in ("success", "cancel", "error")},
    }


def request(world: World, method: str, path: str, body: Any = None) -> bytes:
    """A whole HTTP request, for the load generator."""
    content = b"" if body is None else json.dumps(body).encode()
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {world.token}"]
    if content:
        head += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join([*head, "", ""]).encode() + content
