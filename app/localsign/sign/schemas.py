"""Wire shapes of Sign v2, in both directions. Sources: the seed and the vendor's generated client."""

import base64
import re
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
)

from localsign.core.wire import Camel, Instant, Text
from localsign.core.work import Work
from localsign.sign.lifecycle import FINAL, PackageState
from localsign.sign.models import (
    CollectedDocument,
    Document,
    DocumentCollection,
    Package,
    SigningSession,
    packages_of,
    signatures_of,
)
from localsign.sign.switches import DOCUMENT_HASH

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s]+")
_SCRIPTS = ("javascript:", "data:", "vbscript:")
_RETENTION = re.compile(r"P(?=.)(\d{1,9}Y)?(\d{1,9}M)?(\d{1,9}W)?(\d{1,9}D)?", re.ASCII)


def _uri(value: str) -> str:
    if not _SCHEME.fullmatch(value):
        raise ValueError("must be an absolute URI")
    if value.lower().startswith(_SCRIPTS):
        raise ValueError("must not be a URI that runs code")
    return value


def _none_as_empty(value: Any) -> Any:
    return [] if value is None else value


def _retention(value: str) -> str:
    if not _RETENTION.fullmatch(value):
        raise ValueError("must be an ISO 8601 duration of years, months, weeks or days, such as P1Y")
    return value


Uri = Annotated[StrictStr, BeforeValidator(lambda value: _uri(value) if isinstance(value, str) else value)]
PackageType = Literal["PADES_CONTAINER"]
PackageTypes = Annotated[list[PackageType], Field(max_length=5), BeforeValidator(_none_as_empty)]


class Wire(Camel):
    """camelCase on the wire. Unknown members are kept aside: whether they are refused is a setting."""

    model_config = ConfigDict(extra="allow")


# ---- documents


class DocumentHash(Wire):
    hash: str = Field(description="Lower-case hexadecimal digits (inferred; a switch).")
    hash_algorithm: Literal["SHA256"] = "SHA256"


class PostDocumentResponse(Wire):
    mime_type: str
    document_id: UUID
    created_at: Instant
    document_hash: DocumentHash

    @classmethod
    def of(cls, work: Work, document: Document) -> Self:
        digest = document.digest
        if work.switched(DOCUMENT_HASH) == "base64":
            digest = base64.b64encode(bytes.fromhex(digest)).decode()
        return cls(
            mime_type=document.mime_type,
            document_id=document.id,
            created_at=document.created_at,
            document_hash=DocumentHash(hash=digest),
            **cls._more(document),
        )

    @classmethod
    def _more(cls, _document: Document) -> dict[str, Any]:
        return {}


class DocumentMetadata(Wire):
    """The body of PATCH: only the members that are sent change, null clears."""

    filename: Annotated[StrictStr, Field(max_length=255)] | None = None
    description: Annotated[StrictStr, Field(max_length=1000)] | None = None
    title: Annotated[StrictStr, Field(max_length=255)] | None = None


class DocumentInfo(PostDocumentResponse):
    filename: str | None = None
    description: str | None = None
    title: str | None = None

    @classmethod
    def _more(cls, _document: Document) -> dict[str, Any]:
        return {"filename": _document.filename, "description": _document.description, "title": _document.title}


# ---- collections


class DocumentReference(Wire):
    document_id: UUID
    description: Text | None = None


class CollectionRequest(Wire):
    documents: Annotated[list[DocumentReference], Field(min_length=1, max_length=100)]
    package_to: PackageTypes = []
    id: Any = Field(None, exclude=True, description="Read-only; ignored.")
    output: Any = Field(None, exclude=True, description="Read-only; ignored.")


class SessionPackage(Wire):
    package_id: UUID
    package_type: str
    result_document_id: UUID | None = None


def _completed(packages: list[Package]) -> list[SessionPackage]:
    return [
        SessionPackage(package_id=one.id, package_type=one.type, result_document_id=one.result_id)
        for one in packages
        if one.state is PackageState.COMPLETED
    ]


class CollectionOutput(Wire):
    packages: list[SessionPackage]


class CollectionResponse(Wire):
    id: UUID
    documents: list[DocumentReference]
    package_to: list[str]
    output: CollectionOutput

    @classmethod
    def of(cls, work: Work, collection: DocumentCollection, collected: list[CollectedDocument]) -> Self:
        return cls(
            id=collection.id,
            documents=[
                DocumentReference(document_id=one.document_id, description=one.description) for one in collected
            ],
            package_to=collection.package_to,
            output=CollectionOutput(packages=_completed(packages_of(work, collection))),
        )


# ---- signing sessions


class SessionDocumentRequest(Wire):
    document_collection_id: UUID
    document_id: UUID
    action: Literal["SIGN", "VIEW"]


class IdentityProvider(Wire):
    idp_name: Annotated[StrictStr, Field(min_length=1)]


Vendor = Literal[  # the union of three sources of different dates
    "AUDKENNI", "BUYPASS", "ESTEID", "MOBILEID", "NBID", "SBID", "SK_MOBILEID", "SMARTID"
]


class SigningSetup(Wire):
    signing_flow: Literal["AUTHENTICATION_BASED", "PKISIGNING"]
    identity_providers: list[IdentityProvider] | None = None
    vendor: Vendor | None = None
    additional_parameters: dict[Text, Text] | None = None
    requested_attributes: list[Text] | None = None


class Restriction(Wire):
    parameter: Literal["NIN"]
    restriction: Literal["NO_USE"]


