"""What Signing Today mails to people about their accounts. The texts are ours."""

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from localsign.core import outbox
from localsign.core.work import Work
from localsign.signing_today.models.people import User


@dataclass(frozen=True)
class Occasion:
    """Why a link to choose a password is sent; `kind` names it in the outbox."""

    kind: str
    subject: str
    text: str


WELCOME = Occasion("account.created", "Your account", "An account was made for you. Choose its password here:")
LOST = Occasion("password.lost", "Your password", "You asked for a new password. Choose it here:")
RESET = Occasion("password.reset", "Your password", "Your password has to be changed. Choose a new one here:")


def password_link(work: Work, user: User, token: UUID, base_url: str, occasion: Occasion) -> None:
    """Send the link with which `user` can choose a password (inferred: a link; its address is ours)."""
    link = f"{base_url}/api/password?{urlencode({'passwordToken': token})}"
    outbox.send(
        work,
        api="signing-today",
        kind=occasion.kind,
        channel=outbox.Channel.EMAIL,
        to=user.email or "",
        subject=occasion.subject,
        text=f"Dear {user.full_name},\n\n{occasion.text}\n{link}\n\nYour user name is {user.username}@{user.domain}.\n",
        reference=user.id,
        language=user.language,
        codes=[str(token)],
    )
