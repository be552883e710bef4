"""Workflows as tests write them, and a client of the newer Mint API."""

from itertools import pairwise
from typing import Any

import httpx
from tests.world import CODES, Json, World

# Mint has codes of its own for two refusals.
MINT_CODES = {400: "invalid_request_parameter", 403: "forbidden"}


def step(step_id: str, kind: str = "SetVariable", /, **properties: Any) -> Json:
    """A step with its title as its id."""
    return {"id": step_id, "type": kind, "displayName": step_id, "properties": properties}


def link(source: str, target: str, outcome: str | None = None) -> Json:
    return {"sourceStepId": source, "targetStepId": target, "outcome": outcome}


def chain(*steps: Json) -> list[Json]:
    """Connections from each step to the next."""
    return [link(one["id"], other["id"]) for one, other in pairwise(steps)]


def flow(*steps: Json, links: list[Json] | None = None, **members: Any) -> Json:
    """The request for a workflow; without `links` the steps follow one another."""
    connections = chain(*steps) if links is None else links
    return {"name": "A workflow", "steps": list(steps), "connections": connections, **members}


class Mint:
    """What an integrator does with a workspace's Mint API; every call must succeed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.api = world.api

    def create(self, wanted: Json) -> Json:
        return self._good(self.api.post("/mint/workflows", json=wanted), 201)

    def start(self, workflow: Json | str, **body: Any) -> Json:
        """Start a journey; what the start operation answers."""
        workflow_id = workflow if isinstance(workflow, str) else workflow["id"]
        return self._good(self.api.post(f"/mint/workflows/{workflow_id}/start", json=body), 201)

    def read(self, journey: Json | str) -> Json:
        return self._good(self.api.get(f"/mint/journeys/{id_of(journey)}"), 200)

    def run(self, *steps: Json, given: Json | None = None, **members: Any) -> Json:
        """A new workflow of `steps`, started; the journey then."""
        return self.read(self.start(self.create(flow(*steps, **members)), input=given))

    def log(self, journey: Json | str) -> Json:
        return self._good(self.api.get(f"/mint/journeys/{id_of(journey)}/execution-log"), 200)

    def events(self, journey: Json | str, step_id: str) -> list[tuple[str, Any]]:
        """The names of the log events of a step, with their outcomes or their message."""
        [found] = [one for one in self.log(journey)["steps"] if one["stepId"] == step_id]
        return [(one["eventName"], one["message"] or one["outcomes"]) for one in found["events"]]

    def resume(self, journey: Json | str, step_id: str, given: Json | None = None) -> Json:
        body = {"stepId": step_id, "input": given}
        self._good(self.api.post(f"/mint/journeys/{id_of(journey)}/resume", json=body), 204)
        return self.read(journey)

    def act(self, journey: Json | str, action: str, **more: Any) -> Json:
        """A control call; the journey as it answers."""
        answer = self.world.control("POST", f"mint/journeys/{id_of(journey)}/act", {"action": action, **more})
        return dict(self._good(answer, 200)["journey"])

    def switch(self, name: str, value: str) -> None:
        with_switch(self.world, name, value)

    @staticmethod
    def _good(answer: httpx.Response, status: int) -> Json:
        assert answer.status_code == status, answer.text
        return dict(answer.json()) if answer.content else {}


def id_of(journey: Json | str) -> str:
    return journey if isinstance(journey, str) else str(journey.get("journeyId") or journey["id"])


def with_switch(world: World, name: str, value: str) -> None:
    """Let a workspace choose otherwise."""
    answer = world.control("PUT", f"switches/{name}", {"value": value})
    assert answer.status_code == 200, answer.text


def refused(answer: httpx.Response, status: int, *flawed: str, code: str | None = None) -> Json:
    """The body of a refusal by Mint, which complains of exactly `flawed`."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: Json = answer.json()
    expected = code or MINT_CODES.get(status) or CODES[status][1]
    assert (body["status"], body["code"]) == (status, expected)
    assert body["type"] == "https://developer.signicat.com/docs/error-codes/"
    assert body["detail"]
    assert [one["name"] for one in body.get("invalidParams", [])] == list(flawed)
    return body
