"""Wire shapes of Secure Share, in both directions. Members that no source shows are marked inferred."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StrictBool,
    StrictStr,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

from localsign.core.markup import MarkupError, check_text
from localsign.core.wire import Camel, Text
from localsign.core.work import Work
from localsign.secure_share import switches
from localsign.secure_share.lifecycle import RecipientState
from localsign.secure_share.models import FileAccess, Recipient, Share, SharedFile, files_of
from localsign.secure_share.moments import parse_ticks, show, ticks_of

EMAIL = r"^[^@]+@[^@]+$"  # documented
LANGUAGES = ("No", "En", "Fi", "De", "Fr", "Nl", "Da", "Sv")  # inferred: the predecessor's, in its order
OTP_EMAIL, OTP_SMS = "otp-email", "otp-sms"  # the second documented by a sample, the first inferred from it
# nbid is in a sample; the others are the providers of the vendor's own SDK.
KNOWN_PROVIDERS = (OTP_EMAIL, OTP_SMS, "nbid", "sbid", "mitid", "ftn", "idin", "digid", "eherkenning")
MOST_METHODS = 20
_PROVIDER = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]")


def _ticks(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return parse_ticks(value)


def _spelled(known: Sequence[str]) -> BeforeValidator:
    """In any case: inferred, the vendor's stack reads enumerations so."""
    spellings = {one.lower(): one for one in known}
    return BeforeValidator(lambda value: spellings.get(value.lower(), value) if isinstance(value, str) else value)


