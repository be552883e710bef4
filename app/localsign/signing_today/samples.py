"""The people that every world begins with: `fixtures/signing-today/demo.yaml` as rows."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from localsign.core.database import Stored
from localsign.resources import fixtures_folder
from localsign.signing_today.lifecycle.people import AccountState
from localsign.signing_today.models.people import Group, Identity, Membership, Organization, User
from localsign.signing_today.permissions import CAPABILITIES_OF, Role
from localsign.signing_today.service import identities

DEMO = "demo"  # the origin of these accounts


def rows() -> Sequence[tuple[type[Stored], Sequence[dict[str, Any]]]]:
    """The rows of the fixture, by table."""
    import yaml

    text = (fixtures_folder() / "signing-today" / "demo.yaml").read_text(encoding="utf-8")
    sample = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    names = {one["id"]: f"{one['name']} {one['surname']}" for one in sample["users"]}
    members = [(UUID(one["id"]), group) for one in sample["users"] for group in one.get("groups", ())]
    return [
        (Organization, [{"default_days": 30, **one} for one in sample["organizations"]]),
        (Group, sample["groups"]),
        (User, [_account(one, sample["created"]) for one in sample["users"]]),
        (Membership, [{"user_id": user_id, "group_id": group} for user_id, group in members]),
        (
            Identity,
            [
                identities.row(
                    UUID(one["id"]),
                    UUID(one["user"]),
                    names[one["user"]],
                    sample["expires"],
                    is_token=one.get("kind") == "token",
                )
                for one in sample["identities"]
            ],
        ),
    ]


def _account(sample: dict[str, Any], created_at: Any) -> dict[str, Any]:
    shown = {name: value for name, value in sample.items() if name not in ("id", "groups")}
    return {
        "id": UUID(sample["id"]),
        "state": AccountState.ENABLED,
        "origin": DEMO,
        "is_robot": False,
        "password": None,
        "must_change": False,
        "capabilities": [one.value for one in CAPABILITIES_OF[Role(sample["role"])]],
        "automatic": False,
        "extra": {},
        "created_by": None,
        "created_at": created_at,
        "deleted_at": None,
        **shown,
    }
