"""Wire shapes of robots."""

import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from localsign.signing_today.schemas.wire import LongText, Text, Wire

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)


class AuthMode(StrEnum):
    BASIC = "basic"
    DIGEST = "digest"


def _headers(headers: dict[str, list[str]]) -> dict[str, list[str]]:
    for name, values in headers.items():
        if not _HEADER.fullmatch(name):
            raise ValueError(f"'{name}' is not the name of a header")
        if any(not value.isprintable() or not value.isascii() for value in values):
            raise ValueError(f"a value of '{name}' has a character that no header may have")
    return headers


def _url(text: str) -> str:
    if not _URL.fullmatch(text):
        raise ValueError("must be a URL that begins with http:// or https://")
    return text


Headers = Annotated[
    dict[Text, Annotated[list[LongText], Field(max_length=20)]], Field(max_length=50), AfterValidator(_headers)
]
Url = Annotated[Text, AfterValidator(_url)]


class RobotAuthenticationToken(Wire):
    access_token: str


class RobotAuthentication(Wire):
    """What a robot proves itself with elsewhere."""

    username: Text | None = None
    password: Text | None = None
    auth_mode: AuthMode | None = None
    client_key: LongText | None = None
    client_cert: LongText | None = None


class RobotWebhooks(Wire):
    dst: Url | None = None


class RobotConfigurationBody(Wire):
    request_headers: Headers | None = None
    authentication: RobotAuthentication | None = None
    webhooks: RobotWebhooks | None = None
