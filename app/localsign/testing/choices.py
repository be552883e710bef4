"""What was chosen on the command line, in the configuration and in the environment of a test run."""

import os
from dataclasses import dataclass
from typing import Any

import pytest

from localsign.testing.keys import MODES

URL_VARIABLE = "LOCALSIGN_URL"
SHARED_URL, SHARED = "localsign_url", "localsign_shared"  # in the input of a worker of pytest-xdist


@dataclass(frozen=True)
class Choice:
    """`mode` is where the server runs, `url` where it is in the mode `url`; `is_shared`: another process started it."""

    mode: str
    url: str | None
    is_shared: bool = False

    @classmethod
    def of(cls, config: pytest.Config) -> "Choice":
        """Command line before configuration before environment. UsageError where the parts do not fit."""
        shared = getattr(config, "workerinput", {}).get(SHARED_URL)
        if shared:
            return cls("url", shared, is_shared=True)
        mode = config.option.localsign_mode
        url = config.option.localsign_url
        if mode is None and url is None:
            mode, url = config.getini("localsign_mode") or None, config.getini("localsign_url") or None
            if mode is None and url is None:
                url = os.environ.get(URL_VARIABLE) or None
        if mode == "url" and url is None:
            url = config.getini("localsign_url") or os.environ.get(URL_VARIABLE) or None
        return cls(*_fitting(mode, url))


def _fitting(mode: str | None, url: str | None) -> tuple[str, str | None]:
    if mode is not None and mode not in MODES:
        raise pytest.UsageError(f"localsign_mode is {mode!r}, and must be one of {', '.join(MODES)}")
    if mode == "url" and url is None:
        raise pytest.UsageError(f"the mode url needs an address: give --localsign-url, localsign_url or {URL_VARIABLE}")
    if mode not in (None, "url") and url is not None:
        raise pytest.UsageError(f"--localsign-url is for the mode url, and the mode is {mode}")
    return (mode or ("url" if url else "thread")), url


def check(config: pytest.Config) -> None:
    """Refuse, before anything is collected, what cannot work. UsageError."""
    choice = Choice.of(config)
    if config.option.localsign_shared and choice.mode == "asgi":
        raise pytest.UsageError("--localsign-shared needs a server that others can reach, and the mode asgi has none")


def check_apis(config: pytest.Config) -> None:
    """Refuse to count an API that there is not. UsageError."""
    from localsign.apis import APIS
    from localsign.core.flaws import nearest

    known = [entry.name for entry in APIS]
    for name in config.option.localsign_cov_api:
        if name not in known:
            raise pytest.UsageError(f"--localsign-cov-api={name}: there is no such API; {nearest(name, known)}")


def settings_of(config: pytest.Config) -> dict[str, Any]:
    """The settings in the configuration, as text; UsageError for a line that is none."""
    found: dict[str, Any] = {}
    for line in config.getini("localsign_settings"):
        name, separator, value = line.partition("=")
        if not separator or not name.strip():
            raise pytest.UsageError(f"localsign_settings has {line!r}, and must have name=value on each line")
        found[name.strip().lower().removeprefix("localsign_")] = value.strip()
    return found


def address_of(text: str) -> tuple[str, int]:
    """Host and port; UsageError for what is not `host:port`."""
    host, separator, port = text.rpartition(":")
    if not separator or not host or not port.isdigit():
        raise pytest.UsageError(f"localsign_address is {text!r}, and must be host:port, such as 127.0.0.1:0")
    return host.strip("[]"), int(port)
