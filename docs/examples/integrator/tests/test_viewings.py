"""A guest fills in a form, an agent decides."""

import pytest
from app.viewings import Viewings

from localsign import SandboxError, Workspace


def test_a_viewing_waits_for_its_guest(viewings: Viewings, localsign: Workspace) -> None:
    journey = viewings.invite("Flat 7")
    assert viewings.status(journey["journeyId"])["status"] == "active"
    assert "See Flat 7" in localsign.http.anonymous.get(journey["journeyUrl"], follow_redirects=True).text


def test_an_approval_welcomes_the_guest(viewings: Viewings, localsign: Workspace) -> None:
    journey = viewings.invite("Flat 7")["journeyId"]
    localsign.mint.journey(journey).complete(name="Kari", persons="2")
    localsign.mint.journey(journey).approve()
    status = viewings.status(journey)
    assert status["status"] == "finished"
    assert status["name"] == "Welcome, Kari"


def test_a_refusal_is_told(viewings: Viewings, localsign: Workspace) -> None:
    journey = viewings.invite("Flat 7")["journeyId"]
    localsign.mint.journey(journey).complete(name="Kari", persons="9")
    localsign.mint.journey(journey).reject()
    assert viewings.status(journey)["name"] == "Sorry, Kari"


def test_what_the_guest_wrote_is_kept(viewings: Viewings, localsign: Workspace) -> None:
    journey = viewings.invite("Flat 7")["journeyId"]
    localsign.mint.journey(journey).complete(name="Kari", persons="2")
    assert viewings.guest(journey)["name"] == "Kari"


def test_a_form_without_a_name_is_not_accepted(viewings: Viewings, localsign: Workspace) -> None:
    journey = viewings.invite("Flat 7")["journeyId"]
    with pytest.raises(SandboxError, match="name"):
        localsign.mint.journey(journey).complete({"persons": "2"})
    assert viewings.status(journey)["status"] == "active"


def test_the_agent_is_asked_by_e_mail(viewings: Viewings, localsign: Workspace) -> None:
    journey = viewings.invite("Flat 7")["journeyId"]
    localsign.mint.journey(journey).complete(name="Kari", persons="2")
    [mail] = localsign.outbox.wait(to="agent@fjord.example")
    assert localsign.http.anonymous.get(mail["links"][0]).status_code == 200


def test_one_workflow_serves_all_viewings(viewings: Viewings, localsign: Workspace) -> None:
    journeys = {viewings.invite(f"Flat {number}")["journeyId"] for number in range(3)}
    assert len(journeys) == 3
    assert localsign.journal.count(operation="mint.create_workflow")["count"] == 1
