"""What is written down and told: the audit of a DST, notifications to users, e-mails to signers.

The names are the closed lists of OAS; their reading is inferred: `event_` when somebody did something, `stage_` when
the DST reached a status. The prose of an audit's value is ours; the vendor's sample is Italian.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core.outbox import Channel, send
from localsign.core.work import Work
from localsign.signing_today.models.dsts import API, Audit, Dst, DstDocument, Note, Notification, Resource, Turn
from localsign.signing_today.models.people import User
from localsign.signing_today.service import access, plans

_MAILS = {
    "fill": ("A document waits for you", "asks you to fill in the documents of"),
    "sign": ("A document waits for your signature", "asks you to sign the documents of"),
}


def audit(
    work: Work,
    dst: Dst,
    event: str,
    value: str,
    *,
    signer: Mapping[str, Any] | None = None,
    turn: Turn | None = None,
    note: Note | None = None,
) -> None:
    """Add a record to the audit of a DST; `turn` says which document and what part of it."""
    members = ("name", "surname", "email", "role", "userUUID")
    work.db.add(
        Audit(
            dst_id=dst.id,
            at=work.now,
            event=event,
            value=value,
            signer={name: signer.get(name) for name in members} if signer else None,
            document_id=turn.document if turn else None,
            form_id=turn.form_id if turn else None,
            request_id=turn.request_id if turn else None,
            note_id=note.id if note else None,
        )
    )


def audit_user(work: Work, dst: Dst, event: str, user_id: UUID, did: str, *, note: Note | None = None) -> None:
    """Add a record of what an account did: `did` goes between its name and the DST's."""
    user = work.glance(User, user_id)
    audit(work, dst, event, f"{described(user)} {did} {titled(dst)}", signer=as_signer(user), note=note)


def audit_of(work: Work, dst: Dst) -> list[Audit]:
    """The audit of a DST, oldest first."""
    return list(work.db.exec(select(Audit).where(Audit.dst_id == dst.id).order_by(col(Audit.seq))).all())


def described(user: User) -> str:
    """A user as the audit names one."""
    return f"registered user {user.full_name} ({user.email or user.username})"


def as_signer(user: User) -> dict[str, Any]:
    """A user in the members of a signer."""
    return {
        "name": user.name,
        "surname": user.surname,
        "email": user.email,
        "phone": user.phone,
        "role": user.role,
        "userUUID": str(user.id),
    }


def titled(dst: Dst) -> str:
    return f'the DST "{dst.title or ""}" ({dst.id})'


def contents(work: Work, documents: Iterable[DstDocument]) -> str:
    """The documents of a DST with who fills and who signs, a line for each."""
    lines = ["The DST contains the documents:"]
    for document in documents:
        resource = document.plain_id and work.find(Resource, document.plain_id)
        name = (resource.title or resource.filename) if resource else f"document {document.number}"
        signers = document.signers()
        fillers = _listed(signers, [one["signerId"] for one in document.forms if one["toFill"]])
        signing = _listed(signers, [one["signerId"] for one in document.requests])
        lines.append(f'- "{name}" with fillers [{fillers}] and signers [{signing}]')
    return "\n".join(lines)


def _listed(signers: Mapping[int, Mapping[str, Any]], ids: list[int]) -> str:
    found = [signers[one] for one in dict.fromkeys(ids) if one in signers]
    return ", ".join(f"{plans.name_of(one)} ({one.get('email') or '-'})" for one in found)


# ---- notifications


def tell(work: Work, dst: Dst, event: str, users: Iterable[UUID | None]) -> None:
    """Notify users of an event, each once; ids of other domains are nobody's."""
    for user_id in dict.fromkeys(users):
        for user in work.look_up(User, "id", [user_id]) if user_id else ():
            if user.domain != dst.domain:
                continue
            told = {"time": work.now, "dst_id": dst.id, "user_id": user.id, "event": event, "is_consumed": False}
            work.insert(Notification, {**told, "dst_title": dst.title, "email": user.email})


def tell_status(work: Work, dst: Dst, event: str) -> None:
    """Notify the creator and those who are kept informed (inferred) of a status."""
    groups = access.members_of(work, dst.domain, dst.cc_groups)
    tell(work, dst, event, [dst.created_by, *map(UUID, dst.cc_users), *groups])


def tell_note(work: Work, dst: Dst, event: str, author: UUID) -> None:
    """Notify everybody who has to do with a DST (inferred), but the author of the note."""
    turns = work.look_up(Turn, "dst_id", [dst.id])
    groups = access.members_of(work, dst.domain, dst.cc_groups)
    concerned = [dst.created_by, *map(UUID, (*dst.visible_to, *dst.cc_users)), *groups, *(one.user_id for one in turns)]
    tell(work, dst, event, [one for one in concerned if one != author])


def ask(work: Work, dst: Dst, turns: Sequence[Turn]) -> None:
    """Tell people that it is their turn: a notification to an account, and an e-mail with the link of the tray."""
    creator = work.glance(User, dst.created_by)  # once: every look into the database writes down what came before
    for turn in turns:
        tell(work, dst, f"dst_alert_{'fill' if turn.is_fill else 'sign'}", [turn.user_id])
    for turn in turns:
        if turn.email:
            _mail(work, dst, turn, creator, turn.email)


def _mail(work: Work, dst: Dst, turn: Turn, creator: User, to: str) -> None:
    action = "fill" if turn.is_fill else "sign"
    subject, asks = _MAILS[action]
    send(
        work,
        api=API,
        kind=f"dst.{action}",
        channel=Channel.EMAIL,
        to=to,
        subject=f"{subject}: {dst.title or 'untitled'}",
        text=(
            f"Dear {turn.name},\n\n"
            f'{creator.full_name} {asks} "{dst.title or "untitled"}".\n\n'
            f"{dst.base_url}/api/ticket/{turn.ticket}\n\n"
            "This link is for you alone: whoever has it can act for you."
        ),
        reference=dst.id,
    )
