"""Addresses that lead into a journey."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import select

from localsign.core.work import Work
from localsign.lags import parse_duration
from localsign.mint.models import Journey, JourneyLink
from localsign.mint.switches import RETURN_URL_LIFE, ZERO_TTL

DEFAULT_TTL = 60  # seconds; documented
_TOKEN = 32


def make(work: Work, journey: Journey, ttl: int | None) -> str:
    """The token of a journey URL that lives `ttl` seconds."""
    if ttl is None or (ttl == 0 and work.switched(ZERO_TTL) == "default"):
        ttl = DEFAULT_TTL
    return _add(work, journey.id, "journey", work.now + timedelta(seconds=ttl))


def make_visit(work: Work, journey: Journey) -> str:
    """The token of a visit, which begins with a link that was still good and lasts as long as the journey."""
    return _add(work, journey.id, "visit", None)


def make_return(work: Work, journey_id: UUID) -> str:
    """The token that brings a browser back from another page; its time begins when the browser leaves."""
    return _add(work, journey_id, "return", None)


def start_return(work: Work, journey_id: UUID, ttl: int | None) -> None:
    """The browser leaves now: the ways back live so many seconds, or as the switch says."""
    life = timedelta(seconds=ttl) if ttl else parse_duration(work.switched(RETURN_URL_LIFE))
    query = select(JourneyLink).where(JourneyLink.journey_id == journey_id, JourneyLink.kind == "return")
    for link in work.db.exec(query).all():
        link.expires_at = work.now + life


def make_approval(work: Work, journey_id: UUID, step_id: str) -> str:
    """The token of the page on which somebody approves."""
    return _add(work, journey_id, "approval", None, step_id)


def _add(work: Work, journey_id: UUID, kind: str, expires_at: datetime | None, step_id: str | None = None) -> str:
    token = work.ids.token(_TOKEN)
    values = {"token": token, "journey_id": journey_id, "kind": kind, "step_id": step_id, "expires_at": expires_at}
    work.insert(JourneyLink, values)
    return token


def find(work: Work, token: str, *kinds: str) -> JourneyLink | None:
    """The link with this token, also one that has expired."""
    link = work.db.exec(select(JourneyLink).where(JourneyLink.token == token)).first()
    return link if link is not None and link.kind in kinds else None


def url(base_url: str, token: str) -> str:
    """Where a link into a journey leads; `base_url` is where the browser reaches this workspace."""
    return f"{base_url}/mint/go/{token}"


def approval_url(base_url: str, token: str) -> str:
    return f"{base_url}/mint/approval/{token}"
