"""Passing the e-mails of outboxes on to a mail server, after their commit and beside everything else."""

import logging
import queue
import smtplib
import sqlite3
import ssl
import threading
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from sqlmodel import col, select

from localsign.core.database import peek
from localsign.core.egress import EgressError
from localsign.core.errors import StorageError, WorldChangedError
from localsign.core.house import House
from localsign.core.mime import mail_of
from localsign.core.outbox import MESSAGE, Message, MessageEvent, MessageState
from localsign.core.work import Work
from localsign.workspace import Workspace

_SECONDS = 10.0  # for the server to answer
_TO_END = 2.0  # seconds that `close` gives to what is under way
_CUT_OFF = "Passing it on was cut off; whether the server took it is not known."
_LEFT = "SELECT EXISTS (SELECT 1 FROM message WHERE state IN ('pending', 'sending'))"
_log = logging.getLogger("localsign.relay")


class Relay:
    """Sends what is pending, one message after another; its thread begins with the first.

    A message is tried once. What comes of it is written at the message: `sent`, or `failed` with the reason. Of several
    processes one at a time relays the messages of a world, so that they go in order; the others leave theirs to it.
    """

    def __init__(self, house: House, url: str) -> None:
        self._house = house
        self._server = urlsplit(url)
        self._waiting: queue.SimpleQueue[Workspace | None] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closed = False

    @classmethod
    def of(cls, house: House) -> "Relay | None":
        """The relay of an installation that has one, told of every outbox from now on."""
        if house.settings.smtp_url is None:
            return None
        relay = cls(house, house.settings.smtp_url)
        house.relay = relay.wake
        return relay

    def wake(self, workspace: Workspace) -> None:
        """Something was written to the outbox of `workspace`. Never blocks."""
        if threading.current_thread() is self._thread:
            return  # wrote it itself, and looks again anyway
        with self._guard:
            if self._is_closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="localsign-relay", daemon=True)
                self._thread.start()
        self._waiting.put(workspace)

    def resume(self, workspace: Workspace) -> None:
        """Take up what an earlier process left in a world that was just opened."""
        if _has_left(workspace):
            self.wake(workspace)

    def close(self, seconds: float = _TO_END) -> None:
        """Send no more; what is under way gets so many seconds."""
        with self._guard:
            self._is_closed = True
            thread = self._thread
        if thread is not None:
            self._waiting.put(None)
            thread.join(seconds)

    def _run(self) -> None:
        while (workspace := self._waiting.get()) is not None:
            try:
                # Again, as one who came while the lock was held has left it at that.
                while not self._is_closed and _has_left(workspace) and self._send_all(workspace):
                    pass
            except WorldChangedError:
                pass  # deleted
            except Exception:
                _log.exception("the e-mails of %s have to wait for the next one", workspace.name)

    def _send_all(self, workspace: Workspace) -> bool:
        """Send what is pending; False where another process does."""
        held = workspace.relaying()
        if held is None:
            return False
        try:
            _cut_off(workspace)
            while not self._is_closed and self._send_next(workspace):
                pass
            return True
        finally:
            held.release()

    def _send_next(self, workspace: Workspace) -> bool:
        """Send the oldest message that is pending; whether there was one."""
        with workspace.work() as work:
            message = _next(work)
            if message is None:
                return False
            MESSAGE.fire(message, MessageEvent.SEND)
        failure = self._send(message)
        for last in (False, True):
            try:
                _settle(workspace, message.id, failure)
                break
            except StorageError:  # another process has the database for long
                if last:
                    raise
        return True

    def _send(self, message: Message) -> str | None:
        """Why the message could not be sent; None if it was."""
        server = self._server
        port = server.port or {"smtp": 25, "smtps": 465}[server.scheme]
        try:
            self._house.egress.check_host(str(server.hostname), port)
            mail = mail_of(message)
            with _connected(server, port) as connection:
                if server.username is not None:
                    connection.login(unquote(server.username), unquote(server.password or ""))
                connection.send_message(mail)
        except EgressError as error:
            return str(error)
        except (smtplib.SMTPException, OSError) as error:
            return f"{server.hostname}:{port} did not take it: {_said(error)}"
        except Exception as error:  # such as a line break in an address; whatever it is, the message tells of it
            return f"It cannot be made an e-mail: {_said(error)}"
        return None


def has_left(database: Path) -> bool:
    """Whether there is something to relay in the world kept in `database`."""
    try:
        return bool(peek(database, _LEFT))
    except sqlite3.Error:  # of another version, or being deleted
        return False


def _has_left(workspace: Workspace) -> bool:
    with workspace.work() as work:
        return bool(work.connection.exec_driver_sql(_LEFT).scalar())


def _cut_off(workspace: Workspace) -> None:
    """Nobody sends anything in a world at this moment: what is on its way there, was."""
    with workspace.work() as work:
        for message in work.db.exec(select(Message).where(Message.state == MessageState.SENDING)):
            MESSAGE.fire(message, MessageEvent.FAIL)
            message.failure = _CUT_OFF


def _settle(workspace: Workspace, message_id: UUID, failure: str | None) -> None:
    # Also where the world was reset or restored meanwhile: that it was sent is true all the same.
    with workspace.work() as work:
        message = work.find(Message, message_id)
        if message is not None and message.state is MessageState.SENDING:
            MESSAGE.fire(message, MessageEvent.SUCCEED if failure is None else MessageEvent.FAIL)
            message.failure = failure


def _next(work: Work) -> Message | None:
    """The oldest message that is pending."""
    pending = select(Message).where(Message.state == MessageState.PENDING)
    return work.db.exec(pending.order_by(col(Message.seq)).limit(1)).first()


def _connected(server: SplitResult, port: int) -> Any:
    """A connection to the mail server: `smtps` by TLS, `smtp` as it is, or by TLS where the server offers it."""
    host = str(server.hostname)
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
    connection = smtplib.SMTP(host, port, timeout=_SECONDS)
    try:
        connection.ehlo_or_helo_if_needed()
        if connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
    except BaseException:
        connection.close()
        raise
    return connection


def _said(error: Exception) -> str:
    """What the server said, or what kept it from saying anything."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        return f"{error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    return str(error) or type(error).__name__
