"""`/users` and `/user/{id}`: accounts and groups."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request

from localsign.core.http import InWork, base_url
from localsign.signing_today import auth
from localsign.signing_today.account_switches import CREATED_USER
from localsign.signing_today.paging import InSearch
from localsign.signing_today.permissions import Capability, Role
from localsign.signing_today.routes.ids import Id
from localsign.signing_today.schemas.people import (
    CreateUserRequest,
    UserGroup,
    UserGroupGetResponse,
    UserRequest,
    UserResponse,
    UsersGetResponse,
)
from localsign.signing_today.service import groups, users

router = APIRouter(route_class=auth.behind(auth.requires()), tags=["users"])
creators = APIRouter(route_class=auth.behind(auth.requires(Capability.CREATE_USERS)), tags=["users"])
deleters = APIRouter(route_class=auth.behind(auth.requires(Capability.DELETE_USERS)), tags=["users"])
admins = APIRouter(route_class=auth.behind(auth.requires(admin=True)), tags=["users"])


@router.get("/users", operation_id="usersGET")
async def list_users(work: InWork, caller: auth.InCaller, wanted: InSearch) -> UsersGetResponse:
    """The accounts of the caller's organization."""
    found = users.listed(work, caller, wanted)
    return UsersGetResponse(count=found.count, values=UserResponse.of_all(work, found.values))


@creators.post("/users", operation_id="usersPOST", status_code=201)
async def create_user(
    request: Request, work: InWork, caller: auth.InCaller, wanted: CreateUserRequest
) -> list[UUID] | UUID:
    """Make an account; the answer is its id."""
    made = users.create(work, caller, wanted, base_url(request)).id
    return [made] if work.switched(CREATED_USER) == CREATED_USER.default else made


@router.get("/users/groups", operation_id="usersGroupsGET")
async def list_groups(work: InWork, caller: auth.InCaller, wanted: InSearch) -> UserGroupGetResponse:
    """The groups of the caller's organization."""
    found = groups.listed(work, caller, wanted)
    return UserGroupGetResponse(count=found.count, values=[UserGroup.of(one) for one in found.values])


@admins.post("/users/groups", operation_id="usersGroupsPOST", status_code=204)
async def create_groups(
    work: InWork, caller: auth.InCaller, wanted: Annotated[list[UserGroup], Body(max_length=1000)]
) -> None:
    """Add groups, all or none."""
    groups.create(work, caller, wanted)


@router.get("/user/{id}", operation_id="userIdGET")
async def get_user(work: InWork, caller: auth.InCaller, user_id: Id) -> UserResponse:
    """One account."""
    [user] = UserResponse.of_all(work, [users.read(work, caller, user_id)])
    return user


@router.put("/user/{id}", operation_id="userIdPUT", status_code=204)
async def update_user(work: InWork, caller: auth.InCaller, user_id: Id, wanted: UserRequest) -> None:
    """Replace what may be changed of an account."""
    users.update(work, caller, user_id, wanted)


@deleters.delete("/user/{id}", operation_id="userIdDELETE", status_code=204)
async def enable_user(
    work: InWork,
    caller: auth.InCaller,
    user_id: Id,
    enabled: Annotated[bool | None, Query(description="true enables the account again; by default false.")] = None,
) -> None:
    """Disable an account, or enable it again."""
    users.enable(work, caller, user_id, enabled)


@admins.put("/user/{id}/role", operation_id="userIdRolePUT", status_code=204)
async def change_role(
    work: InWork, caller: auth.InCaller, user_id: Id, role: Annotated[Role, Query(alias="newRole")]
) -> None:
    """Give an account another role, and the capabilities of that role."""
    users.change_role(work, caller, user_id, role)
