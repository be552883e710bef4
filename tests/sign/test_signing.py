"""Signing: what comes out of which flow, who may sign, and that it happens once."""

import asyncio
import base64
import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.conftest import Server
from tests.core.poppler import nss_folder, pdfsig
from tests.sign.reading import Evidence, serial_numbers, signers, stamps
from tests.world import NO_TLS, PKI, Json, World, agreement, refused, terms

KARI = {"name": "Kari Nordmann", "nin": "01019012345"}
OLA = {"name": "Ola Nordmann", "nin": "02029023456"}
NIN = "NATIONAL_IDENTIFICATION_NUMBER"
PDF_VENDORS = ["AUDKENNI", "BUYPASS", "ESTEID", "MOBILEID", "NBID", "SK_MOBILEID", "SMARTID"]
SBID = PKI | {"vendor": "SBID", "additionalParameters": {"sbid_sign_type": "PHONE"}}


def text(world: World, content: bytes | None = None, media_type: str = "text/plain") -> str:
    return world.upload(terms() if content is None else content, media_type)


def signatures(session: Json) -> list[Json]:
    return list(session["output"]["signatures"])


def results(world: World, session: Json) -> list[bytes]:
    return [world.download(one["resultDocumentId"]) for one in signatures(session)]


def evidence(server: Server, document: bytes) -> Evidence:
    return Evidence(server.sandbox.house.authority, document)


def trusted_signers(server: Server, pdf: bytes) -> list[str]:
    return signers(server.sandbox.house.authority, pdf)


# ---- AUTHENTICATION_BASED


def test_logging_in_gives_sealed_evidence_of_a_pdf(server: Server, world: World) -> None:
    now = world.freeze()
    session = world.session(title="Leieavtale", signText="I agree to <all> of it")
    assert session["output"] == {"signatures": [], "packages": []}
    signed = world.sign(session, signer=KARI)
    [signature] = signatures(signed)
    assert signature == {
        "resultDocumentId": signature["resultDocumentId"],
        "signatureType": "XADES",
        "originalDocumentId": session["documents"][0]["documentId"],
        "documentCollectionId": session["documents"][0]["documentCollectionId"],
    }
    assert world.read(session) == signed
    answer = world.api.get(f"/sign/documents/{signature['resultDocumentId']}")
    assert answer.headers["content-type"] == "application/xml"
    found = evidence(server, answer.content)
    assert found["document/sha256"] == hashlib.sha256(agreement()).hexdigest()
    assert found["document/mediaType"] == "application/pdf"
    assert found["document/content"] is None
    assert (found["signer/name"], found["signer/nationalId"]) == ("Kari Nordmann", "01019012345")
    assert found["signer/eid"] == "nbid"
    assert (found["session/id"], found["session/title"]) == (session["id"], "Leieavtale")
    assert found["consent/signText"] == "I agree to <all> of it"
    assert datetime.fromisoformat(str(found["consent/time"])) == now


@pytest.mark.parametrize("media_type", ["text/plain", "text/markdown"])
def test_logging_in_gives_evidence_that_holds_a_text(server: Server, world: World, media_type: str) -> None:
    content = "# Vilkår\n\nÆrlig talt.\n".encode()
    session = world.session(world.collect(text(world, content, media_type)), packageTo=["PADES_CONTAINER"])
    signed = world.sign(session)
    assert [one["signatureType"] for one in signatures(signed)] == ["XADES"]
    [document] = results(world, signed)
    found = evidence(server, document)
    assert found["document/mediaType"] == media_type
    assert base64.b64decode(str(found["document/content"])) == content
    assert world.read(session)["output"]["packages"] == []


def test_every_signer_leaves_evidence_of_every_document(server: Server, world: World) -> None:
    documents = [text(world, b"text %d" % number) for number in range(3)]
    collection = world.collect(*documents)
    seen = set()
    for signer in (KARI, OLA):
        signed = world.sign(world.session(collection), signer=signer)
        assert [one["originalDocumentId"] for one in signatures(signed)] == documents
        for number, document in enumerate(results(world, signed)):
            found = evidence(server, document)
            assert found["document/sha256"] == hashlib.sha256(b"text %d" % number).hexdigest()
            seen.add((found["signer/name"], number))
    assert len(seen) == 6


