"""Every setting, once: name, type, default, help. Environment, flags and documentation derive from it."""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FilePath,
    ValidationError,
    model_validator,
)

from localsign.lags import Progression

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

PREFIX = "LOCALSIGN_"
# Variables beside the settings, which clients of a server read, and `localsign env` writes.
OF_CLIENTS = re.compile(r"LOCALSIGN_(URL|CA|WORKSPACE|STATE_FILE|BASE_URL|TOKEN_URL|SIGNING_TODAY_\w+)")
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class SettingsError(Exception):
    """The configuration cannot be used; the text says which setting and why."""


def _lag(text: str) -> str:
    Progression.parse(text)
    return text


def _smtp(url: str | None) -> str | None:
    parts = urlsplit(url or "smtp://none")
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.port == 0:
        raise ValueError("must be smtp:// or smtps://, with a host and no path")
    return url


def _origin(url: str | None) -> str | None:
    if url is not None and not re.fullmatch(r"https?://[^/?#\s]+", url):
        raise ValueError("must be http:// or https:// and a host, such as https://sign.test")
    return url


def _token(token: str | None) -> str | None:
    if token is not None and not re.fullmatch("[!-~]{8,}", token):
        raise ValueError("must be 8 or more characters that can stand in a header: letters, digits and signs of ASCII")
    return token


def _hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    for one in hosts:
        if not re.fullmatch(r"(\*|(\*\.)?[\w.-]+|\[[0-9A-Fa-f:.]+]|[0-9A-Fa-f:.]+)(:\d{1,5})?", one):
            raise ValueError(f"has '{one}': give hosts, such as name, name:port, *.example.com or *")
    return hosts


def _names(names: tuple[str, ...]) -> tuple[str, ...]:
    for one in names:
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*", one):
            raise ValueError(f"has '{one}': give names and addresses, such as sign.test, *.sign.test or 192.0.2.1")
        if ":" in one:
            ipaddress.ip_address(one)
    return names


def _header(name: str | None) -> str | None:
    if name is not None and not re.fullmatch(r"[A-Za-z0-9-]{1,100}", name):
        raise ValueError("must be the name of a header, such as X-Forwarded-Client-Cert")
    return name


def _listed(value: Any) -> Any:
    """`a, b` as a tuple."""
    return tuple(one.strip() for one in value.split(",") if one.strip()) if isinstance(value, str) else value


def _pairs(value: Any) -> Any:
    """`a=1, b=2` as a dictionary."""
    if not isinstance(value, str):
        return value
    pairs = [one.partition("=") for one in _listed(value)]
    if not all(name.strip() and separator and chosen.strip() for name, separator, chosen in pairs):
        raise ValueError("must be name=value, with commas between several")
    return {name.strip(): chosen.strip() for name, _, chosen in pairs}


def _spelled(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}={chosen}" for name, chosen in value.items())
    return ",".join(value) if isinstance(value, list) else str(value)


