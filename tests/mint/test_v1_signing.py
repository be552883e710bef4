"""Signing orders in v1: how they stand and what they gave, whichever steps made them."""

from typing import Any

import pytest
from tests.conftest import Server
from tests.mint.flows import link, refused, step
from tests.mint.samples import sample
from tests.mint.v1_flows import V1, good
from tests.sign.reading import signers
from tests.world import AUTHENTICATION_BASED, Json, unknown_id


def test_a_signing_order_becomes_signed(server: Server, v1: V1) -> None:
    wanted = sample("contract-signing")
    made = v1.create({**wanted, "title": wanted["name"]})
    instance = v1.execute(made)
    assert v1.read(instance)["signingOrders"] == []
    v1.newer.act(instance, "complete")
    [order] = v1.read(instance)["signingOrders"]
    address = f"/mint/flows/sign/{order['documentId']}"
    [attachment] = order["attachmentIds"]
    assert good(v1.api.get(f"{address}/status"), 200) == {
        "documentId": order["documentId"],
        "documentStatus": "unsigned",
        "completedPackages": ["unsigned"],
        "attachmentPackages": {attachment: ["unsigned"]},
    }
    refused(v1.api.get(f"{address}/attachments/{attachment}"), 404)
    v1.newer.act(instance, "complete", data={"name": "Kari Nordmann", "nin": "14839010231"})
    status = good(v1.api.get(f"{address}/status"), 200)
    assert (status["documentStatus"], status["completedPackages"]) == ("signed", ["unsigned", "pades"])
    assert status["attachmentPackages"] == {attachment: ["unsigned", "pades"]}
    signed = v1.api.get(f"{address}/attachments/{attachment}")
    assert signed.headers["content-type"] == "application/pdf"
    assert signers(server.sandbox.house.authority, signed.content) == ["Kari Nordmann"]
    refused(v1.api.get(f"{address}/attachments/{unknown_id()}"), 404)
    refused(v1.api.get(f"{address}/attachments/x"), 400, "attachmentId")
    refused(v1.api.get(f"/mint/flows/sign/{unknown_id()}/status"), 404)
    refused(v1.api.get("/mint/flows/sign/x/status"), 400, "documentId")


def two_signers(v1: V1) -> tuple[str, list[str]]:
    """An order sent to two; its address, and their sessions."""
    pdf = step("pdf", "CreatePdfFromTemplate", content="x", filename="x.pdf")
    order = step("order", "CreateSignOrder", signer={"name": "A"}, documents="{{ pdf.file }}")
    second = step("second", "AddSignerToSignOrder", signOrderId="{{ order.signOrderId }}", name="B")
    send = step("send", "SendSignOrder", signOrderId="{{ order.signOrderId }}")
    instance = v1.run(pdf, order, second, send)
    sessions = [one["signingSessionId"] for one in instance["activityData"]["send"]["signers"]]
    return f"/mint/flows/sign/{instance['signingOrders'][0]['documentId']}/status", sessions


def test_an_order_of_two_is_signed_by_one_after_the_other(server: Server, v1: V1) -> None:
    address, sessions = two_signers(v1)
    seen = [good(v1.api.get(address), 200)["documentStatus"]]
    for one, name in zip(sessions, ("A", "B"), strict=True):
        v1.world.sign(one, signer={"name": name})
        seen.append(good(v1.api.get(address), 200)["documentStatus"])
    assert seen == ["unsigned", "partialsigned", "signed"]
    [attachment] = good(v1.api.get(address), 200)["attachmentPackages"]
    signed = v1.api.get(address.replace("status", f"attachments/{attachment}")).content
    assert signers(server.sandbox.house.authority, signed) == ["A", "B"]


def test_an_order_that_comes_to_nothing(v1: V1) -> None:
    address, sessions = two_signers(v1)
    v1.world.act(sessions[0], "reject")
    assert good(v1.api.get(address), 200)["documentStatus"] == "canceled"
    address, _ = two_signers(v1)
    v1.world.advance("P46D")
    assert good(v1.api.get(address), 200)["documentStatus"] == "expired"
    empty = v1.run(step("order", "CreateSignOrder", title="T"), links=[link("order", "order", "Never")])
    [order] = empty["signingOrders"]
    status = good(v1.api.get(f"/mint/flows/sign/{order['documentId']}/status"), 200)
    assert (status["documentStatus"], status["completedPackages"]) == ("waiting_for_attachments", [])


# ---- Sign API v2

PDF = step("pdf", "CreatePdfFromTemplate", content="x", filename="x.pdf")
TEXT = step("text", "CreatePdfFromTemplate", content="y", filename="y.pdf")


