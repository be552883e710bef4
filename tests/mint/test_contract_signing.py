"""The contract-signing workflow of the fixtures: by control calls, by a person on the pages, in a browser."""

import pytest
from tests.conftest import Server
from tests.mint.flows import Mint, id_of
from tests.mint.samples import sample
from tests.sign.reading import signers
from tests.signer import Signer
from tests.world import Json

STEPS = ["form", "name", "contract", "order", "signer", "send", "sign", "returns", "redirect", "download"]


def signed_pdf(mint: Mint, journey: Json) -> bytes:
    """The one signed document of a journey that has ended."""
    journey = mint.read(journey)
    assert journey["status"] == "finished", (journey, mint.log(journey))
    [made, signed] = journey["files"]
    assert (made["stepId"], made["filename"], made["contentType"]) == ("contract", "contract.pdf", "application/pdf")
    assert signed["stepId"] == "download"
    assert journey["stepData"]["download"]["files"][0]["id"] == signed["id"]
    answer = mint.api.get(f"/mint/journeys/{id_of(journey)}/files/{signed['id']}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert len(answer.content) == signed["size"]
    return answer.content


def test_by_control_calls_only(server: Server, mint: Mint) -> None:
    started = mint.start(mint.create(sample("contract-signing")), input={"name": "Kari Nordmann"})
    assert started["stepId"] == "form"
    journey = mint.act(started, "complete", data={"name": "Kari Nordmann", "email": "kari@example.com", "months": "6"})
    assert (journey["status"], journey["name"]) == ("active", "Contract of Kari Nordmann")
    assert journey["activeSteps"] == [{"stepId": "sign", "stepType": "SignInsideJourney"}]

    session_id = journey["stepData"]["send"]["signers"][0]["signingSessionId"]
    assert mint.world.read(session_id)["lifecycle"]["state"] == "READY"
    mint.act(started, "complete", data={"name": "Kari Nordmann", "nin": "14839010231"})

    assert mint.world.read(session_id)["lifecycle"]["state"] == "SIGNED"
    assert signers(server.sandbox.house.authority, signed_pdf(mint, started)) == ["Kari Nordmann"]
    assert [one["stepId"] for one in mint.log(started)["steps"]] == [one for one in STEPS if one != "redirect"]


def test_signing_in_sign_itself_resumes_the_journey(server: Server, mint: Mint) -> None:
    started = mint.start(mint.create(sample("contract-signing")))
    sent = mint.act(started, "complete")["stepData"]["send"]
    mint.world.sign(sent["signers"][0]["signingSessionId"], signer={"name": "Ola Nordmann"})
    assert signers(server.sandbox.house.authority, signed_pdf(mint, started)) == ["Ola Nordmann"]


def test_rejecting_faults_the_journey_where_rejected_leads_nowhere(mint: Mint) -> None:
    started = mint.start(mint.create(sample("contract-signing")))
    mint.act(started, "complete")
    journey = mint.act(started, "reject", data={"reason": "too dear"})
    assert journey["status"] == "faulted"
    assert "is REJECTED" in mint.events(started, "sign")[-2][1]


def test_by_a_person_who_goes_from_page_to_page(server: Server, mint: Mint) -> None:
    workflow = mint.create(sample("contract-signing"))
    person = Signer(f"{workflow['workflowUrl']}?name=Kari&email=kari@example.com&returnUrl=https://app.test/done&x=1")
    visit = person.get()
    assert visit.status_code == 303
    person.link = visit.headers["location"]
    seen = person.look()
    assert "Rent an office" in seen.text
    assert (seen.value("field:name"), seen.value("field:months")) == ("Kari", "12")

    form = {
        "action": "complete",
        "step": "form",
        "field:name": "Kari Nordmann",
        "field:email": "kari",
        "field:months": "",
    }
    wrong = person.post(form)
    assert wrong.status_code == 422
    assert "Your e-mail address must be an e-mail address." in wrong.text
    here = person.post({**form, "field:email": "kari@example.com"}).headers["location"]
    onward = person.request("GET", here).headers["location"]
    assert onward.startswith(f"{mint.world.url}/sign/?sessionId=")

    signing = Signer(onward)
    back = signing.post({"action": "sign", "name": "Kari Nordmann"})
    assert (back.status_code, "/mint/go/" in back.headers["location"]) == (303, True)
    visit = person.request("GET", back.headers["location"])
    gone = person.request("GET", visit.headers["location"])
    assert (gone.status_code, gone.headers["location"]) == (303, "https://app.test/done")

    [journey] = mint.api.get("/mint/journeys", params={"workflowId": workflow["id"]}).json()["data"]
    assert mint.read(journey)["stepData"]["form"]["email"] == "kari@example.com"
    assert signers(server.sandbox.house.authority, signed_pdf(mint, journey)) == ["Kari Nordmann"]
    assert [one["stepId"] for one in mint.log(journey)["steps"]] == STEPS


def test_whoever_leaves_the_signing_page_can_go_back_to_it(mint: Mint) -> None:
    started = mint.start(mint.create(sample("contract-signing")))
    mint.act(started, "complete")
    url = mint.api.post(f"/mint/journeys/{id_of(started)}/url", json={}).json()["journeyUrl"]
    person = Signer(url)
    person.link = person.get().headers["location"]
    signing = Signer(person.get().headers["location"])
    back = signing.post({"action": "cancel"}).headers["location"]
    left = person.request("GET", person.request("GET", back).headers["location"])
    assert "You left without signing" in left.text
    assert "/sign/?sessionId=" in person.get().headers["location"]


@pytest.mark.parametrize(("life", "status"), [("PT60S", 410), ("PT1H", 303)])
def test_the_way_back_lives_from_when_the_browser_left(mint: Mint, life: str, status: int) -> None:
    mint.switch("mint.return-url-life", life)
    started = mint.start(mint.create(sample("contract-signing")))
    mint.act(started, "complete")
    mint.world.advance("PT2H")  # the end user takes their time before they open the journey
    url = mint.api.post(f"/mint/journeys/{id_of(started)}/url", json={}).json()["journeyUrl"]
    person = Signer(url)
    person.link = person.get().headers["location"]
    signing = Signer(person.get().headers["location"])
    back = signing.post({"action": "cancel"}).headers["location"]
    mint.world.advance("PT61S")
    answer = person.request("GET", back)
    assert answer.status_code == status
    assert ("This link has expired" in answer.text) == (status == 410)
