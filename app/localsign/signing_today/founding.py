"""What tells a new world from others in Signing Today: its OAuth client and its secrets. The people are `samples`."""

from typing import Any

from sqlmodel import col, select

from localsign.core import opaque
from localsign.core.work import Work
from localsign.signing_today import passwords, saml
from localsign.signing_today.models.people import AccessToken, Application, Organization, RobotToken, User
from localsign.signing_today.samples import DEMO


def found(work: Work, *, client: tuple[str, str] | None) -> None:
    """Draw the secrets where there are none. With `client`, its secret is also the password of the demo accounts."""
    known = work.everything(Application)
    if not known:
        ids = work.ids.apart("founding of signing today")
        client_id, secret = client or (None, ids.token(40))
        password = secret if client else f"A1{ids.token(14)}z"  # as the documented samples: A12345678z
        work.insert(
            Application,
            {
                "id": 1,
                "client_id": client_id,
                "client_secret": secret,
                "password": password,
                "saml_secret": ids.hex(32),
            },
        )
    elif client and (known[0].client_id, known[0].client_secret) != client:
        application = work.db.get_one(Application, 1)
        application.client_id, application.client_secret = client
        application.password = client[1]


def keep(work: Work) -> list[Any]:
    """Credentials stay good: the client, the keys, and the tokens of the demo people, who are in every world."""
    demo = select(User.id).where(User.origin == DEMO)
    return [
        *work.db.exec(select(Application)),
        *work.db.exec(select(AccessToken).where(col(AccessToken.user_id).in_(demo))),
        *work.db.exec(select(RobotToken).where(col(RobotToken.user_id).in_(demo))),
    ]


def credentials(work: Work) -> dict[str, Any]:
    """`signing_today`: the OAuth client, the domains with their SAML keys, and the demo accounts.

    The password of an account is null once it was changed.
    """
    application = work.look_up(Application, "id", [1])[0]
    return {
        "signing_today": {
            "client_id": application.client_id or opaque.marked(work.tag, "client"),
            "client_secret": application.client_secret,
            "domains": [
                {"domain": one.domain, "saml_key": saml.key(application, one.domain)}
                for one in sorted(work.everything(Organization), key=lambda one: one.domain)
            ],
            "accounts": [
                {
                    "id": str(one.id),
                    "username": f"{one.username}@{one.domain}",
                    "password": passwords.founding_password(application, one),
                    "role": one.role,
                    "is_robot": one.is_robot,
                }
                for one in work.look_up(User, "origin", [DEMO])
            ],
        }
    }