class Signer(Wire):
    national_identification_number: Text | None = None
    validations: list[Literal["NATIONAL_IDENTIFICATION_NUMBER"]] | None = None
    restrict_use: list[Restriction] | None = None
    email: StrictStr | None = Field(None, exclude=True, description="Retired; accepted and ignored.")
    mobile: StrictStr | None = Field(None, exclude=True, description="Retired; accepted and ignored.")


class ArchiveSettings(Wire):
    send_signature_results_to_archive: StrictBool | None = None
    retention_period: Annotated[StrictStr, BeforeValidator(lambda v: _retention(v) if isinstance(v, str) else v)]
    send_original_to_archive: Any = Field(None, exclude=True, description="Retired; accepted and ignored.")
    send_result_to_archive: Any = Field(None, exclude=True, description="Retired; accepted and ignored.")


class PreAuthentication(Wire):
    enabled: StrictBool
    identity_providers: list[IdentityProvider] | None = None


Language = Literal["ca", "da", "de", "en", "es", "et", "fi", "fo", "fr", "it", "nb", "nl", "nn", "sv"]


class Ui(Wire):
    language: Language | None = None


class RedirectSettings(Wire):
    success: Uri
    cancel: Uri
    error: Uri
    reject: Uri | None = Field(None, description="Inferred name of the documented rejection redirect.")


class _Session(Wire):
    """What a session has in both directions."""

    signature_url_ttl: Annotated[StrictInt, Field(ge=5, le=525_600)] | None = Field(
        None, alias="signatureUrlTTL", description="Minutes."
    )
    title: Annotated[StrictStr, Field(max_length=255)]
    sign_text: Annotated[StrictStr, Field(max_length=2048)] | None = None
    due_date: Instant | None = None
    documents: Annotated[list[SessionDocumentRequest], Field(min_length=1, max_length=50)]
    external_reference: Annotated[StrictStr, Field(max_length=1024)] | None = None
    signing_setup: Annotated[list[SigningSetup], Field(min_length=1, max_length=1)]
    subsequent_to: Annotated[list[UUID], Field(max_length=50), BeforeValidator(_none_as_empty)] = []
    package_to: PackageTypes = []
    signer: Signer | None = None
    archive: ArchiveSettings | None = None
    pre_authentication: PreAuthentication | None = None
    ui: Ui | None = None
    redirect_settings: RedirectSettings | None = None


class SessionRequest(_Session):
    """A session to create. Read-only members are ignored, as generated clients send them."""

    id: Any = Field(None, exclude=True, description="Read-only; ignored.")
    signature_url: Any = Field(None, exclude=True, description="Read-only; ignored.")
    signature_url_expires_at: Any = Field(None, exclude=True, description="Read-only; ignored.")
    lifecycle: Any = Field(None, exclude=True, description="Read-only; ignored.")
    output: Any = Field(None, exclude=True, description="Read-only; ignored.")
    sender_display_name: Any = Field(None, exclude=True, description="Retired; ignored.")


class SessionLifecycle(Wire):
    state: Literal["BLOCKED", "READY", "SIGNED", "REJECTED"]
    state_is_final: bool
    reject_reason: str | None = Field(None, description="Inferred name and place.")


class SessionSignature(Wire):
    result_document_id: UUID
    signature_type: Literal["PADES", "XADES"]
    original_document_id: UUID
    document_collection_id: UUID
    archive_id: UUID | None = Field(None, description="Inferred place.")


class SessionOutput(Wire):
    signatures: list[SessionSignature]
    packages: list[SessionPackage]


class SessionResponse(_Session):
    id: UUID
    signature_url: str
    signature_url_expires_at: Instant
    due_date: Instant
    lifecycle: SessionLifecycle
    output: SessionOutput

    @classmethod
    def of(cls, work: Work, session: SigningSession, base_url: str) -> Self:
        """The session as its API shows it; `base_url` is where the caller reaches this workspace."""
        return cls.model_validate(
            {
                **session.wanted,
                "id": session.id,
                "signatureUrl": f"{base_url}/sign/?sessionId={session.url_token}",
                "signatureUrlExpiresAt": session.url_expires_at,
                "dueDate": session.due_at,
                "lifecycle": {
                    "state": session.state.value,
                    "stateIsFinal": session.state in FINAL,
                    "rejectReason": session.reject_reason,
                },
                "output": _output(work, session) if session.state in FINAL else _NO_OUTPUT,
            }
        )


_NO_OUTPUT: dict[str, list[Any]] = {"signatures": [], "packages": []}


def _output(work: Work, session: SigningSession) -> SessionOutput:
    return SessionOutput(
        signatures=[
            SessionSignature.model_validate(
                {
                    "resultDocumentId": one.result_id,
                    "signatureType": one.type,
                    "originalDocumentId": one.original_id,
                    "documentCollectionId": one.collection_id,
                    "archiveId": one.archive_id,
                }
            )
            for one in signatures_of(work, session)
        ],
        packages=_completed(packages_of(work, session)),
    )


class SessionPage(Wire):
    limit: int
    offset: int
    count: int
    total: int
    data: list[SessionResponse]


def retention_days(period: str) -> int:
    """The days of an archive's retention period; a year counts 365 days, a month 30 (inferred)."""
    years, months, *rest = (int(part[:-1]) if part else 0 for part in _RETENTION.fullmatch(period).groups(""))  # type: ignore[union-attr]
    return years * 365 + months * 30 + rest[0] * 7 + rest[1]