class Settings(BaseModel):
    """Read from `LOCALSIGN_<NAME>`; see `from_environment`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8480, ge=0, le=65535, description="Port to listen on; 0 picks a free one.")
    data_dir: Path | None = Field(
        None, description="Folder in which workspaces are kept. Without it they live in memory."
    )
    workers: int = Field(1, ge=1, le=64, description="Server processes; more than one needs a data folder.")
    public_url: Annotated[str | None, AfterValidator(_origin)] = Field(
        None,
        description="Scheme and host of links that people open, such as https://sign.test. Default: those of the "
        "request.",
    )
    internal_url: Annotated[str | None, AfterValidator(_origin)] = Field(
        None,
        description="Scheme and host by which applications call, written into the issuer, discovery and addresses of "
        "workspaces. Default: those of the request.",
    )
    tls: Literal["off", "self-signed"] = Field(
        "off", description="`self-signed` serves https with a certificate that is made at the start; `off` does not."
    )
    tls_names: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_names)] = Field(
        (),
        description="Names and addresses for the certificate made at the start, besides localhost, 127.0.0.1, ::1 and "
        "the hosts of `LOCALSIGN_PUBLIC_URL` and `LOCALSIGN_INTERNAL_URL`, separated by commas.",
    )
    tls_cert: FilePath | None = Field(
        None,
        description="PEM file of a certificate of your own, with its chain; serves https. Needs `LOCALSIGN_TLS_KEY`.",
    )
    tls_key: FilePath | None = Field(None, description="PEM file of the private key of `LOCALSIGN_TLS_CERT`.")
    tls_client_ca: FilePath | None = Field(
        None, description="PEM file of the authorities whose client certificates `tls_client_auth` accepts."
    )
    tls_client_header: Annotated[str | None, AfterValidator(_header)] = Field(
        None,
        description="Header in which a proxy that ends TLS hands on the client certificate. Only set it where every "
        "request comes through that proxy.",
    )
    client_id: str = Field("localsign", min_length=1, description="Client id of the workspace `default`.")
    client_secret: str = Field(
        "localsign-secret", min_length=1, description="Client secret of the workspace `default`."
    )
    seed: str | None = Field(None, description="Seed of the workspace `default`: the same ids in the same order.")
    token_lifetime: int = Field(
        600,
        ge=1,
        le=3600,
        description="Seconds that an access token lives, unless its client says otherwise.",
    )
    init_dir: Path | None = Field(
        None, description="Folder of seed documents that are loaded, in the order of their names, before ready."
    )
    max_document_bytes: int = Field(
        50 * 1024 * 1024, ge=1, description="Largest document that an upload may carry, in bytes."
    )
    max_body_bytes: int = Field(4 * 1024 * 1024, ge=1024, description="Largest body of any other request, in bytes.")
    secure_share_max_upload_bytes: int = Field(
        128 * 1024 * 1024, ge=1, description="Largest upload to a share, with all its files, in bytes."
    )
    secure_share_max_files: int = Field(100, ge=1, description="Most files that a share may hold.")
    max_snapshot_bytes: int = Field(
        512 * 1024 * 1024, ge=1024 * 1024, le=2**31, description="Largest snapshot, packed or unpacked, in bytes."
    )
    max_workspaces: int = Field(10_000, ge=1, description="Most workspaces at one time.")
    packaging_lag: Annotated[str, AfterValidator(_lag)] = Field(
        "immediate",
        description="When a package is ready: `immediate`, `after:PT5S`, `reads:3`, or `manual`.",
    )
    fetching_lag: Annotated[str, AfterValidator(_lag)] = Field(
        "immediate",
        description="When the documents of a DST have been fetched from their URLs: as `packaging_lag`.",
    )
    control_token: Annotated[str | None, AfterValidator(_token)] = Field(
        None,
        description="Token of the control plane. Default: none on loopback, elsewhere one that is made up and printed.",
    )
    mint_most_steps: int = Field(
        100_000,
        ge=1,
        description="Most steps that a journey of Mint may run without waiting; more is taken for a loop.",
    )
    switches: Annotated[dict[str, str], BeforeValidator(_pairs)] = Field(
        {},
        description="Choices where the vendor's documentation is silent: `name=value,name=value`; each workspace may "
        "choose otherwise.",
    )
    egress_allow: Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_hosts)] = Field(
        (),
        description="Hosts besides loopback that webhooks and workflow steps may call: `name`, `name:port`, "
        "`*.example.com` or `*`, separated by commas.",
    )
    smtp_url: Annotated[str | None, AfterValidator(_smtp)] = Field(
        None,
        description="Mail server to which e-mails of the outbox are passed on: `smtp://user:password@host:port`, or "
        "`smtps://`. Any host besides loopback has to be in `LOCALSIGN_EGRESS_ALLOW`.",
    )
    journal_entries: int = Field(
        1000, ge=0, le=1_000_000, description="Most requests that the journal of a workspace keeps; 0 keeps none."
    )
    journal_bytes: int = Field(
        4 * 1024 * 1024, ge=512 * 1024, description="Most memory that the journal of a workspace takes, in bytes."
    )
    log_format: Literal["auto", "text", "json"] = Field(
        "auto", description="How the server logs: `text` for people, `json`, or `auto`, which is text on a terminal."
    )
    log_level: Literal["critical", "error", "warning", "info", "debug"] = Field(
        "warning", description="How much the server logs."
    )

    @model_validator(mode="after")
    def _workers_need_a_folder(self) -> Self:
        if self.workers > 1 and self.data_dir is None:
            raise ValueError(
                "several workers share their workspaces through a folder: give one with --data-dir or "
                "LOCALSIGN_DATA_DIR"
            )
        return self

    @model_validator(mode="after")
    def _one_certificate(self) -> Self:
        if (self.tls_cert is None) is not (self.tls_key is None):
            raise ValueError("LOCALSIGN_TLS_CERT and LOCALSIGN_TLS_KEY go together: give both")
        if self.tls_cert is not None and self.tls != "off":
            raise ValueError("LOCALSIGN_TLS_CERT is a certificate of your own: LOCALSIGN_TLS must not ask for another")
        if self.tls_client_ca is not None and not self.has_tls and self.tls_client_header is None:
            raise ValueError(
                "LOCALSIGN_TLS_CLIENT_CA needs connections that carry certificates: set LOCALSIGN_TLS, "
                "LOCALSIGN_TLS_CERT or LOCALSIGN_TLS_CLIENT_HEADER"
            )
        return self

    @property
    def has_tls(self) -> bool:
        """Whether it is https that is served."""
        return self.tls != "off" or self.tls_cert is not None

    @property
    def has_client_certificates(self) -> bool:
        """Whether clients can show one."""
        return self.has_tls or self.tls_client_header is not None

    def environment(self) -> dict[str, str]:
        """These settings as `from_environment` reads them."""
        given = self.model_dump(mode="json", exclude_none=True)
        return {PREFIX + name.upper(): _spelled(value) for name, value in given.items()}

    @classmethod
    def from_environment(cls, environment: Mapping[str, str], **flags: Any) -> "Settings":
        """Settings from `LOCALSIGN_*`, with `flags` (those that are not None) on top; raises SettingsError."""
        ours = (name for name in environment if name.startswith(PREFIX) and not OF_CLIENTS.fullmatch(name))
        given = {name: environment[name] for name in ours}
        names = {PREFIX + name.upper(): name for name in cls.model_fields}
        for unknown in sorted(given.keys() - names.keys()):
            near = difflib.get_close_matches(unknown, names, n=1)
            hint = f" Did you mean {near[0]}?" if near else f" Known are: {', '.join(sorted(names))}."
            raise SettingsError(f"{unknown} is not a setting of localsign.{hint}")
        values: dict[str, Any] = {names[name]: value for name, value in given.items() if value != ""}
        values |= {name: value for name, value in flags.items() if value is not None}
        try:
            return cls(**values)
        except ValidationError as error:
            raise SettingsError(" ".join(_sentence(one) for one in error.errors())) from None


_RULES = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_short": "must not be empty",
    "literal_error": "must be one of {expected}",
    "path_not_file": "must be a file that is there",
    "value_error": "{error}",
}
_SECRET = ("control_token", "client_secret", "smtp_url")  # not repeated: what is refused is often nearly right


def _sentence(finding: "ErrorDetails") -> str:
    """What is wrong with a setting, in words of ours."""
    rule = _RULES.get(finding["type"], finding["msg"]).format(**finding.get("ctx", {}))
    if not finding["loc"]:
        return f"{rule}."
    name = str(finding["loc"][0])
    wrong = finding["input"]
    given = "" if name in _SECRET else f"is {str(wrong) if isinstance(wrong, Path) else wrong!r}, and "
    return f"{PREFIX}{name.upper()} {given}{rule}."
