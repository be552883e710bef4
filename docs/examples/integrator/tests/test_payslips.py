"""Payslips reach one person, who shows who they are."""

import pytest
from app.payslips import Payslips, Person
from app.vendor import RefusedError
from tests.papers import a_pdf

from localsign import SandboxError, Workspace

KARI = Person("Kari", "kari@example.com")
OLA = Person("Ola", "ola@example.com", national_id="01010199999")


def test_who_gets_a_payslip_gets_an_e_mail_with_a_link(payslips: Payslips, localsign: Workspace) -> None:
    sent = payslips.send("Payslip May", a_pdf("Payslip"), KARI)
    [mail] = localsign.outbox.wait(to=KARI.email, kind="share.invitation")
    assert sent.link in mail["links"]
    assert mail["language"] == "No"


def test_a_code_comes_by_e_mail_and_lets_one_in(payslips: Payslips, localsign: Workspace) -> None:
    sent = payslips.send("Payslip May", a_pdf("Payslip"), KARI)
    recipient = localsign.secure_share.share(sent.share).recipient(sent.recipient)
    recipient.authenticate()
    [mail] = localsign.outbox.wait(to=KARI.email, kind="share.code")
    assert len(mail["codes"][0]) == 6
    assert not payslips.is_fetched(sent)


def test_a_payslip_is_fetched_once_it_is_downloaded(payslips: Payslips, localsign: Workspace) -> None:
    sent = payslips.send("Payslip May", a_pdf("Payslip"), KARI)
    localsign.secure_share.share(sent.share).recipient(sent.recipient).download()
    assert payslips.is_fetched(sent)


def test_nobody_else_is_let_in(payslips: Payslips, localsign: Workspace) -> None:
    sent = payslips.send("Payslip May", a_pdf("Payslip"), OLA)
    recipient = localsign.secure_share.share(sent.share).recipient(sent.recipient)
    with pytest.raises(SandboxError) as refusal:
        recipient.authenticate(nin="02020288888")
    assert refusal.value.status == 409
    recipient.authenticate()


def test_a_reminder_is_another_e_mail(payslips: Payslips, localsign: Workspace) -> None:
    sent = payslips.send("Payslip May", a_pdf("Payslip"), KARI)
    payslips.remind(sent)
    assert [one["kind"] for one in localsign.outbox.list(to=KARI.email)] == ["share.reminder", "share.invitation"]


def test_who_has_it_is_not_reminded(payslips: Payslips, localsign: Workspace) -> None:
    sent = payslips.send("Payslip May", a_pdf("Payslip"), KARI)
    localsign.secure_share.share(sent.share).recipient(sent.recipient).download()
    with pytest.raises(RefusedError) as refusal:
        payslips.remind(sent)
    assert refusal.value.status == 409


def test_a_payslip_that_is_withdrawn_is_gone(payslips: Payslips, localsign: Workspace) -> None:
    sent = payslips.send("Payslip May", a_pdf("Payslip"), KARI)
    payslips.withdraw(sent)
    assert localsign.http.anonymous.get(sent.link).status_code in (404, 410)
    with pytest.raises(RefusedError) as refusal:
        payslips.is_fetched(sent)
    assert refusal.value.status == 404


def test_an_address_decides_what_its_owner_does(payslips: Payslips) -> None:
    """No control call at all: the word before the plus sign fetches the payslip at once."""
    sent = payslips.send("Payslip May", a_pdf("Payslip"), Person("Eager", "sign+eager@example.com"))
    assert payslips.is_fetched(sent)
