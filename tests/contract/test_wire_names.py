"""What clients send is taken by its names on the wire only: in every API, in decisions, and in seeds."""

from collections.abc import Iterator
from typing import Any, get_args

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from tests.conftest import MANIFESTS
from tests.world import World, refused, unknown_id

from localsign import seeding
from localsign.control.added import whole

# ---- the rule


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that an annotation names."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for one in get_args(annotation):
        yield from models_in(one)


def parameters(dependant: Dependant) -> Iterator[Any]:
    """The types of what is read from a request."""
    for one in (*dependant.body_params, *dependant.query_params):
        yield one.field_info.annotation
    for inner in dependant.dependencies:
        yield from parameters(inner)


def taken() -> dict[str, type[BaseModel]]:
    """Every model that is read from what clients send, by its name."""
    waiting: list[Any] = [seeding.document_model()]
    for manifest in (*MANIFESTS, whole()):
        waiting += [asking.details for asking in manifest.people.values()]
        for route in manifest.build().routes:
            if isinstance(route, APIRoute):
                waiting += parameters(route.dependant)
    found: dict[str, type[BaseModel]] = {}
    while waiting:
        for model in models_in(waiting.pop()):
            if model.__qualname__ not in found:
                found[model.__qualname__] = model
                waiting += [field.annotation for field in model.model_fields.values()]
    return found


MODELS = taken()


def test_every_kind_of_request_is_looked_at() -> None:
    expected = {"SessionRequest", "CreateShareRecipientDto", "SubscriptionRequest", "WorkspaceRequest", "SessionSeed"}
    assert expected <= MODELS.keys()


@pytest.mark.parametrize("name", sorted(MODELS))
def test_what_is_sent_has_one_name(name: str) -> None:
    config = MODELS[name].model_config
    assert not config.get("populate_by_name")
    assert not config.get("validate_by_name")


# ---- what a client meets

HOOK = {"url": "http://127.0.0.1:9/", "signatureHeader": "x-a"}


def test_sign_does_not_know_its_members_by_other_names(world: World) -> None:
    document = world.upload()
    answer = world.api.post("/sign/document-collections", json={"documents": [{"document_id": document}]})
    refused(answer, 400, "documents[0].documentId")
    wanted = {"documents": [{"documentId": document}], "package_to": ["PADES_CONTAINER"]}
    refused(world.api.post("/sign/document-collections", json=wanted), 400, "package_to")
    sessions = [{**world.a_session(), "due_date": "2040-01-01T00:00:00Z"}]
    refused(world.api.post("/sign/signing-sessions", json=sessions), 400, "[0].due_date")


def test_events_do_not_know_their_members_by_other_names(world: World) -> None:
    wanted = {"events": ["*"], "config": {"url": HOOK["url"], "signature_header": "x-a"}}
    for path in ("/events-management/subscriptions", "/_sandbox/v1/webhooks/subscriptions"):
        refused(world.api.post(path, json=wanted), 400, "config.signature_header")


def test_the_control_plane_does_not_know_its_members_by_other_names(world: World) -> None:
    def refuse(path: str, body: Any, flawed: str) -> None:
        refused(world.control("POST", path, body), 400, flawed)

    refuse("workspaces", {"document": {}}, "document")
    path = f"secure-share/shares/{unknown_id()}/recipients/{unknown_id()}/act"
    refuse(path, {"action": "open", "idp_id": "x"}, "idp_id")
    told = {"action": "authenticate", "api": "secure-share", "kind": "recipient"}
    refuse("decisions", {**told, "details": {"idp_id": "x"}}, "details.idp_id")
    assert world.control("POST", "decisions", {**told, "details": {"idpId": "x"}}).json()["details"] == {"idpId": "x"}


def test_seeds_do_not_know_their_members_by_other_names(world: World) -> None:
    seed = "sign: {documents: [{name: a, text: x}], collections: [{documents: [a], package_to: []}]}"
    answer: httpx.Response = world.anonymous.post(
        "/_sandbox/v1/seeds", content=seed, headers={"Content-Type": "application/yaml"}
    )
    body = refused(answer, 400, "sign.collections[0].package_to")
    assert "did you mean packageTo?" in body["detail"] + body["invalidParams"][0]["reason"]
