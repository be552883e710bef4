"""Control of the platform's side of a workspace: its API clients and the keys that sign tokens."""

from fastapi import APIRouter, Request

from localsign.core.errors import ConflictError, NotFoundError
from localsign.core.http import InWork
from localsign.core.work import Work
from localsign.signicat import auth, tokens
from localsign.signicat import clients as client_making
from localsign.signicat.models import Client, clients, keys
from localsign.signicat.schemas import (
    ClientRequest,
    ClientResponse,
    KeyResponse,
    RotationRequest,
)

router = APIRouter(tags=["platform"])


def _shown(work: Work, client: Client) -> ClientResponse:
    return ClientResponse(
        client_id=client.client_id,
        client_secret=client.secrets[-1] if client.secrets else None,
        permissions=client.permissions,
        jwks=client.jwks,
        tls_client_auth=client.tls_subject,
        token_lifetime=client.token_lifetime or work.house.settings.token_lifetime,
    )


def _keys(work: Work) -> list[KeyResponse]:
    signing = tokens.signing_key(work).kid
    return [
        KeyResponse(kid=key.kid, is_signing=key.kid == signing, is_published=key.is_published) for key in keys(work)
    ]


@router.get("/clients", operation_id="list_clients")
async def list_clients(work: InWork) -> list[ClientResponse]:
    """The API clients of this workspace, with their newest secrets."""
    return [_shown(work, client) for client in clients(work)]


@router.post("/clients", status_code=201, operation_id="create_client")
async def create_client(work: InWork, wanted: ClientRequest) -> ClientResponse:
    """Make an API client, for instance one without a permission, or one that signs its assertions."""
    return _shown(work, client_making.create(work, wanted))


@router.delete("/clients/{client_id}", status_code=204, operation_id="delete_client")
async def delete_client(request: Request, work: InWork, client_id: str) -> None:
    """Remove an API client; its tokens are refused from now on."""
    client = work.db.get(Client, client_id)
    if client is None:
        raise NotFoundError(f"There is no API client '{client_id}'.")
    work.db.delete(client)
    auth.forget_callers(request.scope["state"]["workspace"].memo)


@router.get("/keys", operation_id="list_keys")
async def list_keys(work: InWork) -> list[KeyResponse]:
    """The keys that sign this workspace's tokens, oldest first."""
    return _keys(work)


@router.post("/keys/rotate", status_code=201, operation_id="rotate_keys")
async def rotate_keys(request: Request, work: InWork, wanted: RotationRequest | None = None) -> list[KeyResponse]:
    """Sign with a new key from now on; the old ones stay in the JWKS unless `keep_old` is false."""
    known = keys(work)
    for key in known:
        key.is_signing = False
        key.is_published = key.is_published and (wanted or RotationRequest()).keep_old
    tokens.add_key(work, known)
    auth.forget_callers(request.scope["state"]["workspace"].memo)
    return _keys(work)


@router.delete("/keys/{kid}", status_code=204, operation_id="retire_key")
async def retire_key(request: Request, work: InWork, kid: str) -> None:
    """Take an old key out of the JWKS; tokens signed with it are refused from now on."""
    found = [key for key in keys(work) if key.kid == kid]
    if not found:
        raise NotFoundError(f"There is no key '{kid}'.")
    if tokens.signing_key(work).kid == kid:
        raise ConflictError("This key signs the tokens; rotate first.", code="key_in_use")
    found[0].is_published = False
    auth.forget_callers(request.scope["state"]["workspace"].memo)
