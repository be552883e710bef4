"""`/auth/open`: token, discovery, keys, introspection, revocation."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from localsign.core.errors import NotBuiltError
from localsign.core.http import InWork, api_base_url, peer_certificate
from localsign.settings import Settings
from localsign.signicat import auth, certificates, oauth, tokens
from localsign.signicat.errors import NO_STORE
from localsign.signicat.oauth import Asked, OAuthError
from localsign.signicat.schemas import Discovery, Introspection, KeySet, TokenResponse
from localsign.workspace import Workspace

router = APIRouter()


async def _asked(request: Request) -> Asked:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in (
        "application/x-www-form-urlencoded",
        "",
    ):
        raise OAuthError("invalid_request", "the body is not application/x-www-form-urlencoded")
    form = {name: value for name, value in (await request.form()).items() if isinstance(value, str)}
    state = request.scope["state"]
    return Asked(
        form=form,
        authorization=request.headers.get("authorization"),
        issuer=_issuer(request),
        called=frozenset(origin + request.scope["path"] for origin in (state["origin"], state["api_origin"])),
        account=_workspace(request).tag,
        certificate=_certificate(request),
    )


def _certificate(request: Request) -> bytes | None:
    header = _settings(request).tls_client_header
    if header is None:
        return peer_certificate(request)
    text = request.headers.get(header)
    return None if text is None else certificates.of_header(text)


def _settings(request: Request) -> Settings:
    settings: Settings = request.scope["state"]["sandbox"].settings
    return settings


def _issuer(request: Request) -> str:
    return f"{api_base_url(request)}/auth/open"


def _workspace(request: Request) -> Workspace:
    workspace: Workspace = request.scope["state"]["workspace"]
    return workspace


# Stands before InWork in a route's parameters, so that the form is read before the transaction begins.
InForm = Annotated[Asked, Depends(_asked)]

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}},
    }
}


@router.post("/connect/token", operation_id="token", openapi_extra=_FORM)
async def token(asked: InForm, work: InWork, response: Response) -> TokenResponse:
    """Issue an access token for client credentials."""
    issued = oauth.issue_token(work, asked)
    response.headers.update(NO_STORE)
    return TokenResponse(**issued)


@router.get("/.well-known/openid-configuration", operation_id="discovery")
async def discovery(request: Request) -> Discovery:
    """Where the endpoints are, and what they support."""
    issuer = _issuer(request)
    return Discovery(
        issuer=issuer,
        jwks_uri=f"{issuer}/.well-known/openid-configuration/jwks",
        token_endpoint=f"{issuer}/connect/token",
        introspection_endpoint=f"{issuer}/connect/introspect",
        revocation_endpoint=f"{issuer}/connect/revocation",
        grant_types_supported=["client_credentials"],
        scopes_supported=[tokens.SCOPE],
        response_types_supported=[
            "code",
            "code id_token",
        ],  # recorded; the discovery standard requires the member
        subject_types_supported=["public"],
        id_token_signing_alg_values_supported=["RS256"],
        token_endpoint_auth_methods_supported=[
            "client_secret_basic",
            "client_secret_post",
            "private_key_jwt",
            *(certificates.METHODS if _settings(request).has_client_certificates else ()),
        ],
        token_endpoint_auth_signing_alg_values_supported=oauth.ASSERTION_ALGORITHMS,
    )


@router.get("/.well-known/openid-configuration/jwks", operation_id="jwks")
async def jwks(work: InWork) -> KeySet:
    """The public keys of this workspace's tokens."""
    return KeySet(**tokens.public_keys(work))


@router.post("/connect/introspect", operation_id="introspect", openapi_extra=_FORM)
async def introspect(asked: InForm, work: InWork) -> Introspection:
    """Whether a token is active, and its claims if it is (RFC 7662)."""
    return Introspection(**oauth.introspect(work, asked))


@router.post("/connect/revocation", operation_id="revoke", openapi_extra=_FORM)
async def revoke(request: Request, asked: InForm, work: InWork) -> Response:
    """Take a token back (RFC 7009)."""
    oauth.revoke(work, asked)
    auth.forget_callers(_workspace(request).memo)
    return Response(status_code=200)


async def not_built(request: Request) -> None:
    """Refuse what the vendor has and localsign does not emulate."""
    raise NotBuiltError(
        f"{request.url.path} exists at the vendor; localsign does not emulate OpenID Connect logins of end users."
    )


UNBUILT = {
    "authorize": ("GET", "/connect/authorize"),
    "userinfo": ("GET", "/connect/userinfo"),
    "endsession": ("GET", "/connect/endsession"),
    "checksession": ("GET", "/connect/checksession"),
    "deviceauthorization": ("POST", "/connect/deviceauthorization"),
    "ciba": ("POST", "/connect/ciba"),
    "ciba_cancel": ("POST", "/connect/ciba/cancel"),
    "par": ("POST", "/connect/par"),
}
for _operation, (_method, _path) in UNBUILT.items():
    router.add_api_route(
        _path, not_built, methods=[_method], operation_id=_operation, status_code=501, include_in_schema=False
    )
