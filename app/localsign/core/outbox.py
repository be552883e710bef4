"""The outbox: every e-mail and text message that a vendor would have sent to a person, kept where it can be read."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum, auto
from html.parser import HTMLParser
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Column, delete
from sqlmodel import Field, select

from localsign.core.database import Json, Moment, Stored, state_column
from localsign.core.machine import Machine, Row
from localsign.core.scopes import Scope
from localsign.core.work import Work

_LINK = re.compile(r"https?://[^\s<>\"']+")
_PUNCTUATION = ".,;:!?)]}"


class Channel(StrEnum):
    EMAIL = auto()
    SMS = auto()


class MessageState(StrEnum):
    KEPT = auto()  # goes nowhere
    PENDING = auto()  # to be relayed
    SENDING = auto()
    SENT = auto()
    FAILED = auto()  # the reason is kept


class MessageEvent(StrEnum):
    SEND = auto()
    SUCCEED = auto()
    FAIL = auto()
    LEAVE = auto()  # in a copy of a world, to its original


_S, _E = MessageState, MessageEvent

# fmt: off
MESSAGE = Machine("message", MessageState, MessageEvent, [
    #   event       from           to
    Row(_E.SEND,    {_S.PENDING},  _S.SENDING),
    Row(_E.SUCCEED, {_S.SENDING},  _S.SENT),
    Row(_E.FAIL,    {_S.SENDING},  _S.FAILED),
    Row(_E.LEAVE,   {_S.PENDING, _S.SENDING}, _S.KEPT),
], initial=(_S.KEPT, _S.PENDING))
# fmt: on


class Message(Stored, table=True):
    """A message to a person. It goes nowhere, unless a relay is set."""

    __tablename__ = "message"
    called: ClassVar[str] = "message"
    scope: ClassVar[Scope] = Scope.OUTBOX

    seq: int | None = Field(default=None, primary_key=True)
    id: UUID = Field(unique=True)
    at: datetime = Field(sa_column=Column(Moment, nullable=False))
    api: str
    kind: str  # what for, such as "share.invitation"; our own names
    channel: Channel = Field(sa_column=state_column(Channel, "channel"))
    state: MessageState = Field(sa_column=state_column(MessageState, index=True))
    sender: str | None = None
    recipient: str = Field(index=True)  # an e-mail address or a phone number
    subject: str | None = None
    text: str
    html: str | None = None
    language: str | None = None
    reference: str = Field(index=True)  # the id of the thing it is about
    links: list[str] = Field(sa_column=Column(Json, nullable=False))
    codes: list[str] = Field(sa_column=Column(Json, nullable=False))
    failure: str | None = None  # why it could not be relayed

    @property
    def is_gone(self) -> bool:
        return False


def send(
    work: Work,
    *,
    api: str,
    kind: str,
    channel: Channel,
    to: str,
    text: str,
    reference: str | UUID,
    subject: str | None = None,
    html: str | None = None,
    language: str | None = None,
    sender: str | None = None,
    codes: Sequence[str] = (),
) -> Message:
    """Put a message into the outbox; it is stored if, and only if, this transaction is.

    `kind` says what it is for; `reference` is the id of the thing it is about; `codes` are the one-time codes in it.
    Links are found in `text` and `html`.
    """
    is_relayed = channel is Channel.EMAIL and work.house.settings.smtp_url is not None
    message = Message(
        id=work.new_id(),
        state=MessageState.PENDING if is_relayed else MessageState.KEPT,
        at=work.now,
        api=api,
        kind=kind,
        channel=channel,
        sender=sender,
        recipient=to,
        subject=subject,
        text=text,
        html=html,
        language=language,
        reference=str(reference),
        links=links_in(text, html),
        codes=list(codes),
    )
    work.db.add(message)
    work.followed.sent(channel.value, kind, message.id)
    return message


def clear(work: Work) -> None:
    """Remove every message."""
    work.flush()
    work.connection.execute(delete(Message))
    work.touched.add(str(Message.__tablename__))


def links_in(text: str, html: str | None = None) -> list[str]:
    """Every link in a message, once, in the order in which they come."""
    found = [link.rstrip(_PUNCTUATION) for link in _LINK.findall(text)]
    if html is not None:
        reader = _Links()
        reader.feed(html)
        found += reader.links
    return list(dict.fromkeys(found))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        if tag == "a":
            self.links += [value for name, value in attrs if name == "href" and value and _LINK.match(value)]


def leave(work: Work) -> None:
    """Relay nothing that was on its way when this world was copied: its original does."""
    for state in (MessageState.PENDING, MessageState.SENDING):
        for message in work.db.exec(select(Message).where(Message.state == state)).all():
            MESSAGE.fire(message, MessageEvent.LEAVE)