def _email(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise ValueError("must be an e-mail address, without blanks and control characters")
    return value


_DATE_TIME = WithJsonSchema({"type": "string", "format": "date-time"})
Instant = Annotated[int, BeforeValidator(_ticks), _DATE_TIME]  # as it is sent; in ticks
Moment = Annotated[int, PlainSerializer(show, return_type=str), _DATE_TIME]  # as it is shown
Email = Annotated[
    StrictStr,
    Field(pattern=EMAIL, json_schema_extra={"format": "email"}),
    BeforeValidator(lambda value: _email(value) if isinstance(value, str) else value),
]
Language = Annotated[
    Literal["No", "En", "Fi", "De", "Fr", "Nl", "Da", "Sv"],
    _spelled(LANGUAGES),
    Field(description="Inferred values; in any case."),
]


class Wire(BaseModel):
    """camelCase on the wire. Unknown members are kept aside: whether they are refused is a switch."""

    model_config = ConfigDict(alias_generator=to_camel, extra="allow")


# ---- what a share and a recipient are made of


class ContactDetailsDto(Wire):
    """Whom recipients can turn to. The members are inferred; others are accepted and echoed."""

    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    url: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _is_storable(cls, value: Any) -> Any:
        try:
            json.dumps(value, ensure_ascii=False, allow_nan=False, default=str).encode()
            check_text(value)  # newer Pythons dump deeper than can be stored
        except (ValueError, RecursionError, MarkupError):
            raise ValueError("must be plain JSON: no lone surrogates, no NaN, not nested too deep") from None
        return value

    def sent(self) -> dict[str, Any]:
        """The members that were sent, by their names on the wire."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)


class AuthenticationDto(Wire):
    """How a recipient shows who they are: a one-time code, or an eID that must give `idpId` and `nin`."""

    identity_provider: Annotated[StrictStr, Field(pattern=_PROVIDER), _spelled(KNOWN_PROVIDERS)]
    idp_id: Text | None = None
    nin: Text | None = None

    def stored(self) -> dict[str, Any]:
        return {"identityProvider": self.identity_provider, "idpId": self.idp_id, "nin": self.nin}


class NotificationDto(Wire):
    send_email: StrictBool | None = None
    send_sms: StrictBool | None = None
    language: Language | None = None
    email_template: Text | None = Field(None, description="Accepted; not in newer versions of the reference.")
    sms_template: Text | None = Field(None, description="Accepted; not in newer versions of the reference.")

    def sent(self) -> dict[str, Any]:
        """The members that were sent, by their names on the wire."""
        names = set(type(self).model_fields)
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, include=names)


class UpdateContactDetailsDto(ContactDetailsDto):
    """Inferred: the members that are sent are changed, the others stay."""


class UpdateNotificationDto(NotificationDto):
    """Inferred: the members that are sent are changed, the others stay."""


# ---- requests


class _RecipientRequest(Wire):
    first_name: Text | None = None
    last_name: Text | None = None
    email: Email | None = Field(None, description="Needed without a mobile, for otp-email, and for sendEmail.")
    mobile: Text | None = Field(None, description="Needed without an e-mail, for otp-sms, and for sendSms.")
    file_restrictions: list[UUID] | None = Field(None, description="Files the recipient may see; empty: all.")
    notification: NotificationDto | None = None
    external_reference: Text | None = None


class CreateRecipient(_RecipientRequest):
    authentication: Annotated[list[AuthenticationDto], Field(min_length=1, max_length=MOST_METHODS)]


class CreateShareRecipientDto(CreateRecipient):
    """A recipient that comes with its share, which has no files yet that could be named."""


class UpdateRecipient(_RecipientRequest):
    notification: UpdateNotificationDto | None = None
    authentication: Annotated[list[AuthenticationDto], Field(min_length=1, max_length=MOST_METHODS)] | None = None


class CreateShare(Wire):
    title: Text | None = None
    description: Text | None = None
    external_reference: Text | None = None
    usage_reference: Text | None = None
    recipients: list[CreateShareRecipientDto] | None = None
    contact_details: ContactDetailsDto
    tags: list[Text] | None = None
    expires: Instant | None = None
    request_domain: Text | None = None


class UpdateShare(Wire):
    title: Text | None = None
    description: Text | None = None
    contact_details: UpdateContactDetailsDto | None = None
    expires: Instant | None = None


# ---- answers


class FileDto(Camel):
    """Only `id` is certain; the other members are inferred."""

    id: UUID
    name: str
    file_name: str
    content_type: str
    size: int
    created: Moment

    @classmethod
    def of(cls, file: SharedFile) -> Self:
        return cls(
            id=file.id,
            name=file.name,
            file_name=file.name,
            content_type=file.content_type,
            size=file.size,
            created=ticks_of(file.created_at),
        )


class FileAccessInfo(Camel):
    id: UUID = Field(description="The id of the file.")
    last_downloaded_at: Moment | None


class NotificationShown(Camel):
    send_email: bool
    send_sms: bool
    language: Language


class NotificationWithTemplates(NotificationShown):
    """As the reference of 2026-03 has it."""

    email_template: str | None
    sms_template: str | None


class RecipientResponse(Camel):
    id: UUID
    external_reference: str | None
    first_name: str | None
    last_name: str | None
    email: str | None
    mobile: str | None
    file_access_infos: list[FileAccessInfo]
    file_restrictions: list[UUID]
    authentication: list[AuthenticationDto]
    logged_in_time: Moment | None
    url: str | None
    notification: NotificationWithTemplates | NotificationShown | None


class ShareResponse(Camel):
    id: UUID
    title: str | None
    description: str | None
    external_reference: str | None
    usage_reference: str | None
    recipients: list[RecipientResponse]
    files: list[FileDto]
    expires: Moment
    created: Moment
    contact_details: ContactDetailsDto
    tags: list[str]
    request_domain: str | None
    completed_recipients: int
    status: Literal["Active", "Completed", "Expired"]
    provider_path: Literal["secure-share"]  # in every sample


class SharePage(Camel):
    limit: int
    offset: int
    count: int
    total: int
    data: list[ShareResponse]


# ---- rows as answers


def shares_shown(work: Work, shares: Sequence[Share], base_url: str) -> list[ShareResponse]:
    """Shares as their API shows them; `base_url` is where the caller reaches this workspace."""
    ids = [share.id for share in shares]
    recipients = _grouped(work.look_up(Recipient, "share_id", ids), "share_id")
    files = _grouped(work.look_up(SharedFile, "share_id", ids), "share_id")
    accesses = _grouped(work.look_up(FileAccess, "share_id", ids), "recipient_id")
    return [
        _share(
            share,
            [
                _recipient(work, one, files.get(share.id, []), accesses.get(one.id, []), base_url)
                for one in recipients.get(share.id, [])
            ],
            recipients.get(share.id, []),
            files.get(share.id, []),
        )
        for share in shares
    ]


def share_shown(work: Work, share: Share, base_url: str) -> ShareResponse:
    return shares_shown(work, [share], base_url)[0]


def recipient_shown(work: Work, recipient: Recipient, base_url: str) -> RecipientResponse:
    accesses = work.look_up(FileAccess, "recipient_id", [recipient.id])
    return _recipient(work, recipient, files_of(work, recipient.share_id), accesses, base_url)


def _share(
    share: Share, shown: list[RecipientResponse], recipients: list[Recipient], files: list[SharedFile]
) -> ShareResponse:
    return ShareResponse(
        id=share.id,
        title=share.title,
        description=share.description,
        external_reference=share.external_reference,
        usage_reference=share.usage_reference,
        recipients=shown,
        files=[FileDto.of(one) for one in files],
        expires=share.expires,
        created=ticks_of(share.created_at),
        contact_details=ContactDetailsDto.model_validate(share.contact),
        tags=share.tags,
        request_domain=share.request_domain,
        completed_recipients=sum(one.state is RecipientState.DOWNLOADED for one in recipients),
        status=share.state.value,
        provider_path="secure-share",
    )


def _recipient(
    work: Work, recipient: Recipient, files: list[SharedFile], accesses: list[FileAccess], base_url: str
) -> RecipientResponse:
    visible = [one for one in files if recipient.may_see(one)]
    downloaded = {one.file_id: one.downloaded_at for one in accesses}
    listed = visible if work.switched(switches.FILE_ACCESS_INFOS) == "visible" else []
    ids = list(dict.fromkeys([*(one.id for one in listed), *downloaded]))
    rule = work.switched(switches.RECIPIENT_URL)
    has_url = rule == "always" or (rule == "with_files" and bool(visible))
    return RecipientResponse(
        id=recipient.id,
        external_reference=recipient.external_reference,
        first_name=recipient.first_name,
        last_name=recipient.last_name,
        email=recipient.email,
        mobile=recipient.mobile,
        file_access_infos=[
            FileAccessInfo(id=one, last_downloaded_at=ticks_of(downloaded[one]) if one in downloaded else None)
            for one in ids
        ],
        file_restrictions=[UUID(one) for one in recipient.file_restrictions],
        authentication=[AuthenticationDto.model_validate(one) for one in recipient.authentication],
        logged_in_time=recipient.logged_in_at and ticks_of(recipient.logged_in_at),
        url=link_of(recipient, base_url) if has_url else None,
        notification=_notification(work, recipient.notification),
    )


def link_of(recipient: Recipient, base_url: str) -> str:
    """What the recipient opens. Ours: no source shows the address of the vendor's site."""
    return f"{base_url}/secure-share/open/{recipient.token}"


def _notification(work: Work, stored: Mapping[str, Any] | None) -> NotificationShown | None:
    if stored is None:
        return None
    plain = NotificationShown(
        send_email=bool(stored.get("sendEmail")),
        send_sms=bool(stored.get("sendSms")),
        language=language_of(work, stored),
    )
    if work.switched(switches.TEMPLATES) == "hidden":
        return plain
    return NotificationWithTemplates(
        **plain.model_dump(), email_template=stored.get("emailTemplate"), sms_template=stored.get("smsTemplate")
    )


def language_of(work: Work, notification: Mapping[str, Any] | None) -> Any:
    """The language that a recipient is written to in."""
    return (notification or {}).get("language") or work.switched(switches.LANGUAGE)


def _grouped(rows: Sequence[Any], by: str) -> dict[UUID, list[Any]]:
    groups: dict[UUID, list[Any]] = {}
    for row in rows:
        groups.setdefault(getattr(row, by), []).append(row)
    return groups
