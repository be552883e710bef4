"""People who act by a decision: what their e-mail address says, what a world does by default."""

import pytest
from tests.signing_today.people import ANNA, BRUNO
from tests.signing_today.transactions import Desk, a_plan, a_request, a_text, account, external
from tests.world import Json

from localsign.core.decisions import Decision


def decided(desk: Desk) -> list[tuple[str, str]]:
    """What was decided for whom, and what came of it."""
    with desk.people.workspace.work() as work:
        found = sorted(work.everything(Decision), key=lambda one: one.seq or 0)
    return [(str(one.person["email"]), one.state.value) for one in found]


def test_an_address_signs(desk: Desk) -> None:
    dst = desk.published(a_plan([external(1, email="sign+eve@example.com")]))
    assert dst["status"] == "toSign"
    assert desk.read(dst)["status"] == "signed"


def test_an_address_declines(desk: Desk) -> None:
    dst = desk.published(a_plan([external(1, email="reject+eve@example.com"), account(ANNA, 2)]))
    dst = desk.read(dst)
    assert dst["status"] == "rejected"
    assert decided(desk) == [("reject+eve@example.com", "acted"), ("anna@demo.example", "withdrawn")]


def test_who_signs_by_itself_waits_for_its_turn_and_fills_in_before(desk: Desk) -> None:
    eve = external(2, email="sign+eve@example.com")
    dst = desk.published(a_plan([account(BRUNO, 1)], [eve], forms=[a_text(11, 2)]))
    dst = desk.read(dst)
    assert dst["status"] == "toSign"
    assert dst["documents"][0]["forms"][0]["extraData"]["text"] == "Filled in"
    assert dst["signatures"] == []
    desk.act(dst, "sign")
    assert desk.read(dst)["status"] == "signed"
    assert decided(desk)[1] == ("bruno@demo.example", "commanded")


def test_what_cannot_be_declined_is_refused_and_stays(desk: Desk) -> None:
    person = external(1, email="reject+eve@example.com")
    dst = desk.published(a_plan([person], signatureRequests=[a_request(declinable=False)]))
    assert desk.read(dst)["status"] == "toSign"
    assert decided(desk) == [("reject+eve@example.com", "refused")]
    assert desk.act(dst, "sign")["status"] == "signed"


@pytest.mark.parametrize("end", ["delete", "expire"])
def test_nobody_is_waited_for_after_the_end(desk: Desk, end: str) -> None:
    dst: Json = desk.published()
    if end == "delete":
        desk.call("DELETE", f"/DST/{dst['id']}", 204)
    else:
        desk.world.advance("P31D")
    assert decided(desk) == [("anna@demo.example", "withdrawn")]


def test_an_automatic_signer_signs_when_it_is_its_turn(desk: Desk) -> None:
    stamp = desk.automatic()
    dst = desk.published(a_plan([account(ANNA, 1)], [account(stamp, 2)]))
    assert desk.read(dst)["signatures"] == []
    desk.act(dst, "sign")
    after = desk.read(dst)
    assert after["status"] == "signed"
    assert [one["signatureRequestId"] for one in after["signatures"]] == [1, 2]


def test_an_automatic_signer_does_not_fill_in_texts(desk: Desk) -> None:
    dst = desk.published(a_plan([account(desk.automatic(), 1)], forms=[a_text(11)]))
    assert desk.read(dst)["status"] == "toFill"
    desk.act(dst, "fill")
    assert desk.read(dst)["status"] == "signed"


def test_an_automatic_signer_comes_too_late(desk: Desk) -> None:
    """Somebody declines in the moment in which two are asked, of whom one signs by itself."""
    dst = desk.published(a_plan([external(1, email="reject+eve@example.com"), account(desk.automatic(), 2)]))
    assert desk.read(dst)["status"] == "rejected"
    assert desk.world.control("GET", "timers?state=failed").json()["timers"] == []


@pytest.mark.parametrize("end", ["signed", "rejected", "deleted"])
def test_nothing_is_left_to_happen_after_the_end(desk: Desk, end: str) -> None:
    dst = {"signed": desk.signed, "rejected": desk.rejected, "deleted": desk.published}[end]()
    if end == "deleted":
        desk.call("DELETE", f"/DST/{dst['id']}", 204)
    assert desk.world.control("GET", "timers?state=waiting").json()["timers"] == []
