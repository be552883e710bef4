"""Secrets: named values that steps may use and nobody can read back (documented)."""

from typing import Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core.errors import ConflictError
from localsign.core.work import Work
from localsign.mint.models import Secret


def create(work: Work, name: str, description: str | None, value: str) -> Secret:
    _check_free(work, name)
    secret = Secret(id=work.new_id(), name=name, description=description, value=value, created_at=work.now)
    work.db.add(secret)
    return secret


def update(work: Work, secret_id: UUID, changes: dict[str, Any]) -> Secret:
    """Change the members that are not None (inferred: null leaves a member as it is)."""
    secret = work.get(Secret, secret_id)
    name = changes.get("name")
    if name is not None and name != secret.name:
        _check_free(work, name)
    for member, value in changes.items():
        if value is not None:
            setattr(secret, member, value)
    secret.updated_at = work.now
    return secret


def delete(work: Work, secret_id: UUID) -> None:
    """Remove a secret; a step that names it faults from now on (documented: deleting breaks references)."""
    work.db.delete(work.get(Secret, secret_id))


def listed(work: Work) -> list[Secret]:
    return list(work.db.exec(select(Secret).order_by(col(Secret.seq))).all())


def _check_free(work: Work, name: str) -> None:
    """Inferred: steps find a secret by its name, so that no two may share one."""
    if work.db.exec(select(Secret.id).where(Secret.name == name)).first() is not None:
        raise ConflictError(f"There is a secret called '{name}' already.")
