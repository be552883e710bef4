"""Templates of Mint v1: flows to make flows of, and the accounts they are associated with."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core.errors import NotFoundError
from localsign.core.work import Work
from localsign.mint.models import Template


def listed(work: Work) -> list[Template]:
    """Every template, oldest first (inferred)."""
    return list(work.db.exec(select(Template).order_by(col(Template.seq))).all())


def create(work: Work, flow: dict[str, Any]) -> Template:
    template = Template(id=work.new_id(), flow=flow, accounts=[], created_at=work.now)
    work.db.add(template)
    return template


def update(work: Work, template_id: UUID, flow: dict[str, Any], accounts: Sequence[str] | None) -> Template:
    """Replace the flow; `accounts` as well, unless it is None (inferred)."""
    template = work.get(Template, template_id)
    template.flow, template.updated_at = flow, work.now
    if accounts is not None:
        template.accounts = list(dict.fromkeys(accounts))
    return template


def delete(work: Work, template_id: UUID) -> None:
    work.db.delete(work.get(Template, template_id))


def associate(work: Work, template_id: UUID, account: str) -> None:
    """Inferred: to associate twice is to associate once."""
    template = work.get(Template, template_id)
    if account not in template.accounts:
        template.accounts = [*template.accounts, account]


def disassociate(work: Work, template_id: UUID, account: str) -> None:
    """NotFoundError where they are not associated (inferred)."""
    template = work.get(Template, template_id)
    if account not in template.accounts:
        raise NotFoundError(f"The template is not associated with the account '{account}'.")
    template.accounts = [one for one in template.accounts if one != account]
