"""The parts of a DST on the wire, the same in both directions: documents, forms, signature requests, signers.

Read-only members are taken as absent on input. Positions are documented as numbers and shown as strings: both are read.
"""

import math
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, StrictBool, StrictInt, WithJsonSchema

from localsign.signing_today.schemas.wire import FreeMap, Instant, LongText, Text, Wire

LARGEST_INT32 = 2**31 - 1
MOST_DOCUMENTS, MOST_PARTS = 100, 500

SIGNATURE_FORM, TEXT_FORM = "SignatureForm", "TextForm"


def _percent(value: Any) -> Any:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            raise ValueError("must be a number") from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")
    if not math.isfinite(value):
        raise ValueError("must be from 0 to 100")
    return value


Number = Annotated[StrictInt, Field(ge=0, le=LARGEST_INT32)]
Percent = Annotated[
    float,
    Field(ge=0, le=100),
    BeforeValidator(_percent),
    WithJsonSchema({"type": "number", "format": "float", "minimum": 0, "maximum": 100}),
]
InstanceId = Annotated[int | None, Field(alias="_instance_id", json_schema_extra={"readOnly": True})]


class FillableForm(Wire):
    """A place on a page: for a signature, or for a text that has to be filled in before anybody signs."""

    instance_id: InstanceId = None
    id: Number | None = None
    document_id: Number | None = None
    type: Text | None = Field(None, description="SignatureForm, or TextForm for any text.")
    position_x: Percent | None = Field(None, description="Percent of the page, from the left.")
    position_y: Percent | None = Field(None, description="Percent of the page, from the top (inferred).")
    width: Percent | None = None
    height: Percent | None = None
    page: Annotated[StrictInt, Field(ge=1, le=LARGEST_INT32)] | None = None
    signer_id: Number | None = None
    to_fill: StrictBool | None = None
    filled: StrictBool | None = None
    invisible: StrictBool | None = None
    extra_data: FreeMap | None = None


class SignatureRestriction(Wire):
    rule: Text | None = None
    operator: Text | None = None
    value: Text | None = None


class SignatureRequest(Wire):
    instance_id: InstanceId = None
    id: Number | None = None
    reason: Text | None = None
    description: LongText | None = None
    signer_id: Number | None = None
    sign_profile: Literal["CAdES", "PAdES"] | None = None
    with_timestamp: StrictBool | None = None
    declinable: StrictBool | None = None
    restrictions: Annotated[list[SignatureRestriction], Field(max_length=MOST_PARTS)] | None = None
    extra_data: FreeMap | None = None


class Signer(Wire):
    instance_id: InstanceId = None
    id: Number | None = None
    name: Text | None = None
    surname: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    role: Text | None = None
    user_uuid: UUID | None = Field(None, alias="userUUID")
    template_label: Text | None = None


class SignersGroup(Wire):
    """People who sign at the same time, after the groups before theirs."""

    instance_id: InstanceId = None
    signers: Annotated[list[Signer], Field(max_length=MOST_PARTS)] | None = None


class Plan(Wire):
    """Who does what in a document."""

    forms: Annotated[list[FillableForm], Field(max_length=MOST_PARTS)] | None = None
    signature_requests: Annotated[list[SignatureRequest], Field(max_length=MOST_PARTS)] | None = None
    signer_groups: Annotated[list[SignersGroup], Field(max_length=MOST_PARTS)] | None = None


class DocumentRequest(Plan):
    """A document as a client sends it; its status and its later files are read-only."""

    id: Number | None = None
    plain_document_uuid: UUID | None = None


class DocumentResponse(DocumentRequest):
    instance_id: InstanceId = None
    filled_document_uuid: UUID | None = Field(None, json_schema_extra={"readOnly": True})
    signed_document_uuid: UUID | None = Field(None, json_schema_extra={"readOnly": True})
    status: Literal["plain", "filled", "signed"] = Field(json_schema_extra={"readOnly": True})


class Signature(Wire):
    instance_id: InstanceId = None
    document_id: int
    signature_request_id: int
    signed_at: Instant | None = None
    declined_reason: str | None = None
    status: Literal["signed", "declined"] = Field(json_schema_extra={"readOnly": True})
    extra_data: dict[str, Any]


class LFResource(Wire):
    """A file. What describes it can be changed in draft: `title`, `filename`, `extraData`."""

    id: UUID | None = None
    domain: Text | None = None
    type: Text | None = Field(None, json_schema_extra={"readOnly": True})
    dst_uuid: UUID | None = Field(None, json_schema_extra={"readOnly": True})
    title: Text | None = None
    filename: Text | None = None
    url: str | None = Field(None, json_schema_extra={"readOnly": True})
    size: int | None = Field(None, json_schema_extra={"readOnly": True})
    created_at: Instant | None = Field(None, json_schema_extra={"readOnly": True})
    mimetype: Text | None = Field(None, json_schema_extra={"readOnly": True})
    pages: Annotated[StrictInt, Field(ge=0, le=LARGEST_INT32)] | None = None
    extra_data: FreeMap | None = None
