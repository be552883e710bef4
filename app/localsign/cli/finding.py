"""Which server is meant: the one that is named, else the one in the background, else the usual address."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from localsign.cli.usual import DEFAULT_URL

STATE_FILE = "LOCALSIGN_STATE_FILE"
PATIENCE = 3.0  # seconds that completing a word may take


@dataclass(frozen=True)
class Running:
    """A server in the background, as its state file tells of it."""

    url: str
    pid: int
    log: str
    started_at: str
    version: str
    control_token: str | None = None
    data_dir: str | None = None

    def write(self, path: Path) -> None:
        """Only for this user: it may hold the control token."""
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(self), file)

    @classmethod
    def read(cls, path: Path) -> "Running | None":
        """What `path` tells of; None if it does not."""
        try:
            return cls(**json.loads(path.read_text("utf-8")))
        except (OSError, ValueError, TypeError):
            return None


def state_file(given: Path | None = None) -> Path:
    """Where it is written which server runs in the background: one for each user, unless told otherwise."""
    if given is not None:
        return given
    if named := os.environ.get(STATE_FILE):
        return Path(named)
    return runtime_folder() / "server.json"


def runtime_folder() -> Path:
    """A folder of this user alone, which need not outlive the machine's run."""
    base = os.environ.get("XDG_RUNTIME_DIR")
    if base and Path(base).is_dir():
        return Path(base) / "localsign"
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"localsign-{user}"


def address_of(url: str | None, control_token: str | None) -> tuple[str, str | None]:
    """The address of the server that is meant, and its control token."""
    running = Running.read(state_file())
    if url is None:
        url = running.url if running is not None else DEFAULT_URL
    url = url.rstrip("/")
    if control_token is None and running is not None and running.url == url:
        control_token = running.control_token
    return url, control_token


# ---- completing words


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


def names_of_switches(ctx: Any) -> list[tuple[str, str]]:
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


def _parameters(ctx: Any) -> dict[str, Any]:
    found: dict[str, Any] = dict(getattr(ctx, "params", None) or {})
    for name in ("url", "workspace", "control_token", "ca"):
        found[name] = found.get(name) or os.environ.get(f"LOCALSIGN_{name.upper()}")
    return found
