"""Hundreds of worlds on one server, at once and in any order: each goes as it goes alone."""

import hashlib
import json
import random  # noqa: TID251  # the scenarios are drawn, not anything in a world
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from tests.conftest import Server, serve
from tests.world import AUTHENTICATION_BASED, NO_TLS, Json, World

from localsign.settings import Settings

SCENARIOS = 200
WORKERS = 8
BEGIN = "2031-01-01T00:00:00Z"
TEXT = b"I agree to everything that is written here."


class Told(World):
    """A world that writes down every answer, without what differs from server to server."""

    def __init__(self, description: Json) -> None:
        super().__init__(description)
        self.lines: list[str] = []
        self.sessions: list[str] = []
        self.documents: list[str] = []

    def tell(self, answer: httpx.Response) -> httpx.Response:
        text = (
            answer.text
            if "json" in answer.headers.get("content-type", "json")
            else hashlib.sha256(answer.content).hexdigest()
        )
        body = answer.json() if text.startswith(("{", "[")) else text
        if isinstance(body, dict):
            body.pop("traceId", None)
        told = json.dumps(body, sort_keys=True).replace(self.url, "")
        self.lines.append(f"{answer.request.method} {answer.status_code} {told}")
        return answer


Step = Callable[[Told, random.Random], object]


def upload(world: Told, draw: random.Random) -> None:
    answer = world.tell(world.api.post("/sign/documents", content=TEXT, headers={"Content-Type": "text/plain"}))
    if answer.status_code == 200:
        world.documents.append(answer.json()["documentId"])


def create(world: Told, draw: random.Random) -> None:
    if not world.documents:
        return
    document = draw.choice(world.documents)
    made = world.tell(world.api.post("/sign/document-collections", json={"documents": [{"documentId": document}]}))
    if made.status_code != 201:
        return
    place = {"documentCollectionId": made.json()["id"], "documentId": document, "action": "SIGN"}
    wanted: Json = {
        "title": f"Scenario {draw.randrange(9)}",
        "documents": [place],
        "signingSetup": [AUTHENTICATION_BASED],
    }
    if draw.random() < 0.5:
        wanted["signatureUrlTTL"] = draw.choice([5, 60])
    answer = world.tell(world.api.post("/sign/signing-sessions", json=[wanted]))
    if answer.status_code == 201:
        world.sessions.append(answer.json()[0]["id"])


def act(world: Told, draw: random.Random) -> None:
    if world.sessions:
        action = draw.choice(["open", "sign", "sign", "reject", "cancel", "error"])
        world.tell(world.act(draw.choice(world.sessions), action))


def delete(world: Told, draw: random.Random) -> None:
    if world.sessions and draw.random() < 0.3:
        world.tell(world.api.delete(f"/sign/signing-sessions/{draw.choice(world.sessions)}"))


def advance(world: Told, draw: random.Random) -> None:
    by = draw.choice(["PT1S", "PT6M", "PT31M", "P1D", "P40D"])
    world.tell(world.control("POST", "clock/advance", {"by": by}))


def fail(world: Told, draw: random.Random) -> None:
    fault = {"operation": "sign.*", "status": 503, "times": draw.randrange(1, 3), "probability": 0.5}
    world.tell(world.control("POST", "faults", fault))


def look(world: Told, draw: random.Random) -> None:
    world.tell(world.api.get("/sign/signing-sessions"))
    if world.documents:
        world.tell(world.api.get(f"/sign/documents/{draw.choice(world.documents)}"))


STEPS: list[Step] = [upload, upload, create, create, create, act, act, delete, advance, fail, look, look]


def play(server: Server, number: int) -> str:
    """What happens in scenario `number`, told by every answer."""
    draw = random.Random(number)
    world = Told(httpx.post(f"{server.url}/_sandbox/v1/workspaces", json={"seed": number}, verify=NO_TLS).json())
    try:
        world.freeze(BEGIN)
        for step in [upload, create, *draw.choices(STEPS, k=5), look]:
            step(world, draw)
        return "\n".join(world.lines)
    finally:
        httpx.delete(f"{server.url}/_sandbox/v1/workspaces/{world.name}", verify=NO_TLS)
        world.close()


@pytest.fixture
def two_servers() -> Iterator[tuple[Server, Server]]:
    """Two servers that nobody else uses."""
    for one in serve(Settings()):
        for other in serve(Settings()):
            yield one, other


def test_scenarios_at_once_and_in_any_order_go_as_alone(two_servers: tuple[Server, Server]) -> None:
    quiet, busy = two_servers
    alone = [play(quiet, number) for number in range(SCENARIOS)]
    order = list(range(SCENARIOS))
    random.Random("any order").shuffle(order)
    with ThreadPoolExecutor(WORKERS) as workers:
        together = dict(zip(order, workers.map(lambda number: play(busy, number), order), strict=True))
    assert [number for number in range(SCENARIOS) if together[number] != alone[number]] == []
    assert len(set(alone)) == SCENARIOS  # the scenarios do differ
