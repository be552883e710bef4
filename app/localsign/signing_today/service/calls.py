"""How a robot calls others: the headers, credentials and webhook of its configuration.

Documented: headers for its requests, credentials to log in elsewhere. Inferred from V1: both are used to fetch
documents and to call webhooks. Client certificates are kept and not used.
"""

from dataclasses import dataclass, field
from uuid import UUID

from localsign.core.work import Work
from localsign.signing_today.models.people import RobotConfiguration


@dataclass(frozen=True)
class Calling:
    """`auth` is a user and a password, for Basic or, with `is_digest`, for Digest."""

    headers: dict[str, str] = field(default_factory=dict)
    auth: tuple[str, str] | None = None
    is_digest: bool = False
    webhook: str | None = None
    robot_id: UUID | None = None


def of(work: Work, robot_id: UUID | None) -> Calling:
    """How this robot calls; without a configuration, plainly."""
    found = work.look_up(RobotConfiguration, "user_id", [robot_id]) if robot_id else []
    if not found:
        return Calling()
    wanted = found[0].wanted
    authentication = wanted.get("authentication") or {}
    username, password = authentication.get("username"), authentication.get("password")
    return Calling(
        headers={name: ", ".join(values or ()) for name, values in (wanted.get("requestHeaders") or {}).items()},
        auth=(username, password or "") if username else None,
        is_digest=authentication.get("authMode") == "digest",
        webhook=(wanted.get("webhooks") or {}).get("dst"),
        robot_id=robot_id,
    )
