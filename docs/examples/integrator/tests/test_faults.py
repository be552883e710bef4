"""The vendor has a bad day; the application has not."""

from typing import Any

import httpx
import pytest
from app.leases import Leases, LeaseState
from app.vendor import RefusedError, UncertainError, Vendor
from tests.papers import a_pdf

from localsign import Workspace

LIST = "sign.list_signing_sessions"


def look(vendor: Vendor) -> httpx.Response:
    return vendor.call("GET", "/sign/signing-sessions")


@pytest.mark.localsign(faults={"operation": LIST, "status": 503, "times": 2})
def test_a_request_is_tried_again(vendor: Vendor, pauses: list[float]) -> None:
    assert look(vendor).status_code == 200
    assert pauses == [0.5, 1.0]


@pytest.mark.localsign(faults={"operation": LIST, "status": 503, "retry_after": 7, "times": 1})
def test_the_vendor_says_how_long_to_wait(vendor: Vendor, pauses: list[float]) -> None:
    look(vendor)
    assert pauses == [7.0]


@pytest.mark.localsign(faults={"operation": LIST, "status": 503})
def test_patience_ends(vendor: Vendor, localsign: Workspace) -> None:
    with pytest.raises(RefusedError) as refusal:
        look(vendor)
    assert refusal.value.status == 503
    assert localsign.journal.count(operation=LIST)["count"] == 4


@pytest.mark.localsign(rate_limits={"operation": LIST, "requests": 1, "per": "PT1M"}, clock="2031-05-01T12:00:00Z")
def test_a_rate_limit_is_kept(vendor: Vendor, pauses: list[float]) -> None:
    look(vendor)
    with pytest.raises(RefusedError) as refusal:
        look(vendor)
    assert refusal.value.status == 429
    assert all(0 < pause <= 30 for pause in pauses)


@pytest.mark.parametrize("kind", ["reset", "truncate", "lost_answer"])
def test_a_lost_connection_is_no_reason_to_fail(
    vendor: Vendor, localsign: Workspace, pauses: list[float], kind: Any
) -> None:
    localsign.faults.add(LIST, kind, times=1)
    assert look(vendor).status_code == 200
    assert pauses == [0.5]


@pytest.mark.localsign(faults={"operation": "sign.create_signing_session", "kind": "lost_answer", "times": 1})
def test_a_lost_answer_opens_no_second_session(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    assert localsign.journal.count(operation="sign.create_signing_session")["count"] == 1
    localsign.sign.session(lease.sessions[0]).sign()
    assert leases.refresh(lease) is LeaseState.SIGNED


@pytest.mark.localsign(faults={"operation": "sign.create_signing_session", "kind": "reset", "times": 1})
def test_a_request_that_never_arrived_is_told(leases: Leases) -> None:
    with pytest.raises(UncertainError):
        leases.send("A-1", a_pdf(), ["kari"])
    assert leases.all == {}


@pytest.mark.localsign(faults={"operation": "sign.*", "kind": "latency", "latency": "PT0.05S"})
def test_slow_is_not_broken(leases: Leases) -> None:
    assert leases.send("A-1", a_pdf(), ["kari"]).sessions
