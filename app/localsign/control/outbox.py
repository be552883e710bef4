"""`/_sandbox/v1/outbox`: every e-mail and text message that the vendor would have sent."""

from collections.abc import Callable
from fnmatch import fnmatchcase
from html import escape
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import col, select

from localsign.control.schemas import Instant
from localsign.control.waiting import TIMED_OUT, Waiting, timed_out
from localsign.core import outbox
from localsign.core.errors import BadInputError, TimedOutError
from localsign.core.glancing import selected
from localsign.core.http import InWork, await_in_work
from localsign.core.mime import mail_of
from localsign.core.outbox import Channel, Message, MessageState
from localsign.core.people import is_same
from localsign.core.wire import Asked, Text
from localsign.core.work import Work

router = APIRouter(prefix="/v1", tags=["outbox"])

# What a message holds comes from clients of the API: it may look as it likes, and do nothing.
_HARMLESS = {
    "Content-Security-Policy": "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


class Filters(Asked):
    """Which messages are meant: those that meet everything that is given."""

    channel: Channel | None = None
    to: Text | None = Field(None, description="The e-mail address or phone number.")
    api: Text | None = None
    kind: Text | None = Field(None, description="What it is for; `*` stands for anything, as in `share.*`.")
    reference: Text | None = Field(None, description="The id of the object that it is about.")
    text: Text | None = Field(None, description="Part of the subject or the text, whatever the case.")
    link: Text | None = Field(None, description="Part of a link in it.")
    state: MessageState | None = Field(None, description="What became of it at the relay; `kept` without one.")
    since: UUID | None = Field(None, description="Only what came after the message with this id.")

    def checks(self) -> dict[str, Callable[[Message], bool]]:
        """One for each condition that is given, by its name."""
        words = (self.text or "").casefold()
        checks: dict[str, Callable[[Message], bool]] = {
            "channel": lambda one: one.channel is self.channel,
            "to": lambda one: is_same("phone" if one.channel is Channel.SMS else "email", one.recipient, self.to),
            "api": lambda one: one.api == self.api,
            "kind": lambda one: fnmatchcase(one.kind, str(self.kind)),
            "reference": lambda one: one.reference == self.reference,
            "text": lambda one: words in one.text.casefold() or words in (one.subject or "").casefold(),
            "link": lambda one: any(str(self.link) in link for link in one.links),
            "state": lambda one: one.state is self.state,
        }
        return {name: check for name, check in checks.items() if getattr(self, name) is not None}


class Listing(Filters):
    """Filters, and which of the messages that match, newest first."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    offset: Annotated[int, Field(ge=0, le=2**31)] = 0


class MessagesWait(Filters, Waiting):
    """What to wait for. Messages that are there already count, unless `since` says otherwise."""


class MessageResponse(BaseModel):
    """A message. `state` and `failure` say what became of it at the relay."""

    id: UUID
    at: Instant
    api: str
    kind: str
    channel: Channel
    sender: str | None
    to: str
    subject: str | None
    text: str
    html: str | None
    language: str | None
    reference: str
    links: list[str]
    codes: list[str]
    state: MessageState
    failure: str | None

    @classmethod
    def of(cls, message: Message) -> Self:
        return cls(**{name: getattr(message, name) for name in cls.model_fields if name != "to"}, to=message.recipient)


class MessagesResponse(BaseModel):
    """`total` messages match."""

    total: int
    messages: list[MessageResponse]


# ---- routes


@router.get("/outbox", operation_id="list_messages")
async def list_messages(work: InWork, asked: Annotated[Listing, Query()]) -> MessagesResponse:
    """The messages that match every filter, newest first."""
    found = _find(work, asked)[::-1]
    shown = found[asked.offset : asked.offset + asked.limit]
    return MessagesResponse(total=len(found), messages=[MessageResponse.of(one) for one in shown])


@router.post("/outbox/wait", operation_id="wait_for_messages", responses=TIMED_OUT)
async def wait_for_messages(request: Request, wanted: MessagesWait) -> MessagesResponse:
    """Answer as soon as `count` messages match, with all that do, oldest first; 408 when the time is over.

    Meanwhile the workspace goes on, and what becomes due on its clock happens.
    """

    def look(work: Work) -> list[Message] | None:
        found = _find(work, wanted)
        return found if len(found) >= wanted.count else None

    found = await await_in_work(request, look, wanted.timeout)
    if found is None:
        refusal = await await_in_work(request, lambda work: _too_late(work, wanted), 0)
        assert refusal is not None
        raise refusal
    return MessagesResponse(total=len(found), messages=[MessageResponse.of(one) for one in found])


@router.get("/outbox/{id}", operation_id="get_message", response_model=MessageResponse)
async def get_message(
    work: InWork, id: UUID, format: Literal["json", "html", "text", "eml"] = "json"
) -> Response | MessageResponse:
    """One message: as JSON, as its recipient sees it (`html`, `text`), or as an e-mail (`eml`)."""
    message = work.glance(Message, id)
    match format:
        case "html":
            html = message.html if message.html is not None else f"<pre>{escape(message.text)}</pre>"
            return Response(f"<!doctype html>\n{html}", media_type="text/html; charset=utf-8", headers=_HARMLESS)
        case "text":
            return Response(message.text, media_type="text/plain; charset=utf-8", headers=_HARMLESS)
        case "eml":
            return Response(_eml(message), media_type="message/rfc822", headers=_HARMLESS)
    return MessageResponse.of(message)


@router.delete("/outbox", status_code=204, operation_id="clear_outbox")
async def clear_outbox(work: InWork) -> None:
    """Remove every message."""
    outbox.clear(work)


@router.delete("/outbox/{id}", status_code=204, operation_id="delete_message")
async def delete_message(work: InWork, id: UUID) -> None:
    """Remove one message."""
    work.db.delete(work.get(Message, id))


# ---- parts


def _too_late(work: Work, wanted: MessagesWait) -> TimedOutError:
    checks = wanted.checks()
    newest = _since(work, wanted)[::-1]

    def missed(one: Message) -> list[str]:
        return [name for name, check in checks.items() if not check(one)]

    def told(one: Message) -> dict[str, Any]:
        shown = MessageResponse.of(one).model_dump(mode="json")
        return {name: shown[name] for name in ("id", "api", "kind", "channel", "to", "subject", "reference", "state")}

    return timed_out(wanted, "messages", sum(not missed(one) for one in newest), newest, missed, told)


def _find(work: Work, asked: Filters) -> list[Message]:
    """The messages that match, oldest first, only to be looked at."""
    checks = asked.checks().values()
    return [one for one in _since(work, asked) if all(check(one) for check in checks)]


def _since(work: Work, asked: Filters) -> list[Message]:
    """The messages that are new enough, oldest first, only to be looked at."""
    query: Any = select(Message).order_by(col(Message.seq))
    if asked.since is not None:
        seen = work.look_up(Message, "id", [asked.since])
        if not seen:
            raise BadInputError.of("since", "is not the id of a message that is in the outbox")
        query = query.where(col(Message.seq) > seen[0].seq)
    work.flush()
    return list(selected(work.connection, Message, query))


def _eml(message: Message) -> bytes:
    try:
        return mail_of(message).as_bytes()
    except ValueError as error:
        raise BadInputError.of("format", f"is not possible: as an e-mail, it is not right ({error})") from None
