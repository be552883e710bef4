"""Which server is meant: the one that is named, else the one in the background, else the usual address."""

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from localsign.cli.usual import DEFAULT_URL

STATE_FILE = "LOCALSIGN_STATE_FILE"


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
