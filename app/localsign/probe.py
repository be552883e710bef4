"""Asking a server whether it is ready. Imports little: container engines ask every few seconds, for ever."""

import json
import os
import ssl
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

READY, NOT_READY = 0, 4  # the exit codes of `localsign health`
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # where one listens, and where to ask then


def own_url(environment: Mapping[str, str]) -> str:
    """Where a server listens that was configured by `environment`, as seen from its own machine."""
    host = environment.get("LOCALSIGN_HOST") or "127.0.0.1"
    host = _EVERYWHERE.get(host, host)
    has_tls = environment.get("LOCALSIGN_TLS", "off") not in ("", "off") or environment.get("LOCALSIGN_TLS_CERT")
    where = f"[{host}]" if ":" in host else host
    return f"{'https' if has_tls else 'http'}://{where}:{environment.get('LOCALSIGN_PORT') or 8480}"


def context_for(url: str, ca: Path | str | None = None) -> ssl.SSLContext | None:
    """How to trust the server at `url`; None where it has no TLS.

    With `ca`, by that authority. On this machine nobody can stand between, so that without it any certificate will do.
    OSError with a sentence where `ca` cannot be used.
    """
    parts = urlsplit(url)
    if parts.scheme != "https":
        return None
    try:
        context = ssl.create_default_context(cafile=None if ca is None else str(ca))
    except OSError as error:  # ssl names neither the file nor, where it is there, what it lacks
        why = "it has no certificate as PEM" if isinstance(error, ssl.SSLError) else error.strerror
        raise OSError(f"the authority in {ca} cannot be used: {why}") from None
    if ca is None and parts.hostname in _LOOPBACK:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def refusal(url: str, ca: Path | str | None = None, timeout: float = 5) -> str | None:
    """Why the server at `url` is not ready; None if it is."""
    try:
        context = context_for(url, ca)  # the file may yet come, as the server writes it
        more = [] if context is None else [HTTPSHandler(context=context)]
        direct = build_opener(ProxyHandler({}), *more)  # no proxy: it is asked itself
        with direct.open(f"{url.rstrip('/')}/_sandbox/health/ready", timeout=timeout) as answer:
            return None if answer.status == 200 else f"it answered {answer.status}"
    except HTTPError as error:
        return _said(error) or f"it answered {error.code}"
    except (URLError, OSError, ValueError) as error:
        return str(getattr(error, "reason", error)) or type(error).__name__


def _said(error: HTTPError) -> str | None:
    try:
        answer = json.loads(error.read(10_000))
        return str(answer["detail"]) if answer.get("detail") else None
    except (OSError, ValueError, AttributeError, KeyError):
        return None


def is_ready_within(url: str, seconds: float, ca: Path | str | None = None) -> bool:
    """Whether the server at `url` becomes ready in time; asked every 50 ms."""
    return waited_for(url, seconds, ca) is None


def waited_for(url: str, seconds: float, ca: Path | str | None = None) -> str | None:
    """Wait until the server at `url` is ready; why it is not, if it did not become so in time."""
    deadline = time.monotonic() + seconds
    while (reason := refusal(url, ca)) is not None and time.monotonic() < deadline:
        time.sleep(0.05)
    return reason


def health(url: str | None = None, ca: Path | str | None = None) -> int:
    """`localsign health`: ask once, say it in one line, and return the exit code."""
    url = url or own_url(os.environ)
    reason = refusal(url, ca or os.environ.get("LOCALSIGN_CA") or None, timeout=2)
    if reason is None:
        sys.stdout.write(f"{url} is ready.\n")
        return READY
    sys.stderr.write(f"localsign: {url} is not ready: {reason}\n")
    return NOT_READY


def is_plain_health(arguments: Sequence[str]) -> bool:
    """Whether a command line is `localsign health` and nothing else, which needs no parser."""
    return list(arguments[1:]) == ["health"]
