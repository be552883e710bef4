"""Weeks pass in a moment."""

from datetime import UTC, datetime, timedelta

import pytest
from app.leases import Leases, LeaseState
from app.payslips import Payslips, Person
from app.vendor import RefusedError, Vendor
from tests.papers import a_pdf

from localsign import Workspace


def test_a_lease_that_nobody_signs_ends(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.clock.advance(days=44)
    assert leases.refresh(lease) is LeaseState.OPEN
    localsign.clock.advance(days=2)
    assert leases.refresh(lease) is LeaseState.EXPIRED


@pytest.mark.localsign(clock=datetime(2031, 5, 1, 12, tzinfo=UTC))
def test_the_clock_stands_where_the_test_says(payslips: Payslips, localsign: Workspace) -> None:
    assert localsign.clock.now() == datetime(2031, 5, 1, 12, tzinfo=UTC)
    expires = (localsign.clock.now() + timedelta(days=3)).isoformat()
    sent = payslips.send("Payslip May", a_pdf(), Person("Kari", "kari@example.com"), expires=expires)
    localsign.clock.advance(timedelta(days=3, seconds=1))
    with pytest.raises(RefusedError) as refusal:
        payslips.is_fetched(sent)
    assert refusal.value.status == 404


@pytest.mark.localsign(switches={"tokens.clock": "workspace"})
def test_a_token_that_has_ended_is_renewed(vendor: Vendor, localsign: Workspace) -> None:
    vendor.call("GET", "/sign/signing-sessions")
    localsign.clock.advance(minutes=11)
    vendor.call("GET", "/sign/signing-sessions")
    assert localsign.journal.count(operation="platform.token")["count"] == 2
    assert localsign.journal.count(operation="sign.list_signing_sessions", status=401)["count"] == 1


def test_people_take_their_time(leases: Leases, localsign: Workspace) -> None:
    localsign.decisions.queue("sign", after=timedelta(days=2))
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.clock.advance(days=1)
    assert leases.refresh(lease) is LeaseState.OPEN
    localsign.clock.advance(days=1)
    assert leases.refresh(lease) is LeaseState.SIGNED


@pytest.mark.localsign(decisions={"default": {"action": "reject", "reason": "Never."}})
def test_everybody_refuses(leases: Leases) -> None:
    assert leases.refresh(leases.send("A-1", a_pdf(), ["kari"])) is LeaseState.REJECTED
