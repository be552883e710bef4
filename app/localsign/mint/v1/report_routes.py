"""Reports of Mint v1. Those of many instances are read and written piece by piece, so that memory is bounded."""

from array import array
from collections.abc import AsyncIterator, Callable
from itertools import chain
from typing import Any, TypeVar

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import iterate_in_threadpool

from localsign.core.work import Work
from localsign.mint import ids
from localsign.mint.models import Journey
from localsign.mint.service import instances, workflows
from localsign.mint.service.instances import Filters
from localsign.mint.switches import CSV_BOM
from localsign.mint.transfers import BINARY, workspace_of
from localsign.mint.v1 import csv_report, many_report, one_report, rows, shown
from localsign.mint.v1.binding import DefinitionId, InstanceId, bound
from localsign.mint.v1.instance_routes import Asked, Listed, ListedInCsv
from localsign.signicat import permissions
from localsign.signicat.auth import requires

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])
router = APIRouter(route_class=bound(requires(permissions.FLOW_VIEWER)))

_PDF_TYPE = "application/pdf"
_PIECE = 200  # instances read in one transaction, which takes some 20 ms
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
_PDF: dict[int | str, dict[str, Any]] = {200: {"content": {"application/pdf": BINARY}}}
_TAGS: Any = ["v1: reports"]


def _pdf(path: str, operation: str) -> Callable[[Endpoint], Endpoint]:
    return router.get(
        f"{path}/pdf", operation_id=f"{operation}_pdf", response_class=Response, responses=_PDF, tags=_TAGS
    )


def _csv(path: str, operation: str) -> Callable[[Endpoint], Endpoint]:
    """Documented twice with the same words and parameters; why is not known. Inferred: two paths, one meaning."""

    def route(endpoint: Endpoint) -> Endpoint:
        for end, name in (("csv", "csv"), ("report/csv", "csv_2")):
            router.get(
                f"{path}/{end}",
                operation_id=f"{operation}_{name}",
                response_class=Response,
                responses=_CSV,
                tags=_TAGS,
            )(endpoint)
        return endpoint

    return route


# ---- the instances of all flows; in front of one instance, whose id would match their paths


@_pdf("/instances", "report_instances")
async def report_instances_pdf(request: Request, asked: Listed) -> Response:
    """The instances of all flows that match every filter, as a PDF."""
    return await _pdf_of_many(request, asked, None)


@_csv("/instances", "report_instances")
async def report_instances_csv(request: Request, asked: ListedInCsv) -> Response:
    """The instances of all flows that match every filter, as CSV."""
    return await _csv_of_many(request, asked, None)


# ---- the instances of a flow


@_pdf("/flows/{definitionId}/instances", "report_flow_instances")
async def report_flow_instances_pdf(request: Request, definition_id: DefinitionId, asked: Listed) -> Response:
    """The instances of a flow that match every filter, as a PDF."""
    return await _pdf_of_many(request, asked, definition_id)


@_csv("/flows/{definitionId}/instances", "report_flow_instances")
async def report_flow_instances_csv(request: Request, definition_id: DefinitionId, asked: ListedInCsv) -> Response:
    """The instances of a flow that match every filter, as CSV."""
    return await _csv_of_many(request, asked, definition_id)


# ---- one instance


@_pdf("/instances/{instanceId}", "report_instance")
async def report_instance_pdf(request: Request, instance_id: InstanceId) -> Response:
    """All there is to say of an instance, with a timeline of its steps, as a PDF."""
    workspace = workspace_of(request)
    await workspace.turn()
    with workspace.held() as work:
        found = one_report.facts(work, work.glance(Journey, ids.find(instance_id, "instance")))
    drawn = iterate_in_threadpool(one_report.pieces(found))
    return StreamingResponse(drawn, media_type=_PDF_TYPE, headers=_saved(f"instance-{found.journey.id.hex}.pdf"))


@_csv("/instances/{instanceId}", "report_instance")
async def report_instance_csv(request: Request, instance_id: InstanceId) -> Response:
    """The steps of an instance and what came of them, as CSV."""
    workspace = workspace_of(request)
    await workspace.turn()
    with workspace.held() as work:
        journey = work.glance(Journey, ids.find(instance_id, "instance"))
        mark, found = _mark(work), rows.of_one(work, journey)
    lines = (csv_report.lines([one]) for one in found)
    written = iterate_in_threadpool(chain([mark + csv_report.lines([rows.ONE])], lines))
    headers = _saved(f"instance-{journey.id.hex}.csv")
    return StreamingResponse(written, media_type=csv_report.MEDIA_TYPE, headers=headers)


# ---- how


def _mark(work: Work) -> bytes:
    return csv_report.MARK if work.switched(CSV_BOM) == "on" else b""


def _numbers(work: Work, asked: Asked, definition_id: str | None) -> "array[int]":
    """Which instances a report is about, as they are now; those that come later are not in it."""
    wanted = asked.filters
    if definition_id is not None:
        workflow_id = instances.check_flow(work, ids.find(definition_id, "flow"))
        wanted = Filters(**{**vars(wanted), "workflow_id": workflow_id})
    return instances.numbers(work, wanted, asked.order, asked.offset, asked.limit)


async def _csv_of_many(request: Request, asked: Asked, definition_id: str | None) -> Response:
    workspace = workspace_of(request)
    await workspace.turn()
    with workspace.held() as work:
        numbers, mark = _numbers(work, asked, definition_id), _mark(work)

    async def pieces() -> AsyncIterator[bytes]:
        yield mark + csv_report.lines([rows.MANY])
        for start in range(0, len(numbers), _PIECE):
            await workspace.turn()
            with workspace.held() as work:
                found = rows.of_many(work, instances.numbered(work, numbers[start : start + _PIECE]))
            # In a thread: a piece that waits for nothing would leave the loop no time for others.
            yield await anyio.to_thread.run_sync(csv_report.lines, found)

    return StreamingResponse(pieces(), media_type=csv_report.MEDIA_TYPE, headers=_saved("instances.csv"))


async def _pdf_of_many(request: Request, asked: Asked, definition_id: str | None) -> Response:
    workspace = workspace_of(request)
    await workspace.turn()
    with workspace.held() as work:
        numbers, at = _numbers(work, asked, definition_id), work.now
        about = "All flows"
        if definition_id is not None:
            about = f"Flow: {workflows.read(work, ids.find(definition_id, 'flow')).name}"
    named = _named(asked, definition_id)
    report = await anyio.to_thread.run_sync(many_report.ManyReport, about, named, len(numbers), at)

    async def pieces() -> AsyncIterator[bytes]:
        yield report.head()
        for start in range(0, len(numbers), _PIECE):
            await workspace.turn()
            with workspace.held() as work:
                some = many_report.rows(work, instances.numbered(work, numbers[start : start + _PIECE]))
            yield await anyio.to_thread.run_sync(report.add, some)
        yield await anyio.to_thread.run_sync(report.end)

    return StreamingResponse(pieces(), media_type=_PDF_TYPE, headers=_saved("instances.pdf"))


def _saved(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"'}


def _named(asked: Asked, definition_id: str | None) -> list[tuple[str, str]]:
    """The filters as people read them."""
    filters = asked.filters
    given = {
        "Flow id": definition_id,
        "Status": shown.STATUS[filters.state].value if filters.state else None,
        "Correlation id": filters.correlation_id,
        "Search": filters.search,
        "User": filters.user_id,
        "Order": f"{asked.order}, newest first",
        "Rows": f"{asked.limit or 'all'} from {asked.offset + 1}" if asked.limit or asked.offset else None,
    }
    return [(name, value) for name, value in given.items() if value]
