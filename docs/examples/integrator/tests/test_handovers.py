"""The tenant signs the protocol of the handover, or does not."""

import httpx
import pytest
from app.handovers import Handovers
from tests.papers import a_pdf

from localsign import Workspace

EVE = {"name": "Eve", "surname": "Tenant", "email": "eve@example.com"}


def test_a_protocol_waits_for_its_tenant(handovers: Handovers) -> None:
    dst = handovers.prepare("Flat 7", a_pdf("Protocol"), EVE)
    assert handovers.status(dst) == "toSign"


def test_the_tenant_signs(handovers: Handovers, localsign: Workspace) -> None:
    dst = handovers.prepare("Flat 7", a_pdf("Protocol"), EVE)
    localsign.signing_today.dst(dst).sign()
    assert handovers.status(dst) == "signed"
    assert handovers.signed(dst).startswith(b"%PDF")


def test_the_meter_is_read_before_anybody_signs(handovers: Handovers, localsign: Workspace) -> None:
    dst = handovers.prepare("Flat 7", a_pdf("Protocol"), EVE, with_meter=True)
    assert handovers.status(dst) == "toFill"
    localsign.signing_today.dst(dst).fill("4711 kWh")
    localsign.signing_today.dst(dst).sign()
    assert handovers.status(dst) == "signed"


def test_a_protocol_that_is_declined_is_made_anew(handovers: Handovers, localsign: Workspace) -> None:
    dst = handovers.prepare("Flat 7", a_pdf("Protocol"), EVE)
    localsign.signing_today.dst(dst).decline("The window is broken.")
    assert handovers.status(dst) == "rejected"
    again = handovers.again(dst)
    assert again != dst
    assert handovers.status(again) == "draft"


def test_an_e_mail_address_signs_by_itself(handovers: Handovers) -> None:
    dst = handovers.prepare("Flat 7", a_pdf("Protocol"), EVE | {"email": "sign+eve@example.com"})
    assert handovers.status(dst) == "signed"


def test_another_organization_sees_nothing(handovers: Handovers, localsign: Workspace) -> None:
    dst = handovers.prepare("Flat 7", a_pdf("Protocol"), EVE)
    partner = Handovers(localsign.http.signing_today(as_="admin@partner"))
    with pytest.raises(httpx.HTTPStatusError) as refusal:
        partner.status(dst)
    assert refusal.value.response.status_code in (403, 404)
