"""The types of the face are those of the control plane's OpenAPI document, and every operation has its method."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NotRequired, get_origin, get_type_hints, is_typeddict

import httpx
import pytest
from tests.client.sync import basic_stories, choice_stories, people_stories, webhook_stories
from tests.client.test_stories import stories

from localsign import Sandbox
from localsign.client.shapes import asking, people, traffic, webhooks, worlds
from localsign.settings import Settings

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = json.loads((ROOT / "openapi" / "sandbox.json").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]

OTHERWISE = {  # names that say more to who reads them in Python
    "ApiClientShown": "ClientResponse",
    "Asked": "AskedResponse",
    "AnswerShown": "Answered",
    "AskingKind": "KindResponse",
    "ClockReading": "ClockResponse",
    "Count": "CountResponse",
    "DecisionExplanation": "ExplanationResponse",
    "Deliveries": "DeliveriesResponse",
    "Described": "WorkspaceResponse",
    "EventType": "EventResponse",
    "Explanation": "Explanation",
    "EvidenceSource": "Source",
    "LastAnswer": "LastResponse",
    "Pair": "Header",
    "PersonRule": "RuleResponse",
    "Refusal": "Refused",
    "RefusalRule": "Rule",
    "RequestShown": "Asked",
    "SnapshotShown": "SnapshotResponse",
    "SubscriptionConfig": "ConfigResponse",
    "TestEvent": "MockResponse",
    "UnmatchedRequest": "Unmatched",
    "UnmatchedRequests": "UnmatchedResponse",
}


def shapes(*modules: ModuleType) -> dict[str, Any]:
    return {
        name: kind
        for module in modules
        for name, kind in vars(module).items()
        if is_typeddict(kind) and kind.__module__ == module.__name__
    }


ANSWERS = shapes(worlds, people, traffic, webhooks)


def schema_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMAS[
        OTHERWISE.get(name) or (f"{name}Response" if f"{name}Response" in SCHEMAS else name)
    ]
    return found


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_has_the_members_of_its_schema(name: str) -> None:
    schema = schema_of(name)
    hints = get_type_hints(ANSWERS[name], include_extras=True)
    assert hints.keys() == schema["properties"].keys()
    optional = {member for member, hint in hints.items() if get_origin(hint) is NotRequired}
    assert optional == hints.keys() - set(schema.get("required", ()))
    for member, hint in hints.items():
        takes_null = {"type": "null"} in schema["properties"][member].get("anyOf", ())
        assert takes_null == ("None" in str(hint)), member


QUERIES = {
    path: {one["name"] for one in verbs["get"].get("parameters", ()) if one["in"] == "query"}
    for path, verbs in DOCUMENT["paths"].items()
    if "get" in verbs
}


def members_of(name: str) -> set[str]:
    return set(get_type_hints(getattr(asking, name)))


def test_filters_are_those_of_the_lists() -> None:
    assert members_of("MessageFilters") == QUERIES["/_sandbox/v1/outbox"]
    assert members_of("EntryFilters") == QUERIES["/_sandbox/v1/journal"]
    assert members_of("EntryConditions") == QUERIES["/_sandbox/v1/journal/count"]
    assert members_of("DeliveryFilters") == QUERIES["/_sandbox/v1/webhooks/deliveries"]


@pytest.mark.parametrize(
    ("shape", "schema", "named"),
    [
        ("MessageConditions", "MessagesWait", {"count", "timeout"}),
        ("EntryConditions", "EntriesWait", {"count", "timeout"}),
        ("DeliveryConditions", "DeliveriesWait", {"count", "timeout"}),
        ("FaultMembers", "FaultRequest", {"operation", "kind"}),
        ("DecisionMembers", "DecisionRequest", {"action"}),
        ("NewPersonaMembers", "PersonaRequest", {"name"}),
        ("PersonaChanges", "PersonaChange", set()),
        ("RuleGiven", "RuleRequest", set()),
        ("ApiClientMembers", "ClientRequest", set()),
        ("AccountMembers", "AccountRequest", {"username"}),
    ],
)
def test_what_can_be_given_is_what_is_taken(shape: str, schema: str, named: set[str]) -> None:
    assert members_of(shape) | named == SCHEMAS[schema]["properties"].keys()


def test_members_of_subscriptions_are_those_of_two_schemas() -> None:
    spelled = {"signature_header": "signatureHeader"}
    taken = SCHEMAS["SubscriptionPatch"]["properties"].keys() - {"config"} | SCHEMAS["ConfigPatch"]["properties"].keys()
    assert {spelled.get(one, one) for one in members_of("SubscriptionChanges")} == taken


def test_the_settings_of_a_sandbox_are_those_of_a_server() -> None:
    assert members_of("ServerSettings") | {"control_token"} == Settings.model_fields.keys()


# --- every operation is reached ------------------------------------------------------------------------------


def operations() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Each operation, and what its requests look like. Those without variables come first."""
    for path, verbs in sorted(DOCUMENT["paths"].items(), key=lambda one: "{" in one[0]):
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        for verb, operation in verbs.items():
            yield operation["operationId"], re.compile(f"{verb.upper()} (/w/[^/]+)?{pattern}")


def test_stories_reach_every_operation_of_the_control_plane(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    send = httpx.Client.send

    def noted(self: httpx.Client, request: httpx.Request, **more: Any) -> httpx.Response:
        asked.append(f"{request.method} {request.url.path}")
        return send(self, request, **more)

    monkeypatch.setattr(httpx.Client, "send", noted)
    with Sandbox(server.url) as sandbox:
        for story in stories((basic_stories, choice_stories, people_stories, webhook_stories)).values():
            story(sandbox)
    known = list(operations())
    reached = {next((name for name, pattern in known if pattern.fullmatch(one)), None) for one in asked}
    assert {name for name, _ in known} - reached == set()
