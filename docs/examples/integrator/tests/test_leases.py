"""Leases are signed: one tenant, several, late, never."""

import pytest
from app.leases import Leases, LeaseState
from app.vendor import RefusedError
from tests.papers import a_pdf

from localsign import SandboxError, Workspace


def test_a_lease_is_open_until_its_tenant_signs(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    assert leases.refresh(lease) is LeaseState.OPEN
    localsign.sign.session(lease.sessions[0]).sign()
    assert leases.refresh(lease) is LeaseState.SIGNED


def test_a_login_signs_with_a_sealed_document(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.sign.session(lease.sessions[0]).sign()
    [result] = leases.results(lease)
    assert b"Signature" in result
    assert result.lstrip().startswith(b"<")


def test_a_bank_id_signs_the_pdf_itself(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"], by_bank_id=True)
    localsign.sign.session(lease.sessions[0]).sign(name="Kari Nordmann")
    [result] = leases.results(lease)
    assert result.startswith(b"%PDF")
    assert b"/ByteRange" in result


def test_tenants_sign_one_after_another(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari", "ola"])
    first, second = lease.sessions
    with pytest.raises(SandboxError, match="BLOCKED"):
        localsign.sign.session(second).sign()
    localsign.sign.session(first).sign()
    assert leases.refresh(lease) is LeaseState.OPEN
    localsign.sign.session(second).sign()
    assert leases.refresh(lease) is LeaseState.SIGNED


def test_the_link_is_of_the_tenant_whose_turn_it_is(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari", "ola"])
    first = leases.link(lease)
    localsign.sign.session(lease.sessions[0]).sign()
    second = leases.link(lease)
    localsign.sign.session(lease.sessions[1]).sign()
    assert None not in (first, second)
    assert first != second
    assert leases.link(lease) is None


def test_the_link_opens_a_page_without_a_login(leases: Leases, localsign: Workspace) -> None:
    link = leases.link(leases.send("A-1", a_pdf(), ["kari"]))
    page = localsign.http.anonymous.get(str(link))
    assert page.status_code == 200
    assert "Lease A-1" in page.text


def test_one_refusal_ends_the_lease(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari", "ola"])
    localsign.sign.session(lease.sessions[0]).sign()
    localsign.sign.session(lease.sessions[1]).reject("Too expensive.")
    assert leases.refresh(lease) is LeaseState.REJECTED


@pytest.mark.parametrize("action", ["open", "cancel", "error"])
def test_looking_cancelling_and_failing_leave_it_open(leases: Leases, localsign: Workspace, action: str) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    localsign.sign.session(lease.sessions[0]).act(action)
    assert leases.refresh(lease) is LeaseState.OPEN


def test_sending_a_lease_again_opens_no_second_session(leases: Leases, localsign: Workspace) -> None:
    assert leases.send("A-1", a_pdf(), ["kari"]) is leases.send("A-1", a_pdf(), ["kari"])
    assert localsign.journal.count(operation="sign.create_signing_session")["count"] == 1


def test_what_is_no_pdf_is_refused(leases: Leases) -> None:
    with pytest.raises(RefusedError) as refusal:
        leases.send("A-1", b"This is no PDF.", ["kari"])
    assert refusal.value.status == 400
    assert leases.all == {}


def test_a_lease_that_is_withdrawn_cannot_be_signed(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"])
    leases.withdraw(lease)
    with pytest.raises(SandboxError) as refusal:
        localsign.sign.session(lease.sessions[0]).sign()
    assert refusal.value.status == 404


def test_a_package_holds_what_all_have_signed(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari", "ola"], package=True)
    for session in lease.sessions:
        assert leases.package(lease) is None
        localsign.sign.session(session).sign()
    package = leases.package(lease)
    assert package is not None
    assert package.startswith(b"%PDF")


@pytest.mark.localsign(lags={"packaging": "reads:3"})
def test_a_package_that_takes_time_is_asked_for_again(leases: Leases, localsign: Workspace) -> None:
    lease = leases.send("A-1", a_pdf(), ["kari"], package=True)
    localsign.sign.session(lease.sessions[0]).sign()
    looks = [leases.package(lease) is not None for _ in range(4)]
    assert looks[0] is False
    assert looks[-1] is True
