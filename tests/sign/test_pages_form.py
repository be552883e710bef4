"""The form of the signer's page: what it asks for, and what it does with wrong answers."""

import httpx
import pytest
from tests.conftest import Server
from tests.sign.reading import Evidence
from tests.signer import NIN, SIGNING, Signer, shows, state_of
from tests.world import PKI, Json, World, names


def test_without_consent_nothing_is_signed(world: World) -> None:
    session = world.session(signText="I agree to all of it.")
    signer = Signer(session)
    assert "I agree to all of it." in signer.look().text
    seen = shows(signer.post({**SIGNING, "nin": "12", "reason": "none"}), 422, "Tick the box")
    assert (seen.value("name"), seen.value("nin")) == ("Kari Nordmann", "12")
    assert "none" in seen.text
    assert state_of(world, session) == "READY"
    assert signer.post({**SIGNING, "consent": "yes"}).status_code == 303


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"action": "sign"}, "Your name is missing"),
        ({"action": "sign", "name": "  "}, "Your name is missing"),
        ({"action": "sign", "name": "a" * 201}, "at most 200 characters"),
        ({"action": "sign", "name": "a\x01b"}, "cannot be printed"),
        ({**SIGNING, "nin": "1" * 65}, "at most 64 characters"),
        ({**SIGNING, "eid": "fake"}, "Choose one of the eIDs"),
        ({"action": "reject", "reason": "x" * 2049}, "at most 2048 characters; yours has 2049"),
        ({"action": "dance"}, "Choose one of the buttons"),
        ({}, "Choose one of the buttons"),
    ],
)
def test_flaws_bring_the_form_back(world: World, form: dict[str, str], words: str) -> None:
    session = world.session()
    seen = shows(Signer(session).post(form), 422, words)
    kept = " ".join([seen.text, *seen.all("input", "value")])
    assert all(value.strip() in kept for name, value in form.items() if name in ("name", "nin", "reason"))
    assert state_of(world, session) == "READY"


def test_a_reason_may_have_2048_characters(world: World) -> None:
    reason = "å\r\n" * 1023 + "xy"
    assert Signer(world.session()).post({"action": "reject", "reason": reason}).status_code == 303


def test_what_is_no_form_of_ours_is_refused_with_a_page(world: World) -> None:
    link = world.session()["signatureUrl"]
    shows(httpx.post(link, json={"action": "sign"}), 422, "Choose one of the buttons")
    shows(httpx.post(link, content=b"\xff\xfe&&=%ff"), 422)
    shows(httpx.post(link, content="a=1&" * 101), 400, "more than 100 fields")
    shows(httpx.post(link, content=b"a" * (4 * 1024 * 1024 + 1)), 413, "larger than")


def test_the_number_is_filled_in(world: World) -> None:
    signer = Signer(world.session(signer={"nationalIdentificationNumber": NIN}))
    assert signer.look().value("nin") == NIN


def test_a_restricted_number_is_not_asked_for(world: World) -> None:
    restricted = {"nationalIdentificationNumber": NIN, "restrictUse": [{"parameter": "NIN", "restriction": "NO_USE"}]}
    signer = Signer(world.session(signer=restricted))
    assert "nin" not in signer.look().all("input", "name")
    assert NIN not in signer.get().text
    assert signer.post({**SIGNING, "nin": "1" * 65}).status_code == 303


def test_another_number_cannot_sign(world: World) -> None:
    asked = {"nationalIdentificationNumber": NIN, "validations": ["NATIONAL_IDENTIFICATION_NUMBER"]}
    session = world.session(signer=asked)
    signer = Signer(session)
    seen = shows(signer.post({**SIGNING, "nin": "999"}), 422, "not the number of the person")
    assert seen.value("nin") == "999"
    shows(signer.post({**SIGNING, "nin": ""}), 422, "The number is missing")
    assert state_of(world, session) == "READY"
    assert signer.post({**SIGNING, "nin": NIN}).status_code == 303