def test_a_result_names_the_collection_it_was_signed_in(world: World) -> None:
    shared = text(world)
    one, other = world.collect(shared), world.collect(shared, text(world))
    documents = [*world.a_session(other)["documents"], *world.a_session(one)["documents"]]
    signed = world.sign(world.session(documents=documents))
    assert [(s["documentCollectionId"], s["originalDocumentId"]) for s in signatures(signed)] == [
        (d["documentCollectionId"], d["documentId"]) for d in documents
    ]


def test_a_document_to_view_is_not_signed(world: World) -> None:
    wanted = world.a_session(world.collect(text(world), text(world), text(world)))
    wanted["documents"][1]["action"] = "VIEW"
    signed = world.sign(world.session(**wanted))
    originals = [one["originalDocumentId"] for one in signatures(signed)]
    assert originals == [wanted["documents"][place]["documentId"] for place in (0, 2)]


def test_a_session_with_nothing_but_documents_to_view_can_be_signed(world: World) -> None:
    wanted = world.a_session(packageTo=["PADES_CONTAINER"])
    wanted["documents"][0]["action"] = "VIEW"
    signed = world.sign(world.session(**wanted))
    assert signed["lifecycle"]["state"] == "SIGNED"
    assert signatures(signed) == []


def test_a_result_is_named_after_its_original(world: World) -> None:
    document = world.upload()
    world.api.patch(f"/sign/documents/{document}/metadata", json={"filename": "leie.pdf"})
    [signature] = signatures(world.sign(world.session(world.collect(document))))
    info = world.api.get(f"/sign/documents/{signature['resultDocumentId']}/metadata").json()
    assert info["filename"] == "leie-signature.xml"
    assert info["mimeType"] == "application/xml"
    content = world.download(signature["resultDocumentId"])
    assert info["documentHash"]["hash"] == hashlib.sha256(content).hexdigest()


# ---- PKISIGNING


@pytest.mark.parametrize("vendor", PDF_VENDORS)
def test_pki_gives_a_signed_pdf(server: Server, world: World, vendor: str) -> None:
    session = world.session(signingSetup=[PKI | {"vendor": vendor}])
    signed = world.sign(session, signer=KARI)
    [signature] = signatures(signed)
    assert signature["signatureType"] == "PADES"
    answer = world.api.get(f"/sign/documents/{signature['resultDocumentId']}")
    assert answer.headers["content-type"] == "application/pdf"
    assert trusted_signers(server, answer.content) == ["Kari Nordmann"]
    assert world.read(session)["output"]["packages"] == []
    assert world.download(signature["originalDocumentId"]) == agreement()


def test_sbid_gives_evidence_of_text_with_the_sign_text(server: Server, world: World) -> None:
    collection = world.collect(text(world))
    session = world.session(collection, signingSetup=[SBID], signText="Jag godkänner")
    signed = world.sign(session, signer=KARI)
    assert [one["signatureType"] for one in signatures(signed)] == ["XADES"]
    [document] = results(world, signed)
    found = evidence(server, document)
    assert base64.b64decode(str(found["document/content"])) == terms()
    assert (found["consent/signText"], found["signer/eid"]) == ("Jag godkänner", "SBID")


def test_signers_sign_one_after_another_into_the_same_pdf(server: Server, world: World, tmp_path: Path) -> None:
    collection = world.collect()
    first, second = (world.session(collection, signingSetup=[PKI]) for _ in range(2))
    [one] = results(world, world.sign(first, signer=KARI))
    [both] = results(world, world.sign(second, signer=OLA))
    assert trusted_signers(server, one) == ["Kari Nordmann"]
    assert trusted_signers(server, both) == ["Kari Nordmann", "Ola Nordmann"]
    assert both.startswith(one)
    [first_stamp, second_stamp] = stamps(both)
    assert second_stamp[0] >= first_stamp[2] or second_stamp[3] <= first_stamp[1]  # beside or below
    assert results(world, world.read(first)) == [one]


