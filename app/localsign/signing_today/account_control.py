"""Accounts by command: `/_sandbox/v1/signing-today/accounts`, also in an organization that is not there yet."""

from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import col, select

from localsign.core.http import InWork
from localsign.signing_today.models.people import User
from localsign.signing_today.permissions import Role
from localsign.signing_today.schemas.people import Language
from localsign.signing_today.schemas.wire import Name, Text
from localsign.signing_today.service import accounts

router = APIRouter(prefix="/signing-today", tags=["signing today"])


class AccountRequest(BaseModel):
    """An account to make. A password that is not given is made up."""

    model_config = ConfigDict(extra="forbid")

    username: Annotated[Name, AfterValidator(accounts.with_domain)] = Field(description="As it logs in: jdo@bit4id.")
    password: Name | None = None
    role: Role = Role.SIGNER
    name: Text | None = None
    surname: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    language: Language = "en"
    groups: Annotated[list[Name], Field(max_length=100)] = Field(
        default_factory=list, description="Names; groups that are missing are made."
    )
    is_robot: bool = False
    automatic: bool = Field(False, description="Whether it signs by itself.")


class AccountResponse(BaseModel):
    id: UUID
    username: str
    role: Role
    is_robot: bool
    automatic: bool
    is_enabled: bool

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            id=user.id,
            username=f"{user.username}@{user.domain}",
            role=Role(user.role),
            is_robot=user.is_robot,
            automatic=user.automatic,
            is_enabled=user.is_enabled,
        )


class NewAccount(AccountResponse):
    """An account with what it takes to call as it."""

    password: str
    lifetime_token: str | None = Field(description="Of a robot.")


@router.get("/accounts", operation_id="list_accounts")
async def list_accounts(work: InWork) -> list[AccountResponse]:
    """The accounts of every organization, in the order of their making."""
    return [AccountResponse.of(one) for one in work.db.exec(select(User).order_by(col(User.seq)))]


@router.post("/accounts", status_code=201, operation_id="create_account")
async def create_account(work: InWork, wanted: AccountRequest) -> NewAccount:
    """Make an account as a client is configured for it, and its organization where that is missing."""
    made = accounts.make(work, accounts.Wanted(**wanted.model_dump()))
    return NewAccount(
        **AccountResponse.of(made.user).model_dump(), password=made.password, lifetime_token=made.lifetime_token
    )