@pytest.mark.parametrize(
    ("setup", "eids"),
    [
        (
            {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": "a"}, {"idpName": "b"}]},
            ["a", "b"],
        ),
        ({"signingFlow": "AUTHENTICATION_BASED"}, ["simulated eID"]),
        (PKI, ["NBID"]),
    ],
)
def test_the_eids_are_offered(world: World, setup: Json, eids: list[str]) -> None:
    seen = Signer(world.session(signingSetup=[setup])).look()
    assert [held["value"] for _, held in seen.tags if held.get("name") == "eid"] == eids


def test_the_evidence_names_the_eid_that_was_chosen(world: World, server: Server) -> None:
    providers = [{"idpName": "nbid"}, {"idpName": "mitid"}]
    setup = {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": providers}
    session = world.session(signingSetup=[setup])
    answer = Signer(session).post(SIGNING | {"eid": "mitid"})
    assert answer.status_code == 303
    [signature] = world.read(session)["output"]["signatures"]
    evidence = Evidence(server.sandbox.house.authority, world.download(signature["resultDocumentId"]))
    assert evidence["signer/eid"] == "mitid"


def test_a_deleted_document_is_told(world: World) -> None:
    session = world.session()
    document = session["documents"][0]["documentId"]
    world.api.delete(f"/sign/documents/{document}")
    signer = Signer(session)
    shows(signer.get(), 200, "This document was deleted")
    shows(signer.post(SIGNING), 409, "was deleted, so it cannot be signed")
    shows(signer.get(f"view/{document}"), 404, "no such document")


def test_other_sites_cannot_act(world: World) -> None:
    session = world.session()
    shows(Signer(session).post(SIGNING, **{"Sec-Fetch-Site": "cross-site"}), 403, "another site")
    assert state_of(world, session) == "READY"
    assert Signer(session).post(SIGNING, **{"Sec-Fetch-Site": "same-site"}).status_code == 303


def test_the_control_call_checks_the_eid_as_the_page_does(world: World) -> None:
    answer = world.act(world.session(), "sign", signer={"eid": "mitid"})
    assert answer.status_code == 400
    assert names(answer) == {"signer.eid"}


def test_a_persona_of_the_workspace_can_sign(world: World) -> None:
    made = world.control("POST", "personas", {"name": "Nora Berg", "eids": ["mitid"]}).json()
    idps = [{"idpName": "nbid"}, {"idpName": "mitid"}]
    session = world.session(signingSetup=[{"signingFlow": "AUTHENTICATION_BASED", "identityProviders": idps}])
    signer = Signer(session)
    offered = signer.get().text
    assert '<option value="nora-berg">Nora Berg</option>' in offered
    assert '<option value="" selected>Somebody else</option>' in offered
    assert signer.post({**SIGNING, "persona": "nora-berg"}).status_code == 303
    [signature] = world.read(session)["output"]["signatures"]
    evidence = world.download(signature["resultDocumentId"])
    assert b"Nora Berg" in evidence
    assert made["national_id"].encode() in evidence
    assert b"mitid" in evidence


def test_a_persona_that_is_not_the_one_asked_for_cannot_sign(world: World) -> None:
    asked = {"nationalIdentificationNumber": "14839010231", "validations": ["NATIONAL_IDENTIFICATION_NUMBER"]}
    signer = Signer(world.session(signer=asked))
    answer = signer.post({**SIGNING, "persona": "ola"})
    assert answer.status_code == 422
    assert '<option value="ola" selected>' in answer.text
    assert signer.post({**SIGNING, "persona": "kari"}).status_code == 303


def test_a_persona_that_does_not_exist_is_somebody_else(world: World) -> None:
    session = world.session()
    assert Signer(session).post({**SIGNING, "persona": "<nobody>"}).status_code == 303
    assert world.read(session)["lifecycle"]["state"] == "SIGNED"