@pytest.mark.poppler
def test_poppler_trusts_what_two_signers_signed(server: Server, world: World, tmp_path: Path) -> None:
    collection = world.collect()
    for signer in (KARI, OLA):
        session = world.session(collection, signingSetup=[PKI])
        [pdf] = results(world, world.sign(session, signer=signer))
    store = nss_folder(server.sandbox.house.authority, tmp_path)
    verdicts = pdfsig(store, pdf, tmp_path)
    assert sorted(one.signer for one in verdicts) == ["Kari Nordmann", "Ola Nordmann"]
    assert all(one.is_valid and one.is_trusted for one in verdicts)
    assert [one.is_total for one in verdicts].count(True) == 1


def test_the_same_pdf_in_two_collections_is_signed_apart(server: Server, world: World) -> None:
    document = world.upload()
    for signer in (KARI, OLA):
        session = world.session(world.collect(document), signingSetup=[PKI])
        [pdf] = results(world, world.sign(session, signer=signer))
        assert trusted_signers(server, pdf) == [signer["name"]]


def test_a_result_that_was_deleted_is_not_signed_on(server: Server, world: World) -> None:
    collection = world.collect()
    first, second = (world.session(collection, signingSetup=[PKI]) for _ in range(2))
    world.sign(first, signer=KARI)
    world.api.delete(f"/sign/signing-sessions/{first['id']}")
    [pdf] = results(world, world.sign(second, signer=OLA))
    assert trusted_signers(server, pdf) == ["Ola Nordmann"]


# ---- who signs


def test_a_signer_without_a_name_gets_one(server: Server, world: World) -> None:
    [document] = results(world, world.sign(world.session()))
    found = evidence(server, document)
    assert (found["signer/name"], found["signer/nationalId"]) == ("Test Signer", None)


def test_the_signer_has_the_number_that_the_session_expects(server: Server, world: World) -> None:
    session = world.session(signer={"nationalIdentificationNumber": "03039034567"})
    [document] = results(world, world.sign(session))
    assert evidence(server, document)["signer/nationalId"] == "03039034567"


def test_without_validation_anybody_may_sign(server: Server, world: World) -> None:
    session = world.session(signer={"nationalIdentificationNumber": "03039034567", "validations": []})
    [document] = results(world, world.sign(session, signer=KARI))
    assert evidence(server, document)["signer/nationalId"] == "01019012345"


def test_with_validation_only_the_signer_who_was_meant_can_sign(server: Server, world: World) -> None:
    signer = {"nationalIdentificationNumber": KARI["nin"], "validations": [NIN]}
    session = world.session(signer=signer)
    body = refused(world.act(session, "sign", signer=OLA), 409, code="signer_mismatch")
    assert body["state"] == "READY"
    assert OLA["nin"] not in str(body)
    assert KARI["nin"] not in str(body)
    assert world.read(session) == session
    [document] = results(world, world.sign(session, signer=KARI))
    assert evidence(server, document)["signer/nationalId"] == KARI["nin"]


RESTRICTED: dict[str, Any] = {
    "nationalIdentificationNumber": KARI["nin"],
    "validations": [NIN],
    "restrictUse": [{"parameter": "NIN", "restriction": "NO_USE"}],
}


@pytest.mark.parametrize("signer", [KARI, {"name": "Kari Nordmann"}])
def test_a_number_that_must_not_be_used_is_not_in_the_evidence(server: Server, world: World, signer: Json) -> None:
    [document] = results(world, world.sign(world.session(signer=RESTRICTED), signer=signer))
    assert evidence(server, document)["signer/name"] == "Kari Nordmann"
    assert KARI["nin"].encode() not in document


def test_a_number_that_must_not_be_used_is_not_in_the_certificate(world: World) -> None:
    used, unused = (
        results(world, world.sign(world.session(signingSetup=[PKI], **more), signer=KARI))[0]
        for more in ({}, {"signer": RESTRICTED})
    )
    assert KARI["nin"] in str(serial_numbers(used))
    assert KARI["nin"] not in str(serial_numbers(unused))


# ---- once, and in time