def collected(v1: V1, *more: Json, **members: Any) -> tuple[Json, str]:
    """An instance that collected two files, and then did `more`; and the address of what is to be signed."""
    collect = step("collect", "CreateDocumentCollection", documents=["x.pdf", "y.pdf"], **members)
    instance = v1.run(PDF, TEXT, collect, *more)
    [order] = instance["signingOrders"]
    assert order["documentId"] == instance["activityData"]["collect"]["documentCollectionId"]
    assert order["attachmentIds"] == instance["activityData"]["collect"]["documentIds"]
    return instance, f"/mint/flows/sign/{order['documentId']}"


def opened(name: str = "open", **more: Any) -> Json:
    given = "{{ collect.documentCollectionId }}"
    return step(name, "CreateSigningSession", documentCollectionId=given, **more)


def test_a_collection_that_nobody_is_to_sign_yet(v1: V1) -> None:
    instance, address = collected(v1)
    [order] = instance["signingOrders"]
    assert good(v1.api.get(f"{address}/status"), 200) == {
        "documentId": order["documentId"],
        "documentStatus": "unsigned",
        "completedPackages": ["unsigned"],
        "attachmentPackages": {one: ["unsigned"] for one in order["attachmentIds"]},
    }
    assert good(v1.api.get(f"/mint/documents/{order['documentId']}/status"), 200)["documentStatus"] == "unsigned"


@pytest.mark.parametrize("last", ["SignSessionInsideJourney", "GetSigningSessionResult", None])
def test_a_session_of_steps_becomes_signed(server: Server, v1: V1, last: str | None) -> None:
    waits = [step("last", last, signingSessionId="{{ open.signingSessionId }}")] if last else []
    instance, address = collected(v1, opened(), *waits)
    assert instance["status"] == ("Suspended" if last else "Finished")
    attachments = instance["signingOrders"][0]["attachmentIds"]
    refused(v1.api.get(f"{address}/attachments/{attachments[0]}"), 404)
    v1.world.sign(instance["activityData"]["open"]["signingSessionId"], signer={"name": "Kari Nordmann"})
    status = good(v1.api.get(f"{address}/status"), 200)
    assert (status["documentStatus"], status["completedPackages"]) == ("signed", ["unsigned", "pades"])
    assert status["attachmentPackages"] == {one: ["unsigned", "pades"] for one in attachments}
    for one in attachments:
        signed = v1.api.get(f"{address}/attachments/{one}")
        assert signed.headers["content-type"] == "application/pdf"
        assert signers(server.sandbox.house.authority, signed.content) == ["Kari Nordmann"]
    refused(v1.api.get(f"{address}/attachments/{unknown_id()}"), 404)


def test_two_sessions_on_one_collection(v1: V1) -> None:
    instance, address = collected(v1, opened("first"), opened("second"))
    seen = []
    for one in ("first", "second"):
        seen.append(good(v1.api.get(f"{address}/status"), 200)["documentStatus"])
        v1.world.sign(instance["activityData"][one]["signingSessionId"])
    seen.append(good(v1.api.get(f"{address}/status"), 200)["documentStatus"])
    assert seen == ["unsigned", "partialsigned", "signed"]


def test_sessions_that_come_to_nothing(v1: V1) -> None:
    instance, address = collected(v1, opened())
    session = instance["activityData"]["open"]["signingSessionId"]
    assert v1.api.delete(f"/sign/signing-sessions/{session}").status_code < 300
    assert good(v1.api.get(f"{address}/status"), 200)["documentStatus"] == "canceled"
    instance, address = collected(v1, opened())
    v1.world.act(instance["activityData"]["open"]["signingSessionId"], "reject")
    assert good(v1.api.get(f"{address}/status"), 200)["documentStatus"] == "canceled"
    _, address = collected(v1, opened())
    v1.world.advance("P46D")
    assert good(v1.api.get(f"{address}/status"), 200)["documentStatus"] == "expired"
    assert v1.api.delete(address.replace("/mint/flows/sign", "/sign/document-collections")).status_code < 300
    refused(v1.api.get(f"{address}/status"), 404)


def test_a_package_of_all_is_a_form_as_well(v1: V1) -> None:
    instance, address = collected(v1, opened(signingSetup=[AUTHENTICATION_BASED]), packageTo=["PADES_CONTAINER"])
    v1.world.sign(instance["activityData"]["open"]["signingSessionId"])
    assert good(v1.api.get(f"{address}/status"), 200)["completedPackages"] == [
        "unsigned",
        "xades",
        "standard_packaging",
    ]


def test_a_session_on_a_collection_of_somebody_else(v1: V1) -> None:
    collection = v1.world.collect()
    given = "{{ Input.id }}"
    instance = v1.run(step("open", "CreateSigningSession", documentCollectionId=given), given={"id": collection["id"]})
    [order] = instance["signingOrders"]
    assert order == {
        "documentId": collection["id"],
        "attachmentIds": [one["documentId"] for one in collection["documents"]],
    }
    assert good(v1.api.get(f"/mint/flows/sign/{collection['id']}/status"), 200)["documentStatus"] == "unsigned"
