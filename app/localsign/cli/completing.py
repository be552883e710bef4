"""Words that a shell completes, mostly those of the server that is meant. Where it does not answer, there are none."""

import json
import os
from typing import Any

from localsign.cli.finding import address_of

PATIENCE = 3.0  # seconds that completing a word may take
_ID_AND_MORE = list[tuple[str, str]]  # words, each with what a shell shows beside it


def ask(path: str, parameters: dict[str, Any]) -> Any:
    """What the control plane says, for who completes a word; None if it does not say it at once."""
    from urllib.parse import quote
    from urllib.request import HTTPSHandler, ProxyHandler, Request, build_opener

    from localsign.probe import context_for

    url, token = address_of(parameters.get("url"), parameters.get("control_token"))
    prefix = f"/w/{quote(parameters.get('workspace') or 'default', safe='')}"
    request = Request(f"{url}{prefix}/_sandbox/v1/{path}", headers={"X-Sandbox-Token": token} if token else {})
    try:
        context = context_for(url, parameters.get("ca"))
        more = [] if context is None else [HTTPSHandler(context=context)]
        with build_opener(ProxyHandler({}), *more).open(request, timeout=PATIENCE) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def names_of_workspaces(ctx: Any) -> list[str]:
    """The workspaces of the server, for completion."""
    found = ask("workspaces", {**_parameters(ctx), "workspace": None})
    return [one["name"] for one in found or ()]


def names_of_switches(ctx: Any) -> _ID_AND_MORE:
    found = ask("switches", _parameters(ctx))
    return [(one["name"], one["value"]) for one in found or ()]


def values_of_switch(ctx: Any) -> list[str]:
    parameters = _parameters(ctx)
    found = ask(f"switches/{parameters.get('name')}", parameters)
    return [] if found is None else list(dict.fromkeys([found["default"], *found["alternatives"]]))


def names_of_snapshots(ctx: Any) -> list[str]:
    found = ask("snapshots", _parameters(ctx))
    return [one["name"] for one in found or ()]


def names_of_fixtures(ctx: Any) -> list[str]:
    found = ask("seeds", _parameters(ctx))
    return [one["name"] for one in found or ()]


def names_of_apis() -> list[str]:
    """Those of this installation, which need no server."""
    from localsign.resources import openapi_folder

    return sorted(path.stem for path in openapi_folder().glob("*.json") if path.stem != "sandbox")


def names_of_documents() -> list[str]:
    return [*names_of_apis(), "sandbox"]


def names_of_operations(ctx: Any) -> list[str]:
    found = ask("surface", _parameters(ctx))
    return [] if found is None else [one["operation"] for one in found["operations"]]


def names_of_events(ctx: Any) -> _ID_AND_MORE:
    found = ask("events", _parameters(ctx))
    return [(one["name"], one["text"]) for one in found or ()]


def names_of_accounts(ctx: Any) -> list[str]:
    parameters = _parameters(ctx)
    found = ask(f"workspaces/{parameters.get('workspace') or 'default'}", parameters)
    return [] if found is None else [one["username"] for one in found["signing_today"]["accounts"]]


def ids_of_faults(ctx: Any) -> _ID_AND_MORE:
    found = ask("faults", _parameters(ctx))
    return [(one["id"], f"{one['operation']} {one['kind']}") for one in found or ()]


def operations_with_limits(ctx: Any) -> list[str]:
    found = ask("rate-limits", _parameters(ctx))
    return [one["operation"] for one in found or ()]


def ids_of_deliveries(ctx: Any) -> _ID_AND_MORE:
    found = ask("webhooks/deliveries", _parameters(ctx))
    return [] if found is None else [(one["id"], f"{one['event']} {one['state']}") for one in found["deliveries"]]


def ids_of_subscriptions(ctx: Any) -> _ID_AND_MORE:
    found = ask("webhooks/subscriptions", _parameters(ctx))
    return [(one["id"], one["config"]["url"]) for one in found or ()]


def ids_of_messages(ctx: Any) -> _ID_AND_MORE:
    found = ask("outbox", _parameters(ctx))
    return [] if found is None else [(one["id"], f"{one['kind']} to {one['to']}") for one in found["messages"]]


def _parameters(ctx: Any) -> dict[str, Any]:
    found: dict[str, Any] = dict(getattr(ctx, "params", None) or {})
    for name in ("url", "workspace", "control_token", "ca"):
        found[name] = found.get(name) or os.environ.get(f"LOCALSIGN_{name.upper()}")
    return found
