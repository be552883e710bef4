"""A client of Mint v1 for tests."""

from time import monotonic
from typing import Any

import httpx
from tests.mint.flows import Mint, flow
from tests.world import Json, World


def v1_flow(*steps: Json, **members: Any) -> Json:
    """The request for a flow whose steps follow one another."""
    wanted = flow(*steps, **members)
    return {"title": wanted.pop("name"), **wanted}


class V1:
    """What an integrator does with v1; every call must succeed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.api = world.api
        self.newer = Mint(world)

    def create(self, wanted: Json, *, publishes: bool = True) -> Json:
        made = good(self.api.post("/mint/flows", json=wanted), 201)
        return self.publish(made) if publishes else made

    def publish(self, made: Json) -> Json:
        return good(self.api.post(f"/mint/flows/{made['definitionId']}/publish"), 200)

    def execute(self, made: Json | str, **body: Any) -> str:
        """Start a flow; the id of the instance."""
        flow_id = made if isinstance(made, str) else made["definitionId"]
        instance = str(good(self.api.post(f"/mint/flows/{flow_id}/execute", json=body), 200)["instanceId"])
        self.read(instance)
        return instance

    def read(self, instance: str) -> Json:
        """The instance, as soon as the background has done what it can."""
        latest = monotonic() + 20
        while True:
            found = good(self.api.get(f"/mint/instances/{instance}"), 200)
            if found["status"] not in ("Idle", "Running") or monotonic() > latest:
                return found

    def run(self, *steps: Json, given: Json | None = None, **members: Any) -> Json:
        """A new flow of `steps`, executed; the instance then."""
        return self.read(self.execute(self.create(v1_flow(*steps, **members)), input=given))

    def listed(self, path: str = "instances", **query: Any) -> list[Json]:
        answer = self.api.get(f"/mint/{path}", params=query)
        assert answer.status_code == 200, answer.text
        return list(answer.json()["data"])


def good(answer: httpx.Response, status: int) -> Json:
    assert answer.status_code == status, answer.text
    return dict(answer.json()) if answer.content else {}
