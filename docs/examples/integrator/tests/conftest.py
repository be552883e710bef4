"""The application under test, wired to a workspace of localsign: an address and credentials, as in production."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from app.handovers import Handovers
from app.hooks import Hooks
from app.leases import Leases
from app.payslips import Payslips
from app.vendor import Vendor
from app.viewings import Viewings

from localsign import Workspace

SECRET = "known-to-both"


@pytest.fixture
def pauses() -> list[float]:
    """How long the application has waited between tries, in seconds; no test really waits."""
    return []


@pytest.fixture
def vendor(localsign: Workspace, pauses: list[float]) -> Vendor:
    return connect(localsign, pauses)


def connect(localsign: Workspace, pauses: list[float] | None = None) -> Vendor:
    """The application's way to the APIs of a workspace."""
    known = localsign.credentials
    waited = [] if pauses is None else pauses
    return Vendor(localsign.http.anonymous, known.client_id, known.client_secret, sleep=waited.append)


@pytest.fixture
def leases(vendor: Vendor) -> Leases:
    return Leases(vendor)


@pytest.fixture
def payslips(vendor: Vendor) -> Payslips:
    return Payslips(vendor)


@pytest.fixture
def viewings(vendor: Vendor) -> Viewings:
    return Viewings(vendor)


@pytest.fixture
def handovers(localsign: Workspace) -> Handovers:
    return Handovers(localsign.http.signing_today(as_="instructor"))


@dataclass
class Post:
    """What the application hears, and the id of its subscription."""

    hooks: Hooks
    subscription: str


@pytest.fixture
def post(localsign: Workspace, leases: Leases) -> Iterator[Post]:
    """The application listens, and keeps its leases up to date by what it hears."""

    def refresh(event: dict[str, dict[str, str]]) -> None:
        lease = leases.of_session(event["eventData"]["id"])
        if lease is not None:
            leases.refresh(lease)

    names = ("signing-session.completed", "signing-session.rejected")
    hooks = Hooks(SECRET, dict.fromkeys(names, refresh))
    server = localsign.sandbox.server  # in a container, localsign reaches this machine by another name
    with hooks.listening(server.listen_on) as port:
        made = localsign.webhooks.subscribe(
            f"http://{server.reached_as}:{port}/hooks", ["signature-api:*"], secret=SECRET
        )
        yield Post(hooks, made["id"])
        localsign.webhooks.unsubscribe(made["id"])
