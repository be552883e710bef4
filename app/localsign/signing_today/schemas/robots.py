"""Wire shapes of the calls that make a DST in one step."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool

from localsign.signing_today.schemas.dsts import Ids, Tags
from localsign.signing_today.schemas.parts import MOST_DOCUMENTS, MOST_PARTS, Plan
from localsign.signing_today.schemas.wire import Instant, Text, Wire

PDF_DOCUMENT = "PDF_Document"


def _kinds(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _only_pdf(value: list[str]) -> list[str]:
    if any(one != PDF_DOCUMENT for one in value):
        raise ValueError(f"may only hold {PDF_DOCUMENT}")
    return value


def _mapped(value: Any) -> Any:
    """The documentation's example is a map from role to signer, though its type is an array: both are read."""
    if isinstance(value, dict):
        return [{"roleName": name, "signer": signer} for name, signer in value.items()]
    return value


class Source(Wire):
    type: Literal["Embedded", "URL"] | None = None
    embedded_data: str | None = Field(None, description="The file in Base64 (inferred).")
    source_url: Annotated[str, Field(max_length=4000)] | None = Field(None, alias="sourceURL")


class WantedResource(Wire):
    filename: Text | None = None
    resource_type: (
        Annotated[list[Text], BeforeValidator(_kinds), AfterValidator(_only_pdf), Field(max_length=10)] | None
    ) = None
    title: Text | None = None
    source: Source | None = None


class CreateDocument(Plan):
    resource: WantedResource | None = None


class CreateDigitalSignatureTransaction(Wire):
    """A DST with its files."""

    title: Text | None = None
    documents: Annotated[list[CreateDocument], Field(max_length=MOST_DOCUMENTS)] | None = None
    status: Literal["draft", "published", "toSign"] | None = Field(
        None, description="By default draft (inferred). toSign is the sample's, and refused unless a switch says not."
    )
    expires_at: Instant | None = None
    tags: Tags | None = None
    template: StrictBool | None = None
    public_template: StrictBool | None = None
    cc_groups: Tags | None = None
    cc_users: Ids | None = None
    urgent: StrictBool | None = None


class SignerInstance(Wire):
    name: Text | None = None
    surname: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    user_uuid: UUID | None = Field(None, alias="userUUID")


class RoleMapping(Wire):
    role_name: Text | None = None
    signer: SignerInstance | None = None


class InstantiateDSTTemplate(Wire):
    template_patches: CreateDigitalSignatureTransaction | None = None
    roles_mapping: Annotated[list[RoleMapping], Field(max_length=MOST_PARTS), BeforeValidator(_mapped)] | None = None
