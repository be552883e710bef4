"""A message of the outbox as an e-mail."""

from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from localsign.core.outbox import Message

SENDER = "noreply@localsign.example"


def mail_of(message: Message) -> EmailMessage:
    """The e-mail; ValueError where it cannot be one, as with a line break in an address."""
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"] = message.sender or SENDER
    mail["To"] = message.recipient
    mail["Subject"] = message.subject or ""
    mail["Date"] = format_datetime(message.at)
    mail["Message-ID"] = f"<{message.id}@localsign.example>"
    mail["X-Localsign-Kind"] = f"{message.api}.{message.kind}"
    if message.language:
        mail["Content-Language"] = message.language
    mail.set_content(message.text)
    if message.html is not None:
        mail.add_alternative(message.html, subtype="html")
    return mail
