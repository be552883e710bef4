"""Templates of Mint v1: HTTP in, HTTP out; no decisions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path

from localsign.core.errors import BadInputError
from localsign.core.http import InWork
from localsign.core.work import Work
from localsign.mint.models import Template
from localsign.mint.service import templates, workflows
from localsign.mint.v1 import schemas, shown, writing
from localsign.mint.v1.binding import Uuid, bound
from localsign.signicat import permissions
from localsign.signicat.auth import requires

viewer = APIRouter(route_class=bound(requires(permissions.FLOW_VIEWER)))
editor = APIRouter(route_class=bound(requires(permissions.FLOW_EDITOR)))

LONGEST_ACCOUNT = 255
TemplateId = Annotated[Uuid, Path(alias="id", description="ID of the template.")]
_Account = Path(alias="accountIdToAssociate", max_length=LONGEST_ACCOUNT, description="ID of the account.")
_OtherAccount = Path(alias="accountIdToDisassociate", max_length=LONGEST_ACCOUNT, description="ID of the account.")


@viewer.get("/templates", operation_id="list_templates", tags=["v1: templates"])
async def list_templates(work: InWork) -> list[schemas.Template]:
    """Every template."""
    return [shown.template(one) for one in templates.listed(work)]


@editor.post("/templates", status_code=201, operation_id="create_template", tags=["v1: templates"])
async def create_template(work: InWork, wanted: schemas.TemplateRequest) -> schemas.Template:
    """Save a flow as a template."""
    return shown.template(templates.create(work, _checked(work, wanted.flow)))


@viewer.get("/templates/{id}", operation_id="get_template", tags=["v1: templates"])
async def get_template(work: InWork, template_id: TemplateId) -> schemas.Template:
    """One template."""
    return shown.template(work.glance(Template, UUID(str(template_id))))


@editor.put("/templates/{id}", operation_id="update_template", tags=["v1: templates"])
async def update_template(work: InWork, template_id: TemplateId, wanted: schemas.TemplateUpdate) -> schemas.Template:
    """Replace the flow of a template, and its accounts if they are sent."""
    long = [index for index, one in enumerate(wanted.accounts or ()) if not 1 <= len(one) <= LONGEST_ACCOUNT]
    if long:
        raise BadInputError.of(f"accounts[{long[0]}]", f"must be 1 to {LONGEST_ACCOUNT} characters")
    found = templates.update(work, template_id, _checked(work, wanted.flow), wanted.accounts)
    return shown.template(found)


@editor.delete("/templates/{id}", status_code=204, operation_id="delete_template", tags=["v1: templates"])
async def delete_template(work: InWork, template_id: TemplateId) -> None:
    """Delete a template; flows made of it stay."""
    templates.delete(work, template_id)


@editor.post(
    "/templates/{id}/associate/{accountIdToAssociate}",
    status_code=204,
    operation_id="associate_template_account",
    tags=["v1: templates"],
)
async def associate_template_account(work: InWork, template_id: TemplateId, account: Annotated[str, _Account]) -> None:
    """Associate a template with an account."""
    templates.associate(work, template_id, account)


@editor.post(
    "/templates/{id}/disassociate/{accountIdToDisassociate}",
    status_code=204,
    operation_id="disassociate_template_account",
    tags=["v1: templates"],
)
async def disassociate_template_account(
    work: InWork, template_id: TemplateId, account: Annotated[str, _OtherAccount]
) -> None:
    """Take an association back."""
    templates.disassociate(work, template_id, account)


def _checked(work: Work, flow: schemas.WriteFlow) -> dict[str, Any]:
    """A flow that could be saved as one."""
    workflows.check(work, writing.content_of(flow, at="flow."))
    return flow.model_dump(mode="json", by_alias=True)
