"""The first API client of a new world."""

from typing import Any

from sqlmodel import select

from localsign.core.work import Work
from localsign.signicat import permissions
from localsign.signicat.models import Client, RevokedToken, SigningKey, UsedAssertion, clients, keys


def found(work: Work, *, client: tuple[str, str] | None) -> None:
    """The client of the settings, with its secret; or one that is made up, unless there are any."""
    known = work.everything(Client)
    if client is None and known:
        return
    ids = work.ids.apart("founding")
    client_id, secret = client or (f"sandbox-{ids.hex(4)}-client", ids.token(40))
    if client_id not in {one.client_id for one in known}:
        work.insert(Client, Client.values(client_id, secret, list(permissions.ALL)))
    elif secret not in (kept := work.db.get_one(Client, client_id)).secrets:
        kept.secrets = [*kept.secrets, secret]


def keep(work: Work) -> list[Client | SigningKey | RevokedToken | UsedAssertion]:
    """Credentials stay good, and what was taken back or used up stays so."""
    return [
        *clients(work),
        *keys(work),
        *work.db.exec(select(RevokedToken)),
        *work.db.exec(select(UsedAssertion)),
    ]


def credentials(work: Work) -> dict[str, Any]:
    """`clients`: id, newest secret and permissions of each."""
    return {
        "clients": [
            {"client_id": one.client_id, "client_secret": one.secrets[-1], "permissions": one.permissions}
            for one in sorted(work.everything(Client), key=lambda one: one.number or 0)
            if one.secrets
        ]
    }
