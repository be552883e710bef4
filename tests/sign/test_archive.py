"""The archive: results kept beyond their session, until the retention period ends."""

from typing import Any

import pytest
from tests.conftest import Server
from tests.world import PKI, Json, World, refused, terms, unknown_id


def archived(world: World, period: str = "P1Y", **but: Any) -> tuple[str, bytes]:
    """The archive id and the bytes of the result of a new, signed session."""
    archive = {"sendSignatureResultsToArchive": True, "retentionPeriod": period}
    [signature] = world.sign(world.session(archive=archive, **but))["output"]["signatures"]
    return signature["archiveId"], world.download(signature["resultDocumentId"])


def get(world: World, archive_id: str) -> bytes:
    answer = world.api.get(f"/sign/archive-documents/{archive_id}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_a_result_is_archived_when_asked_for(world: World) -> None:
    archive_id, result = archived(world)
    answer = world.api.get(f"/sign/archive-documents/{archive_id}")
    assert answer.headers["content-type"] == "application/xml"
    assert answer.content == result


def test_a_signed_pdf_is_archived_as_pdf(world: World) -> None:
    archive_id, result = archived(world, signingSetup=[PKI])
    answer = world.api.get(f"/sign/archive-documents/{archive_id}")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.content == result


def test_each_result_has_an_archive_id_of_its_own(world: World) -> None:
    texts = [world.upload(terms() + b"%d" % number, "text/plain") for number in range(3)]
    archive = {"sendSignatureResultsToArchive": True, "retentionPeriod": "P1Y"}
    output = world.sign(world.session(world.collect(*texts), archive=archive))["output"]
    assert len({one["archiveId"] for one in output["signatures"]}) == 3
    for one in output["signatures"]:
        assert get(world, one["archiveId"]) == world.download(one["resultDocumentId"])


@pytest.mark.parametrize(
    "settings",
    [
        {"retentionPeriod": "P1Y"},
        {"retentionPeriod": "P1Y", "sendSignatureResultsToArchive": False},
        {"retentionPeriod": "P1Y", "sendOriginalToArchive": True, "sendResultToArchive": True},
    ],
)
def test_nothing_is_archived_unless_asked_for(world: World, settings: Json) -> None:
    [signature] = world.sign(world.session(archive=settings))["output"]["signatures"]
    assert "archiveId" not in signature


def test_the_archive_outlives_session_document_and_grace_period(world: World) -> None:
    archive = {"sendSignatureResultsToArchive": True, "retentionPeriod": "P1Y"}
    session = world.sign(world.session(archive=archive))
    [signature] = session["output"]["signatures"]
    before = get(world, signature["archiveId"])
    world.api.delete(f"/sign/signing-sessions/{session['id']}")
    world.advance("P60D")
    refused(world.api.get(f"/sign/documents/{signature['resultDocumentId']}"), 404)
    assert get(world, signature["archiveId"]) == before


@pytest.mark.parametrize(
    ("period", "days"),
    [("P1D", 1), ("P2W", 14), ("P1M", 30), ("P1Y", 365), ("P1Y2M3W4D", 365 + 60 + 21 + 4)],
)
def test_the_archive_lasts_for_the_retention_period(world: World, period: str, days: int) -> None:
    world.freeze()
    archive_id, before = archived(world, period)
    world.advance(f"P{days - 1}DT23H59M59.999S")
    assert get(world, archive_id) == before
    world.advance("PT0.001S")
    refused(world.api.get(f"/sign/archive-documents/{archive_id}"), 404)


def test_no_retention_is_too_long(world: World) -> None:
    archive_id, before = archived(world, "P999999999Y")
    world.advance("P36500D")
    assert get(world, archive_id) == before


def test_the_bytes_go_with_the_end_of_the_retention_period(server: Server, world: World) -> None:
    archive_id, before = archived(world, "P90D")
    blobs = server.sandbox.find(world.name).blobs.folder
    world.advance("P60D")  # original and result are purged; the archive keeps the result's bytes
    assert [path.read_bytes() for path in blobs.rglob("*") if path.is_file()] == [before]
    world.advance("P30D")
    assert [path for path in blobs.rglob("*") if path.is_file()] == []
    refused(world.api.get(f"/sign/archive-documents/{archive_id}"), 404)


def test_an_archived_document_is_no_other_document(world: World) -> None:
    archive_id, _ = archived(world)
    refused(world.api.get(f"/sign/documents/{archive_id}"), 404)
    refused(world.api.delete(f"/sign/archive-documents/{archive_id}"), 405)


def test_an_unknown_archived_document_is_not_found(world: World) -> None:
    document = world.upload()
    for one in (unknown_id(), document):
        refused(world.api.get(f"/sign/archive-documents/{one}"), 404)
    refused(world.api.get("/sign/archive-documents/nonsense"), 400, "archiveDocumentId")