@pytest.mark.parametrize("outcome", ["SIGNED", "REJECTED"])
@pytest.mark.parametrize("action", ["open", "sign", "reject", "cancel", "error"])
def test_an_act_that_comes_too_late_is_told_what_happened(world: World, outcome: str, action: str) -> None:
    session = world.session(world.collect(text(world)))
    reason = {"reason": "too dear"} if outcome == "REJECTED" else {}
    world.act(session, "sign" if outcome == "SIGNED" else "reject", **reason)
    before = world.read(session)
    body = refused(world.act(session, action, reason="later"), 409)
    assert body["state"] == outcome
    assert outcome in body["detail"]
    if action == "sign":
        assert body.get("rejectReason") == reason.get("reason")
    assert world.read(session) == before


def sign_at_once(world: World, sessions: list[Json]) -> Counter[int]:
    """Sign all of `sessions` at the same time, each over a connection of its own, and count the statuses."""

    async def sign_all() -> Counter[int]:
        limits = httpx.Limits(max_connections=len(sessions))
        async with httpx.AsyncClient(base_url=world.url, timeout=120, limits=limits, verify=NO_TLS) as client:
            calls = [
                client.post(f"/_sandbox/v1/sign/sessions/{one['id']}/act", json={"action": "sign"}) for one in sessions
            ]
            return Counter(answer.status_code for answer in await asyncio.gather(*calls))

    with ThreadPoolExecutor(1) as elsewhere:  # a browser test may have left an event loop running here
        return elsewhere.submit(asyncio.run, sign_all()).result()


@pytest.mark.parametrize("setup", ["text", "pki"])
def test_of_200_who_sign_at_once_exactly_one_does(server: Server, world: World, setup: str) -> None:
    if setup == "pki":
        session = world.session(signingSetup=[PKI])
    else:
        session = world.session(world.collect(text(world), text(world)))
    assert sign_at_once(world, [session] * 200) == {200: 1, 409: 199}
    signed = world.read(session)
    assert signed["lifecycle"] == {"state": "SIGNED", "stateIsFinal": True}
    assert len(signatures(signed)) == len(session["documents"])
    if setup == "pki":
        assert len(trusted_signers(server, results(world, signed)[0])) == 1


def test_signers_who_sign_one_pdf_at_once_all_end_up_in_it(server: Server, world: World) -> None:
    collection = world.collect()
    sessions = [world.session(collection, signingSetup=[PKI]) for _ in range(4)]
    assert sign_at_once(world, sessions) == {200: 4}
    pdfs = [results(world, world.read(one))[0] for one in sessions]
    assert sorted(len(trusted_signers(server, pdf)) for pdf in pdfs) == [1, 2, 3, 4]


# ---- what is the same, and what never is


def test_two_sessions_never_give_the_same_bytes(world: World) -> None:
    world.freeze()
    collection = world.collect()
    evidences = [results(world, world.sign(world.session(collection), signer=KARI))[0] for _ in range(3)]
    assert len(set(evidences)) == 3
    pdfs = []
    for _ in range(2):
        session = world.session(world.collect(), signingSetup=[PKI])
        pdfs += results(world, world.sign(session, signer=KARI))
    assert pdfs[0] != pdfs[1]


def story(server: Server, seed: str) -> tuple[str, list[bytes]]:
    """All that a client sees of a session, a signed PDF and a package; without the workspace's address."""
    world = server.world(seed=seed)
    world.freeze("2040-01-01T00:00:00Z")
    document = world.upload()
    world.collect(document)
    collection = world.collect(document, packageTo=["PADES_CONTAINER"])
    sessions = [
        world.session(collection, packageTo=["PADES_CONTAINER"]),
        world.session(signingSetup=[PKI]),
    ]
    for session in sessions:
        world.sign(session, signer=KARI)
    packaged = world.api.get(f"/sign/document-collections/{collection['id']}").json()
    ended = [world.read(one) for one in sessions]
    made = [one["resultDocumentId"] for one in packaged["output"]["packages"]]
    for session in ended:
        made += [one["resultDocumentId"] for kind in session["output"].values() for one in kind]
    documents = [world.download(one) for one in made]
    world.close()
    return str([packaged, *ended]).replace(world.url, ""), documents


def test_the_same_seed_and_time_give_the_same_ids_and_bytes(server: Server) -> None:
    first, again, other = story(server, "7"), story(server, "7"), story(server, "8")
    assert first == again
    assert len(first[1]) == 4
    assert first[0] != other[0]
    assert not set(first[1]) & set(other[1])
