"""Who may ask the control plane: the owner of its token, or who is on this machine; and no page of another site."""

import hmac
import re
from collections.abc import Mapping

from localsign.addresses import host_of
from localsign.core.egress import is_loopback
from localsign.core.errors import ForbiddenError, UnauthenticatedError
from localsign.settings import LOOPBACK, Settings
from localsign.traffic import Scope

# Certificates, which tell nothing that a signature or a connection would not; whom to trust is asked before all else.
OPEN = frozenset({"/_sandbox/v1/ca.pem", "/_sandbox/v1/tls/ca.pem"})
_ADDRESS = re.compile(r"[\d.]+|[0-9a-f:.]*:[0-9a-f:.]*")


def check(settings: Settings, scope: Scope, path: str, found: Mapping[str, str]) -> None:
    """Refuse a request for `path`, below a workspace, of who may not ask; `found` has its headers, in lower case."""
    if path in OPEN and scope["method"] in ("GET", "HEAD"):
        return
    _refuse_other_sites(settings, scope["scheme"], found)
    _check_control_token(settings, scope, found)


def _refuse_other_sites(settings: Settings, scheme: str, found: Mapping[str, str]) -> None:
    """Refuse what a page of another site makes a browser ask of the control plane."""
    origin = found["origin"]
    is_own = origin in (f"{scheme}://{found['host']}", settings.public_url, settings.internal_url)
    is_foreign = bool(origin) and not is_own and host_of(origin) not in LOOPBACK
    if is_foreign or found["sec-fetch-site"] == "cross-site":
        raise ForbiddenError("The control plane does not answer requests from other sites.", code="cross_site")
    name = host_of(f"//{found['host']}")
    known = {*LOOPBACK, host_of(settings.public_url or ""), host_of(settings.internal_url or ""), ""}
    if settings.host in LOOPBACK and name not in known and not _ADDRESS.fullmatch(name):
        # A name that somebody else's DNS made point here would count as this site.
        raise ForbiddenError(f"The control plane does not answer to the name '{name}'.", code="unknown_host")


def _check_control_token(settings: Settings, scope: Scope, found: Mapping[str, str]) -> None:
    """Let in who has the control token; where there is none, this machine only."""
    wanted = settings.control_token
    client = scope.get("client")
    if wanted is None and client and not _is_this_machine(client[0]):
        raise ForbiddenError(
            "Without a control token, the control plane answers to this machine only: set LOCALSIGN_CONTROL_TOKEN.",
            code="control_token_not_set",
        )
    kind, _, bearer = found["authorization"].partition(" ")
    given = found["x-sandbox-token"] or (bearer.strip() if kind.lower() == "bearer" else "")
    if wanted is not None and not hmac.compare_digest(given.encode(), wanted.encode()):
        raise UnauthenticatedError(
            "The control plane of this server needs its token: send it as 'Authorization: Bearer <token>' or as "
            "'X-Sandbox-Token: <token>'. It is LOCALSIGN_CONTROL_TOKEN, or was printed when the server started.",
            code="control_token_required",
            headers={"WWW-Authenticate": "Bearer"},
        )


def _is_this_machine(address: str) -> bool:
    try:
        return is_loopback(address)
    except ValueError:  # a name, as clients in this process have
        return True
