"""Messages to people as a Signicat sandbox account sends them."""

from collections.abc import Sequence
from uuid import UUID

from localsign.core import outbox
from localsign.core.outbox import Channel, Message
from localsign.core.work import Work

SENDER = "noreply@email.signicat.com"  # documented as the default
# Documented: a sandbox account puts a warning that this is a test in front of every message. Inferred: its words.
WARNING = "This is a test message."


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
    """`outbox.send` with the sandbox's warning in front of subject and text."""
    return outbox.send(
        work,
        api=api,
        kind=kind,
        channel=channel,
        to=to,
        text=f"{WARNING} {text}" if channel is Channel.SMS else f"{WARNING}\n\n{text}",
        reference=reference,
        subject=None if subject is None else f"[TEST] {subject}",
        html=None if html is None else f"<p>{WARNING}</p>\n{html}",
        language=language,
        sender=sender or (SENDER if channel is Channel.EMAIL else None),
        codes=codes,
    )
