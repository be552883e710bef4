# Made from app/localsign/client/aio/outbox.py by `make face`: change that instead.
"""The e-mails and text messages that the vendor would have sent to people."""

from typing import Unpack, cast
from uuid import UUID

from localsign.client.shapes.asking import MessageConditions, MessageFilters
from localsign.client.shapes.people import Message, Messages
from localsign.client.spelling import given, query
from localsign.client.sync.control import Control

_Messages = list[Message]


class Outbox:
    """Messages to people, with their links and one-time codes."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def get(self, message_id: UUID | str) -> Message:
        return cast(Message, self._control.get(f"outbox/{message_id}"))

    def html(self, message_id: UUID | str) -> str:
        """The message as its recipient would see it."""
        return self._as("html", message_id)

    def text(self, message_id: UUID | str) -> str:
        return self._as("text", message_id)

    def eml(self, message_id: UUID | str) -> str:
        """The whole e-mail, as in a file of a mail program."""
        return self._as("eml", message_id)

    def wait(self, *, count: int = 1, timeout: float = 10.0, **conditions: Unpack[MessageConditions]) -> _Messages:
        """Every message that matches, the oldest first, as soon as there are `count`; WaitTimeoutError otherwise.

        `timeout` is in seconds of real time, 60 at most. What is there already counts.
        """
        answer = self._control.wait("outbox/wait", given(**conditions), count, timeout)
        return cast(Messages, answer)["messages"]

    def remove(self, message_id: UUID | str) -> None:
        self._control.delete(f"outbox/{message_id}")

    def clear(self) -> None:
        """Remove all."""
        self._control.delete("outbox")

    def list(self, **filters: Unpack[MessageFilters]) -> _Messages:
        """The messages that match, the newest first."""
        return cast(Messages, self._control.get("outbox", **query(**filters)))["messages"]

    def _as(self, form: str, message_id: UUID | str) -> str:
        return (self._control.ask("GET", f"v1/outbox/{message_id}", query={"format": form})).text
