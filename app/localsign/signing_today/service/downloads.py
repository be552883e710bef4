"""Documents that a robot names by URL: they are fetched after the answer, and then the DST goes on (inferred).

The words of an error message are V1's: CANNOT_DOWNLOAD_DOCUMENT, INVALID_DOCUMENT, PROTECTED_DOCUMENT.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from localsign.core.blobs import Arrived, Blobs
from localsign.core.egress import Egress, EgressError
from localsign.core.work import Slow, Work
from localsign.signing_today.lifecycle.dsts import DstEvent, DstState
from localsign.signing_today.models.dsts import Dst, DstDocument, documents_of
from localsign.signing_today.service import calls, flow, records, resources
from localsign.signing_today.service.calls import Calling
from localsign.signing_today.service.dsts import touch

DOWNLOAD = "signing-today.download"
LAG = "fetching"
CANNOT_DOWNLOAD, INVALID, PROTECTED = "CANNOT_DOWNLOAD_DOCUMENT", "INVALID_DOCUMENT", "PROTECTED_DOCUMENT"


@dataclass(frozen=True)
class Wanted:
    """The documents to fetch, by number, and everything needed for it."""

    urls: tuple[tuple[int, str], ...]
    calling: Calling
    limit: int
    egress: Egress
    blobs: Blobs


@dataclass(frozen=True)
class Fetched:
    """The files by document and with their numbers of pages; or why there are none."""

    files: tuple[tuple[int, Arrived, int], ...] = ()
    failure: str | None = None


def start(work: Work, dst: Dst) -> None:
    """Fetch the documents of `dst` as soon as the lag has passed."""
    work.lag(LAG, DOWNLOAD, dst.id)


def due(work: Work, subject: str) -> Slow[Any, None] | None:
    """The lag has passed."""
    dst = work.find(Dst, UUID(subject))
    if dst is None or dst.is_gone or dst.machine.row(dst.state, DstEvent.FINISH_DOWNLOAD) is None:
        return None
    plan = _plan(work, dst)
    return Slow(lambda: _fetch(plan), lambda later, made: _settle_due(later, dst.id, made))


def end(work: Work, dst: Dst, reason: str | None, *, is_failure: bool) -> Dst | Slow[Any, Dst]:
    """Fetch the documents now, or let that fail, by command."""
    dst.machine.check(dst, DstEvent.FAIL_DOWNLOAD if is_failure else DstEvent.FINISH_DOWNLOAD)
    work.cancel_timers(dst.id)
    if is_failure:
        _fail(work, dst, f"{CANNOT_DOWNLOAD}: {reason or 'told to fail'}")
        return dst
    plan = _plan(work, dst)
    return Slow(lambda: _fetch(plan), lambda later, made: _settle(later, dst.id, made))


def _plan(work: Work, dst: Dst) -> Wanted:
    return Wanted(
        urls=tuple((one.number, one.source_url) for one in documents_of(work, dst) if one.source_url),
        calling=calls.of(work, dst.robot_id),
        limit=work.house.settings.max_document_bytes,
        egress=work.house.egress,
        blobs=work.blobs,
    )


def _fetch(wanted: Wanted) -> Fetched:
    """Fetch them all, or none. Slow."""
    files: list[tuple[int, Arrived, int]] = []
    for number, url in wanted.urls:
        found = _fetch_one(wanted, url)
        if isinstance(found, str):
            for _, arrived, _ in files:
                arrived.discard()
            return Fetched(failure=f"{found} (document {number})")
        files.append((number, *found))
    return Fetched(tuple(files))


def _fetch_one(wanted: Wanted, url: str) -> tuple[Arrived, int] | str:
    from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, inspect_pdf

    calling = wanted.calling
    try:
        answer = wanted.egress.send(
            "GET",
            url,
            headers=calling.headers,
            auth=calling.auth,
            digest=calling.is_digest,
            max_bytes=wanted.limit,
            follow=True,
        )
    except EgressError as error:
        return f"{CANNOT_DOWNLOAD}: {error}"
    if answer.status != 200:
        return f"{CANNOT_DOWNLOAD}: the address answered {answer.status}."
    arrived = wanted.blobs.take(answer.body)
    try:
        return arrived, inspect_pdf(arrived.path).pages
    except NotAPdfError as error:
        failure = f"{INVALID}: {error}."
    except EncryptedPdfError as error:
        failure = f"{PROTECTED}: {error}."
    arrived.discard()
    return failure


def _settle_due(work: Work, dst_id: UUID, made: Fetched) -> None:
    _settle(work, dst_id, made)


def _settle(work: Work, dst_id: UUID, made: Fetched) -> Dst:
    dst = work.find(Dst, dst_id)
    assert dst is not None  # rows of DSTs are never removed
    if dst.machine.row(dst.state, DstEvent.FINISH_DOWNLOAD) is None:  # somebody else was faster
        for _, arrived, _ in made.files:
            arrived.discard()
        return dst
    if made.failure is not None:
        _fail(work, dst, made.failure)
        return dst
    _keep(work, dst, documents_of(work, dst), made)
    touch(work, dst)
    is_to_publish = dst.state is DstState.DOWNLOADING_IN_PUBLISHED
    found = list(flow.problems(work, dst)) if is_to_publish else []
    if found:  # what could not be seen before, such as forms on pages that are not there
        _fail(work, dst, f"{INVALID}: {'; '.join(f'{one.name} {one.reason}' for one in found)}.")
        return dst
    work.fire(dst.machine, dst, DstEvent.FINISH_DOWNLOAD)
    if is_to_publish:
        flow.follow_publication(work, dst, dst.created_by)
    return dst


def _keep(work: Work, dst: Dst, documents: Sequence[DstDocument], made: Fetched) -> None:
    by_number = {one.number: one for one in documents}
    for number, arrived, pages in made.files:
        document = by_number[number]
        named = resources.Named(document.filename or _named(document.source_url or ""), document.title)
        resource = resources.keep(work, dst, named, arrived, pages)
        document.plain_id, document.source_url = resource.id, None
    work.db.flush()


def _named(url: str) -> str:
    """The file name in an address."""
    return PurePosixPath(unquote(urlsplit(url).path)).name[-255:] or "document.pdf"


def _fail(work: Work, dst: Dst, why: str) -> None:
    dst.error_message = why
    touch(work, dst)
    work.fire(dst.machine, dst, DstEvent.FAIL_DOWNLOAD)
    records.tell_status(work, dst, "dst_status_error")
