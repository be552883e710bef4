"""Wire shapes of the authentication host and of its control operations."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from localsign.signicat import permissions


class TokenResponse(BaseModel):
    access_token: str
    expires_in: int = Field(description="Seconds.")
    token_type: str
    scope: str


class KeyInSet(BaseModel):
    model_config = ConfigDict(extra="allow")

    kty: str
    use: str
    alg: str
    kid: str


class KeySet(BaseModel):
    keys: list[KeyInSet]


class Introspection(BaseModel):
    model_config = ConfigDict(extra="allow")

    active: bool


class Discovery(BaseModel):
    """What a client library reads: only what localsign has is advertised."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    introspection_endpoint: str
    revocation_endpoint: str
    grant_types_supported: list[str]
    scopes_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]
    token_endpoint_auth_methods_supported: list[str]
    token_endpoint_auth_signing_alg_values_supported: list[str]


_Permission = Annotated[str, Field(min_length=1, max_length=200)]


_Subject = Annotated[str | None, Field(min_length=1, max_length=500)]


class ClientRequest(BaseModel):
    """An API client to make. What is not given is made up; `permissions` default to all."""

    model_config = ConfigDict(extra="forbid")

    client_id: str | None = Field(None, min_length=1, max_length=200)
    client_secret: str | None = Field(None, min_length=1, max_length=500)
    permissions: list[_Permission] = Field(default_factory=lambda: list(permissions.ALL), max_length=100)
    jwks: dict[str, Any] | None = Field(
        None,
        description="Public keys for private_key_jwt; those with x5c, certificates for self_signed_tls_client_auth.",
    )
    certificate: str | None = Field(
        None, max_length=20_000, description="A certificate for self_signed_tls_client_auth, as PEM; joins `jwks`."
    )
    tls_client_auth_subject_dn: _Subject = Field(None, description="For tls_client_auth: the subject, as in RFC 4514.")
    tls_client_auth_san_dns: _Subject = None
    tls_client_auth_san_uri: _Subject = None
    tls_client_auth_san_ip: _Subject = None
    tls_client_auth_san_email: _Subject = None
    token_lifetime: StrictInt | None = Field(None, ge=1, le=3600, description="Seconds.")


class ClientResponse(BaseModel):
    client_id: str
    client_secret: str | None
    permissions: list[str]
    jwks: dict[str, Any] | None
    tls_client_auth: dict[str, str] | None = Field(
        None, description="What its certificate has to say, by the name of RFC 8705."
    )
    token_lifetime: int


class KeyResponse(BaseModel):
    kid: str
    is_signing: bool = Field(description="Whether new tokens are signed with it.")
    is_published: bool = Field(description="Whether it is in the JWKS, and tokens signed with it are good.")


class RotationRequest(BaseModel):
    """`keep_old` leaves the earlier keys in the JWKS, so that tokens signed with them stay good."""

    model_config = ConfigDict(extra="forbid")

    keep_old: bool = True
