"""Wire shapes of DSTs and what belongs to them. Read-only members are in answers only (documented)."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import Field, StrictBool

from localsign.core.work import Work
from localsign.signing_today.dst_switches import TEMPLATE_FLAG
from localsign.signing_today.lifecycle.dsts import DstState, TurnState
from localsign.signing_today.models.dsts import Audit, Dst, DstDocument, Note, Notification, Resource, Role, Turn
from localsign.signing_today.permissions import Caller, Capability
from localsign.signing_today.schemas.parts import (
    MOST_DOCUMENTS,
    MOST_PARTS,
    DocumentRequest,
    DocumentResponse,
    LFResource,
    Signature,
)
from localsign.signing_today.schemas.wire import FreeMap, Instant, LongText, Text, Wire

Tags = Annotated[list[Text], Field(max_length=MOST_PARTS)]
Ids = Annotated[list[UUID], Field(max_length=MOST_PARTS)]
READ_ONLY: dict[str, Any] = {"readOnly": True}
Status = Literal[
    "draft",
    "downloadingInDraft",
    "downloadingInPublished",
    "published",
    "toFill",
    "toSign",
    "expired",
    "signed",
    "rejected",
    "error",
]


class DstRequest(Wire):
    """A DST as a client sends it. What it says of status, resources, signatures and dates is ignored.

    Inferred, as these are set by other operations: resources, signatures, errorMessage; and domain, which is the
    caller's.
    """

    title: Text | None = None
    documents: Annotated[list[DocumentRequest], Field(max_length=MOST_DOCUMENTS)] | None = None
    tags: Tags | None = None
    template: StrictBool | None = Field(None, description="Whether it is a template.")
    public_template: StrictBool | None = Field(None, description="Visible to all who may create DSTs.")
    extra_data: FreeMap | None = None
    visible_to: Ids | None = None
    cc_groups: Tags | None = None
    cc_users: Ids | None = None
    urgent: StrictBool | None = None


class DstResponse(Wire):
    id: UUID = Field(json_schema_extra=READ_ONLY)
    domain: str
    title: str | None = None
    replaces: UUID | None = Field(None, json_schema_extra=READ_ONLY)
    replaced_by: UUID | None = Field(None, json_schema_extra=READ_ONLY)
    created_by_user: UUID = Field(json_schema_extra=READ_ONLY)
    created_at: Instant = Field(json_schema_extra=READ_ONLY)
    documents: list[DocumentResponse]
    published_at: Instant | None = Field(None, json_schema_extra=READ_ONLY)
    expires_at: Instant | None = Field(None, json_schema_extra=READ_ONLY)
    resources: list[LFResource]
    signatures: list[Signature]
    status: Status = Field(json_schema_extra=READ_ONLY)
    error_message: str | None = None
    deleted_at: Instant | None = Field(None, json_schema_extra=READ_ONLY)
    tags: list[str]
    template: bool
    public_template: bool
    extra_data: dict[str, Any]
    visible_to: list[UUID]
    cc_groups: list[str]
    cc_users: list[UUID]
    urgent: bool
    updated_at: Instant = Field(json_schema_extra=READ_ONLY)

    @classmethod
    def of(cls, work: Work, dst: Dst, caller: Caller | None, base: str) -> Self:
        """The DST as `caller` sees it; None sees everything. `base` begins the links."""
        [shown] = cls.of_all(work, [dst], caller, base)
        return shown

    @classmethod
    def of_all(cls, work: Work, dsts: Sequence[Dst], caller: Caller | None, base: str) -> list[Self]:
        """Several DSTs, their parts looked up at once."""
        ids = [dst.id for dst in dsts]
        documents = _by_dst(work.look_up(DstDocument, "dst_id", ids))
        resources = _by_dst(work.look_up(Resource, "dst_id", ids))
        turns = _by_dst(work.look_up(Turn, "dst_id", ids))
        shows_origin = work.switched(TEMPLATE_FLAG) != TEMPLATE_FLAG.default
        return [
            cls.showing(
                {
                    **{name: getattr(dst, name) for name in _SAME},
                    "template": dst.template or (shows_origin and dst.is_instance),
                    "created_by_user": dst.created_by,
                    "status": dst.state.shown.value,
                    "extra_data": dst.extra,
                    "documents": [
                        _document(one, turns.get(dst.id, ()), _tickets(dst, caller, base))
                        for one in documents.get(dst.id, ())
                    ],
                    "resources": [resource_of(one, dst, base) for one in resources.get(dst.id, ()) if not one.is_gone],
                    "signatures": [
                        _signature(one) for one in turns.get(dst.id, ()) if one.state in _ENDED and not one.is_fill
                    ],
                }
            )
            for dst in dsts
        ]


_SAME = (
    *("id", "domain", "title", "replaces", "replaced_by", "created_at", "published_at", "expires_at"),
    *("error_message", "deleted_at", "tags", "public_template", "visible_to", "cc_groups", "cc_users"),
    *("urgent", "updated_at"),
)
_ENDED = {TurnState.PERFORMED: "signed", TurnState.DECLINED: "declined"}
_WITHOUT_TICKETS = (DstState.DRAFT, DstState.PUBLISHED, DstState.TO_FILL)


def _by_dst(rows: Sequence[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.dst_id, []).append(row)
    return found


def _tickets(dst: Dst, caller: Caller | None, base: str) -> Callable[[Turn], str | None]:
    """The link of a signature for those who may have it.

    Inferred, since it signs without a login: the person it is for, the creator, and who may modify all DSTs.
    """
    sees_all = caller is None or caller.user_id == dst.created_by or caller.has(Capability.MODIFY_DSTS)

    def ticket(turn: Turn) -> str | None:
        is_seen = sees_all or (caller is not None and turn.user_id == caller.user_id)
        return f"{base}/api/ticket/{turn.ticket}" if is_seen and dst.state not in _WITHOUT_TICKETS else None

    return ticket


def _document(one: DstDocument, turns: Sequence[Turn], ticket: Callable[[Turn], str | None]) -> dict[str, Any]:
    links = {turn.request_id: ticket(turn) for turn in turns if turn.document == one.number and not turn.is_fill}
    return {
        "_instance_id": one.seq,
        "id": one.number,
        "plainDocumentUuid": one.plain_id,
        "filledDocumentUuid": one.filled_id,
        "signedDocumentUuid": one.signed_id,
        "status": one.status,
        "forms": one.forms,
        "signatureRequests": [_linked(request, links.get(request["id"])) for request in one.requests],
        "signerGroups": one.groups,
    }


def _linked(request: dict[str, Any], link: str | None) -> dict[str, Any]:
    return request if link is None else {**request, "extraData": {**request["extraData"], "st_ticketUrl": link}}


def _signature(turn: Turn) -> dict[str, Any]:
    return {
        "_instance_id": turn.seq,
        "document_id": turn.document,
        "signature_request_id": turn.request_id,
        "signed_at": turn.ended_at,
        "declined_reason": turn.reason,
        "status": _ENDED[turn.state],
        "extra_data": {"st_uuid": str(turn.id)},
    }


def resource_of(one: Resource, dst: Dst, base: str) -> LFResource:
    """A file of a DST as a client sees it."""
    return LFResource(
        id=one.id,
        domain=dst.domain,
        type="PDFResource" if one.mimetype == "application/pdf" else "Resource",
        dst_uuid=dst.id,
        title=one.title,
        filename=one.filename,
        url=f"{base}/api/resource/{one.id}",
        size=one.size,
        created_at=one.created_at,
        mimetype=one.mimetype,
        pages=one.pages,
        extra_data={**one.extra, "toSign": one.role == Role.PLAIN.value} if "toSign" not in one.extra else one.extra,
    )


class DstPage(Wire):
    count: int = Field(description="Of all items, not of this page.")
    values: list[DstResponse]


class SigningAddress(Wire):
    url: str


# ---- notes, audit, notifications


class NoteText(Wire):
    text: LongText | None = None


class NoteRequest(NoteText):
    """Only the text is changed (inferred); the other members of a note are ignored."""


class DSTNote(Wire):
    id: int
    dst_id: UUID
    user_id: UUID
    created_at: Instant
    text: str

    @classmethod
    def of(cls, note: Note) -> Self:
        return cls.showing(note)


class SignerRecord(Wire):
    name: str | None = None
    surname: str | None = None
    email: str | None = None
    role: str | None = None
    user_uuid: UUID | None = Field(None, alias="userUUID")


class AuditRecord(Wire):
    instance_id: Annotated[int | None, Field(alias="_instance_id", json_schema_extra={"readOnly": True})] = None
    at: Instant
    event: Literal[
        "event_published",
        "event_form_fill",
        "event_signature",
        "event_rejection",
        "event_replacement",
        "event_note_add",
        "event_note_modify",
        "event_note_delete",
        "event_solicitation",
        "stage_to_fill",
        "stage_to_sign",
        "stage_expired",
        "stage_signed",
        "stage_rejected",
        "event_upload_alfresco",
    ]
    signer: SignerRecord | None = None
    value: str
    dst_id: UUID
    document_id: int | None = None
    fillable_form_id: int | None = None
    signature_request_id: int | None = None
    note_id: int | None = None

    @classmethod
    def of(cls, one: Audit) -> Self:
        return cls.showing(
            {
                "_instance_id": one.seq,
                "at": one.at,
                "event": one.event,
                "signer": one.signer,
                "value": one.value,
                "dst_id": one.dst_id,
                "document_id": one.document_id,
                "fillable_form_id": one.form_id,
                "signature_request_id": one.request_id,
                "note_id": one.note_id,
            }
        )


class NotificationEvent(Wire):
    id: int = Field(json_schema_extra=READ_ONLY)
    time: Instant = Field(json_schema_extra=READ_ONLY)
    dst_id: UUID = Field(json_schema_extra=READ_ONLY)
    user_id: UUID = Field(json_schema_extra=READ_ONLY)
    dst_title: str | None = None
    username: str | None = Field(None, description="Never set: a notification is for all accounts of the user.")
    email: str | None = None
    event: Literal[
        "dst_status_published",
        "dst_status_expired",
        "dst_status_rejected",
        "dst_status_signed",
        "dst_status_error",
        "dst_alert_fill",
        "dst_alert_sign",
        "dst_alert_note_added",
        "dst_alert_note_modified",
        "dst_alert_note_deleted",
    ] = Field(json_schema_extra=READ_ONLY)

    @classmethod
    def of(cls, one: Notification) -> Self:
        return cls.showing(
            {name: getattr(one, name) for name in ("id", "time", "dst_id", "user_id", "dst_title", "email", "event")}
        )


class NotificationsResponse(Wire):
    count: int = Field(description="Of all items, not of this page.")
    values: list[NotificationEvent]
