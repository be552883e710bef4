"""Messages to recipients: invitations, reminders and one-time codes, in their language, into the outbox."""

import re
from collections.abc import Mapping
from typing import Any

from sqlmodel import col, select

from localsign.core.outbox import Channel
from localsign.core.work import Work
from localsign.secure_share import switches
from localsign.secure_share.models import Recipient, Share, files_of
from localsign.secure_share.moments import show
from localsign.secure_share.schemas import language_of, link_of
from localsign.secure_share.texts import TEXTS, Texts
from localsign.signicat import mail

_PLACEHOLDER = re.compile(r"\{\{?\s*(\w+)\s*\}?\}")
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def invite_all(work: Work, share: Share, base_url: str) -> None:
    """Notify everybody who is to be, and was not yet."""
    work.flush()
    query = select(Recipient).where(Recipient.share_id == share.id, col(Recipient.is_notified).is_(False))
    for recipient in work.db.exec(query.order_by(col(Recipient.seq))).all():
        invite(work, share, recipient, base_url)


def invite(work: Work, share: Share, recipient: Recipient, base_url: str) -> None:
    """Tell a recipient of the share, once. When is a switch: at once, or when there is something to see."""
    if recipient.is_notified or not _channels(recipient):
        return
    waits = work.switched(switches.NOTIFY) == "with_files"
    if waits and not any(recipient.may_see(one) for one in files_of(work, share.id)):
        return
    recipient.is_notified = True
    _tell(work, share, recipient, "share.invitation", base_url)


def remind(work: Work, share: Share, recipient: Recipient, base_url: str) -> bool:
    """Tell a recipient again; False where their notification has no way to."""
    if not _channels(recipient):
        return False
    recipient.is_notified = True
    _tell(work, share, recipient, "share.reminder", base_url)
    return True


def send_code(work: Work, recipient: Recipient, channel: Channel, code: str, minutes: int) -> None:
    """A one-time code, by the channel of the authentication that asks for it."""
    texts = _texts(work, recipient)
    values = {"code": code, "minutes": str(minutes)}
    _send(
        work,
        recipient,
        kind="share.code",
        channel=channel,
        subject=texts.code_subject.format(**values),
        text=texts.code.format(**values),
        codes=(code,),
    )


def _channels(recipient: Recipient) -> list[Channel]:
    wanted = recipient.notification or {}
    ways = {"sendEmail": Channel.EMAIL, "sendSms": Channel.SMS}
    return [channel for name, channel in ways.items() if wanted.get(name)]


def _texts(work: Work, recipient: Recipient) -> Texts:
    return TEXTS[language_of(work, recipient.notification)]


def _tell(work: Work, share: Share, recipient: Recipient, kind: str, base_url: str) -> None:
    texts = _texts(work, recipient)
    values = _values(share, recipient, texts, base_url)
    is_first = kind == "share.invitation"
    subject = (texts.invitation_subject if is_first else texts.reminder_subject).format(**values)
    body = (texts.invitation if is_first else texts.reminder).format(**values)
    wanted = recipient.notification or {}
    for channel in _channels(recipient):
        template = wanted.get("emailTemplate" if channel is Channel.EMAIL else "smsTemplate")
        if template:
            text = _filled(template, values)
        elif channel is Channel.SMS:
            text = body
        else:
            text = _letter(texts, values, body)
        _send(work, recipient, kind=kind, channel=channel, subject=subject, text=text)


def _send(work: Work, recipient: Recipient, *, channel: Channel, subject: str, **more: Any) -> None:
    is_email = channel is Channel.EMAIL
    mail.send(
        work,
        api="secure-share",
        channel=channel,
        to=(recipient.email if is_email else recipient.mobile) or "",
        reference=recipient.id,
        subject=subject if is_email else None,
        language=language_of(work, recipient.notification),
        **more,
    )


def _values(share: Share, recipient: Recipient, texts: Texts, base_url: str) -> dict[str, str]:
    names = (recipient.first_name, recipient.last_name)
    return {
        "firstName": _line(recipient.first_name),
        "lastName": _line(recipient.last_name),
        "name": _line(" ".join(one for one in names if one)),
        "sender": _sender(share, texts),
        "title": _line(share.title) or texts.untitled,
        "description": share.description or "",
        "contact": ", ".join(_contact(share.contact)),
        "expires": f"{show(share.expires)[:16].replace('T', ' ')} UTC",
        "url": link_of(recipient, base_url),
    }


def _sender(share: Share, texts: Texts) -> str:
    name = share.contact.get("name")
    return _line(name) if name else texts.somebody


def _contact(contact: Mapping[str, Any]) -> list[str]:
    return [_line(contact[name]) for name in ("name", "email", "phone", "url") if contact.get(name)]


def _line(text: str | None) -> str:
    """Without line breaks: a subject is one line."""
    return _BREAKS.sub(" ", text or "").strip()


def _letter(texts: Texts, values: Mapping[str, str], body: str) -> str:
    hello = re.sub(r"\s+,", ",", texts.hello.format(**values))
    parts = [hello, body, values["description"]]
    if values["contact"]:
        parts.append(texts.contact.format(**values))
    return "\n\n".join(one for one in parts if one)


def _filled(template: str, values: Mapping[str, str]) -> str:
    """A template of the sender. Inferred: `{url}` and the like stand for values; the link is never left out."""
    text = _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), template)
    return text if values["url"] in text else f"{text}\n{values['url']}"
