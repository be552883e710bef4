"""The OpenAPI documents: made from the code, kept in `openapi/`, compared by a test, served as files."""

import json
from typing import Any

from localsign.apis import APIS
from localsign.core.api import Api
from localsign.core.evidence import evidence_of
from localsign.resources import openapi_folder

_PROBLEM = {
    "type": "object",
    "required": ["title", "status", "code", "detail", "traceId"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "traceId": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "invalidParams": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "reason"],
                "properties": {"name": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}
_PROBLEM_DETAILS = {
    "type": "object",
    "properties": {
        "type": {"type": ["string", "null"]},
        "title": {"type": ["string", "null"]},
        "status": {"type": ["integer", "null"], "format": "int32"},
        "detail": {"type": ["string", "null"]},
        "instance": {"type": ["string", "null"]},
        "traceId": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
    },
}
_ERROR_RESPONSE = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("code", "message", "target")},
}
_OAUTH_ERROR = {
    "type": "object",
    "required": ["error", "error_uri", "error_description"],
    "properties": {name: {"type": "string"} for name in ("error", "error_uri", "error_description")},
}
# What Signing Today answers to a login that fails: RFC 6749's, without an address.
_LOGIN_ERROR = {
    "type": "object",
    "required": ["error", "error_description"],
    "properties": {name: {"type": "string"} for name in ("error", "error_description")},
}


def names() -> list[str]:
    """The documents there are, by the name of their API."""
    return sorted([*(entry.name for entry in APIS), "sandbox"])


def document(name: str) -> dict[str, Any]:
    """The OpenAPI document of one API, as the code has it now."""
    manifests = _manifests(name)
    whole: dict[str, Any] = {}
    for manifest in manifests:
        made = manifest.build().openapi()
        paths = {manifest.mount + path: item for path, item in made["paths"].items()}
        schemas = made.get("components", {}).get("schemas", {})
        if not whole:
            whole = {**made, "paths": {}, "components": {"schemas": {}}}
        whole["paths"] |= paths
        whole["components"]["schemas"] |= schemas
    _tidy(whole, name)
    return whole


def text(name: str) -> str:
    """The document as the file has it."""
    return json.dumps(document(name), indent=1, ensure_ascii=False, sort_keys=False) + "\n"


def stale() -> list[str]:
    """The names of the documents whose file is not what the code says."""
    folder = openapi_folder()
    return [name for name in names() if _kept(folder / f"{name}.json") != text(name)]


def write() -> list[str]:
    """Bring the files up to date; the names of those that changed."""
    changed = stale()
    for name in changed:
        (openapi_folder() / f"{name}.json").write_text(text(name), encoding="utf-8")
    return changed


def _kept(path: Any) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def _manifests(name: str) -> list[Api]:
    if name == "sandbox":
        from localsign.control.added import whole
        from localsign.control.health import API as HEALTH

        return [HEALTH, whole()]
    [entry] = [entry for entry in APIS if entry.name == name]
    return [entry.api]


def _tidy(whole: dict[str, Any], name: str) -> None:
    """Say what FastAPI cannot know, and leave out what no vendor has."""
    evidence = evidence_of(name)
    whole["servers"] = [{"url": "http://127.0.0.1:8480"}]
    schemas = whole["components"]["schemas"]
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    if name == "signing-today":
        schemas["ErrorResponse"] = _ERROR_RESPONSE
    else:
        schemas["Problem"] = _PROBLEM
    if name == "platform":
        schemas["OAuthError"] = _OAUTH_ERROR
    if name == "secure-share":
        schemas["ProblemDetails"] = _PROBLEM_DETAILS
    if any(row.auth == "bearer" for row in evidence.values()):
        whole["components"]["securitySchemes"] = {
            "bearerAuth": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        }
    for item in whole["paths"].values():
        for operation in item.values():
            row = evidence[operation["operationId"]]
            operation["x-evidence"] = {"mark": row.mark, "source": row.source}
            if row.auth == "bearer":
                operation["security"] = [{"bearerAuth": []}]
            operation["responses"].pop("422", None)
            operation["responses"] |= _refusals(name, operation["operationId"])


def _refusals(name: str, operation: str) -> dict[str, Any]:
    if name == "signing-today":
        one: dict[str, Any] = {"$ref": "#/components/schemas/ErrorResponse"}
        several: dict[str, Any] = {"type": "array", "items": one}
        if operation == "oauthTokenPOST":
            one, several = ({"anyOf": [usual, _LOGIN_ERROR]} for usual in (one, several))
        return {
            "400": _refusal("Refused; an entry for each flaw.", {"application/json": several}),
            "404": {"description": "There is no such thing."},
            "default": _refusal("Refused; the body says why.", {"application/json": one}),
        }
    kinds = {
        "platform": {"application/json": "OAuthError"},
        "secure-share": {"application/json": "ProblemDetails", "application/problem+json": "Problem"},
    }
    schemas = kinds.get(name, {"application/problem+json": "Problem"})
    content = {kind: {"$ref": f"#/components/schemas/{schema}"} for kind, schema in schemas.items()}
    return {"default": _refusal("Refused; the body says why.", content)}


def _refusal(description: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {kind: {"schema": schema} for kind, schema in content.items()}}
