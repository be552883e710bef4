"""The matrix of v1: for each of its operations what it needs to succeed, and what it must refuse."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from tests.mint.flows import step
from tests.mint.v1_flows import V1, good, v1_flow
from tests.world import Json

from localsign.core.evidence import Evidence, evidence_of
from localsign.resources import openapi_folder

V1_TAG = "REF1"
ROWS = {name: row for name, row in evidence_of("mint").items() if row.source.startswith(V1_TAG)}
Arranged = dict[str, str]  # the parameters of a path


def spellings(row: Evidence) -> Iterator[tuple[str, str]]:
    """Each method and path at which an operation is served."""
    yield row.method, row.path
    for alias in row.aliases:
        method, _, path = alias.partition(" ")
        yield method, path or row.path


@cache
def document() -> Json:
    return dict(json.loads((openapi_folder() / "mint.json").read_text(encoding="utf-8")))


def described(operation: str) -> Json:
    """An operation as the OpenAPI document has it."""
    row = ROWS[operation]
    return dict(document()["paths"][row.path][row.method.lower()])


def query_of(operation: str) -> list[str]:
    return [one["name"] for one in described(operation).get("parameters", []) if one["in"] == "query"]


# ---- arranging: each gives what the path of an operation names


def nothing(_: V1) -> Arranged:
    return {}


def a_flow(v1: V1) -> Arranged:
    return {"definitionId": v1.create(v1_flow(step("a")))["definitionId"]}


def a_draft(v1: V1) -> Arranged:
    return {"definitionId": v1.create(v1_flow(step("a")), publishes=False)["definitionId"]}


def a_type(_: V1) -> Arranged:
    return {"stepType": "SetVariable"}


def a_flow_file(v1: V1) -> Arranged:
    made = a_flow(v1)
    file = good(v1.api.post(f"/mint/flows/{made['definitionId']}/files", content=b"x"), 201)
    return {**made, "referenceId": file["referenceId"]}


def an_instance(v1: V1) -> Arranged:
    found = v1.run(step("a"), step("pdf", "CreatePdfFromTemplate", content="x", filename="x.pdf"))
    [file] = found["files"]
    return {
        "instanceId": found["id"],
        "definitionId": found["definitionId"],
        "referenceId": file["referenceId"],
        "activityId": "a",
        "userId": "kari@example.com",
    }


def an_associated(v1: V1) -> Arranged:
    made = an_instance(v1)
    assert v1.api.post(f"/mint/instances/{made['instanceId']}/users/{made['userId']}").status_code == 204
    return made


def a_note(v1: V1) -> Arranged:
    made = an_instance(v1)
    return {**made, "noteId": good(v1.api.post(f"/mint/instances/{made['instanceId']}/notes", json={}), 201)["id"]}


def a_note_on_an_activity(v1: V1) -> Arranged:
    made = an_instance(v1)
    address = f"/mint/instances/{made['instanceId']}/activities/a/notes"
    return {**made, "noteId": good(v1.api.post(address, json={}), 201)["id"]}


def a_form(v1: V1) -> Arranged:
    made = v1.create(v1_flow(step("form", "Form", fields=[{"name": "cv", "type": "file"}])))
    with httpx.Client(follow_redirects=False) as person:
        visit = person.get(made["workflowUrl"]).headers["location"]
        sent = person.post(visit, data={"action": "complete", "step": "form"}, files={"field:cv": ("cv.txt", b"x")})
    assert sent.status_code == 303
    [item] = v1.listed(f"flows/{made['definitionId']}/instances")
    [found] = v1.read(item["id"])["forms"]
    return {
        "formId": found["formId"], "submissionId": found["submissionId"], "inputId": "cv", "filename": "cv.txt"
    }  # fmt: skip


def a_signed_order(v1: V1) -> Arranged:
    pdf = step("pdf", "CreatePdfFromTemplate", content="x", filename="x.pdf")
    order = step("order", "CreateSignOrder", signer={"name": "A"}, documents="{{ pdf.file }}")
    found = v1.run(pdf, order, step("send", "SendSignOrder", signOrderId="{{ order.signOrderId }}"))
    v1.world.sign(found["activityData"]["send"]["signers"][0]["signingSessionId"])
    [made] = found["signingOrders"]
    return {"documentId": made["documentId"], "attachmentId": made["attachmentIds"][0]}


def a_template(v1: V1) -> Arranged:
    made = good(v1.api.post("/mint/templates", json={"flow": {"title": "T"}}), 201)
    return {"id": made["id"], "accountIdToAssociate": "a-1"}


def an_associated_template(v1: V1) -> Arranged:
    made = a_template(v1)
    assert v1.api.post(f"/mint/templates/{made['id']}/associate/a-2").status_code == 204
    return {**made, "accountIdToDisassociate": "a-2"}


# ---- the matrix

JSON, PDF, CSV, ZIP, BYTES, EMPTY = "application/json", "application/pdf", "text/csv", "application/zip", "", None


@dataclass(frozen=True)
class Case:
    """What an operation needs, sends and gives. `wrong` are bodies that it refuses, and the members it names."""

    arrange: Callable[[V1], Arranged]
    gives: str | None = JSON
    body: Any = None
    wrong: tuple[tuple[Any, str], ...] = ()


_FLOW = v1_flow(step("b"), title="New")
_WRONG_FLOW = (
    ({"title": 5}, "title"),
    ({"steps": [{"id": "a"}, {"id": "a"}]}, "steps[1].id"),
    ({"connections": [{"outcome": 5}]}, "connections[0].outcome"),
    ({"tags": "x"}, "tags"),
    ({"variables": [1]}, "variables"),
    ({"customAttributes": 7}, "customAttributes"),
    ({"description": "x" * 5001}, "description"),
)
_WRONG_TEMPLATE: tuple[tuple[Any, str], ...] = (
    ({}, "flow"),
    ({"flow": []}, "flow"),
    ({"flow": {"title": 5}}, "flow.title"),
)
_NOTE = {"note": "Called her"}
_WRONG_NOTE = (({"note": 5}, "note"), ({"note": "x" * 1001}, "note"))
_EXECUTION = {"input": {"x": 1}, "workflowUrlTtl": 60}
_WRONG_EXECUTION = (({"input": 1}, "input"), ({"workflowUrlTtl": -1}, "workflowUrlTtl"))

CASES: dict[str, Case] = {
    "list_flows": Case(a_flow),
    "create_flow": Case(nothing, body=_FLOW, wrong=_WRONG_FLOW),
    "get_flow": Case(a_flow),
    "update_flow": Case(a_flow, body=_FLOW, wrong=_WRONG_FLOW),
    "delete_flow": Case(a_flow, EMPTY),
    "publish_flow": Case(a_draft),
    "unpublish_flow": Case(a_flow),
    "execute_flow": Case(a_flow, body=_EXECUTION, wrong=_WRONG_EXECUTION),
    "list_flow_step_types": Case(nothing),
    "get_flow_step_type_schema": Case(a_type),
    "upload_flow_file": Case(a_flow, body=b"bytes"),
    "download_flow_file": Case(a_flow_file, BYTES),
    "delete_flow_file": Case(a_flow_file, EMPTY),
    "list_form_files": Case(a_form),
    "get_form_file": Case(a_form, BYTES),
    "get_signing_order_status": Case(a_signed_order),
    "get_signed_file": Case(a_signed_order, PDF),
    "list_flow_instances": Case(an_instance),
    "report_flow_instances_pdf": Case(an_instance, PDF),
    "report_flow_instances_csv": Case(an_instance, CSV),
    "report_flow_instances_csv_2": Case(an_instance, CSV),
    "list_instances": Case(an_instance),
    "report_instances_pdf": Case(an_instance, PDF),
    "report_instances_csv": Case(an_instance, CSV),
    "report_instances_csv_2": Case(an_instance, CSV),
    "get_instance": Case(an_instance),
    "get_instance_execution_log": Case(an_instance),
    "report_instance_pdf": Case(an_instance, PDF),
    "report_instance_csv": Case(an_instance, CSV),
    "report_instance_csv_2": Case(an_instance, CSV),
    "associate_user": Case(an_instance, EMPTY),
    "disassociate_user": Case(an_associated, EMPTY),
    "download_instance_file": Case(an_instance, PDF),
    "download_instance_files_zip": Case(an_instance, ZIP),
    "create_instance_note": Case(an_instance, body=_NOTE, wrong=_WRONG_NOTE),
    "create_activity_note": Case(an_instance, body=_NOTE, wrong=_WRONG_NOTE),
    "update_instance_note": Case(a_note, body=_NOTE, wrong=_WRONG_NOTE),
    "delete_instance_note": Case(a_note, EMPTY),
    "update_activity_note": Case(a_note_on_an_activity, body=_NOTE, wrong=_WRONG_NOTE),
    "delete_activity_note": Case(a_note_on_an_activity, EMPTY),
    "list_templates": Case(a_template),
    "create_template": Case(nothing, body={"flow": _FLOW}, wrong=_WRONG_TEMPLATE),
    "get_template": Case(a_template),
    "update_template": Case(
        a_template,
        body={"flow": _FLOW, "accounts": ["a"]},
        wrong=(*_WRONG_TEMPLATE, ({"flow": {}, "accounts": [1]}, "accounts[0]")),
    ),
    "delete_template": Case(a_template, EMPTY),
    "associate_template_account": Case(a_template, EMPTY),
    "disassociate_template_account": Case(an_associated_template, EMPTY),
}  # fmt: skip

# What each documented query parameter refuses; None where any text will do.
WRONG_QUERIES: dict[str, tuple[str, ...] | None] = {
    **dict.fromkeys(("IsLatest", "IsLatestOrPublished", "IsPublished", "IsDraft", "AllVersions"), ("1", "", "yes")),
    "Version": ("x", "", "1.5", "2147483648", "-2147483649", "9" * 30),
    "offset": ("-1", "x", "", "1.5", "2147483648", "9" * 30, "%C2%B2", "+1", " 1"),
    "limit": ("0", "-1", "x", "", "2147483648", "9" * 30, "%D9%A1"),
    "orderby": ("Name", "", "5"),
    "orderBy": ("Colour", "", "5"),
    "sortBy": ("Sideways", "", "1"),
    "status": ("active", "", "3"),
    "Category": ("Secret", "", "1"),
    "filename": ("", "x" * 256),
    "searchTerm": None,
    "correlationId": None,
    "userId": None,
}

# Pairs of queries whose answers differ: what each filter and each order does, as seen from outside.
FLOW_EFFECTS: dict[str, tuple[str, str]] = {
    "IsLatest": ("IsLatest=true&IsPublished=true", "IsPublished=true"),
    "IsLatestOrPublished": ("IsLatestOrPublished=true", ""),
    "IsPublished": ("IsPublished=true", ""),
    "IsDraft": ("IsDraft=true", ""),
    "AllVersions": ("AllVersions=true", ""),
    "Version": ("Version=2", "Version=1"),
    "searchTerm": ("searchTerm=first", "searchTerm=none of them"),
    "offset": ("offset=1", ""),
    "limit": ("limit=1", ""),
    "orderBy": ("orderBy=CreatedAt", "orderBy=Name"),
    "sortBy": ("sortBy=Ascending", "sortBy=Descending"),
}
INSTANCE_EFFECTS: dict[str, tuple[str, str]] = {
    "status": ("status=Suspended", "status=Finished"),
    "correlationId": ("correlationId=one", "correlationId=two"),
    "searchTerm": ("searchTerm=first", "searchTerm=second"),
    "userId": ("userId=kari", "userId=ola"),
    "offset": ("offset=1", ""),
    "limit": ("limit=1", ""),
    "orderby": ("orderby=Started", "orderby=LastExecuted"),
    "orderBy": ("orderBy=Started", "orderBy=LastExecuted"),
}
UPLOAD_EFFECTS: dict[str, tuple[str, str]] = {
    "filename": ("filename=a.txt", "filename=b.txt"),
    "Category": ("Category=Sign", "Category=Journey"),
}


def effects_of(operation: str) -> dict[str, tuple[str, str]]:
    if "instances" in operation:
        return INSTANCE_EFFECTS
    return UPLOAD_EFFECTS if operation == "upload_flow_file" else FLOW_EFFECTS


def is_uuid(operation: str, name: str) -> bool:
    """Whether a parameter of a path is documented as a UUID."""
    [found] = [one for one in described(operation)["parameters"] if one["name"] == name and one["in"] == "path"]
    return bool(found["schema"].get("format") == "uuid")


def unknown(operation: str, name: str) -> str:
    return str(UUID(int=0x4711, version=4)) if is_uuid(operation, name) else UUID(int=0x4711, version=4).hex
