"""Secure Share from a workflow: real shares, and what their ends do to the journey."""

import pytest
from tests.mint.conftest import Inside
from tests.mint.flows import Mint, flow, step
from tests.mint.samples import sample
from tests.world import Json

from localsign.core.outbox import Message

GIVEN = {"customer": "Fjord AS", "email": "buyer@example.com", "sender": "seller@example.com"}


def shared(mint: Mint) -> Json:
    """A journey of the fixtures that waits for its share to be fetched."""
    started = mint.start(mint.create(sample("secure-share")), input=GIVEN)
    assert started["stepId"] == "wait"
    return started


def share_of(mint: Mint, started: Json) -> Json:
    share_id = mint.read(started)["stepData"]["share"]["shareId"]
    answer = mint.api.get(f"/secure-share/shares/{share_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def mails(inside: Inside, recipient: str) -> list[str]:
    with inside() as work:
        return [one.subject or "" for one in work.everything(Message) if one.recipient == recipient]


def test_a_report_is_delivered(mint: Mint, inside: Inside) -> None:
    started = shared(mint)
    assert share_of(mint, started)["title"] == "Report for Fjord AS"
    assert len(mails(inside, "buyer@example.com")) == 1
    share = mint.read(started)["stepData"]["share"]
    address = f"secure-share/shares/{share['shareId']}/recipients/{share['recipients'][0]['recipientId']}/act"
    answer = mint.world.control("POST", address, {"action": "download"})
    assert answer.status_code == 200, answer.text
    journey = mint.read(started)
    assert (journey["status"], journey["stepData"]["wait"]) == ("finished", {"status": "Completed"})
    assert len(mails(inside, "seller@example.com")) == 1


def test_a_command_lets_everybody_fetch(mint: Mint) -> None:
    started = shared(mint)
    assert mint.act(started, "complete")["status"] == "finished"
    again = shared(mint)
    assert (
        mint.world.control("POST", f"mint/journeys/{again['journeyId']}/act", {"action": "approve"}).status_code == 409
    )
    body = {"stepId": "wait"}
    assert mint.api.post(f"/mint/journeys/{again['journeyId']}/resume", json=body).status_code == 409


def test_a_share_that_expires_goes_its_way(mint: Mint) -> None:
    started = shared(mint)
    mint.world.advance("P8D")
    journey = mint.read(started)
    assert (journey["status"], [one["stepId"] for one in journey["alerts"]]) == ("finished", ["share"])


def test_a_share_that_is_deleted_faults(mint: Mint) -> None:
    started = shared(mint)
    assert mint.api.delete(f"/secure-share/shares/{share_of(mint, started)['id']}").status_code == 204
    journey = mint.read(started)
    assert journey["status"] == "faulted"
    assert "it is Deleted" in mint.events(started, "wait")[-2][1]


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"files": ["{{ p.file }}"]}, "'recipients' is required"),
        ({"recipients": ["a@b.no"]}, "'files' is required"),
        ({"files": ["{{ p.file }}"], "recipients": ["nobody"]}, "recipients[0].email"),
        ({"files": ["{{ p.file }}"], "recipients": ["a@b.no"], "expires": "2001-01-01T00:00:00Z"}, "expires"),
    ],
)
def test_what_cannot_be_shared_faults_and_leaves_nothing(mint: Mint, properties: Json, words: str) -> None:
    journey = mint.run(step("p", "CreatePdfFromTemplate", content="x"), step("s", "CreateSecureShare", **properties))
    assert words in mint.events(journey, "s")[1][1]
    assert mint.api.get("/secure-share/shares").json()["total"] == 0


def test_waiting_for_nothing_faults(mint: Mint) -> None:
    started = mint.start(mint.create(flow(step("w", "WaitForSecureShare", shareId="0" * 32))))
    assert "no share with the id" in mint.events(started, "w")[1][1]
