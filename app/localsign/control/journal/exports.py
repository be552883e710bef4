"""`/_sandbox/v1/journal/…`: the requests that match, oldest first, for other tools."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse

from localsign.control.journal.asking import Asked, Journaled, in_thread, matching
from localsign.control.journal.recorded import AskedToRecord, recorded
from localsign.core.journal import Kind
from localsign.recording import curl, mermaid, postman, pytest_file
from localsign.recording.har import Har, HarEntry, HarLog
from localsign.recording.steps import Recording

router = APIRouter(prefix="/v1/journal", tags=["journal"])


@router.get("/har", operation_id="export_har", response_model_exclude_none=True)
async def export_har(workspace: Journaled, asked: Asked) -> Har:
    """The requests that match, oldest first, as HAR 1.2."""

    def made() -> Har:
        entries = matching(workspace.journal, asked)
        return Har(log=HarLog(entries=[HarEntry.of(one) for one in entries if one.kind is Kind.REQUEST]))

    return await in_thread(made)


@router.get("/curl", operation_id="export_curl", response_class=PlainTextResponse)
async def export_curl(workspace: Journaled, asked: Asked) -> Response:
    """The requests that match, oldest first, as curl commands; `$TOKEN` and the like stand for what is hidden."""

    def made() -> str:
        entries = [one for one in matching(workspace.journal, asked) if one.kind is Kind.REQUEST]
        return "".join(f"{curl.comment(one)}\n{curl.command(one)}\n" for one in entries)

    return PlainTextResponse(await in_thread(made))


@router.get("/recording", operation_id="export_recording")
async def export_recording(request: Request, workspace: Journaled, asked: AskedToRecord) -> Recording:
    """What happened, as steps that can be taken again in a new workspace; `localsign record` reads it."""
    return await in_thread(lambda: recorded(request, workspace, asked))


@router.get("/pytest", operation_id="export_pytest", response_class=PlainTextResponse)
async def export_pytest(request: Request, workspace: Journaled, asked: AskedToRecord) -> Response:
    """A test with the fixture `localsign` that does the same again, and passes in any new workspace."""
    made = await in_thread(lambda: pytest_file.written(recorded(request, workspace, asked)))
    return PlainTextResponse(made, media_type="text/x-python")


@router.get("/mermaid", operation_id="export_mermaid", response_class=PlainTextResponse)
async def export_mermaid(request: Request, workspace: Journaled, asked: Asked) -> Response:
    """A sequence diagram."""
    made = await in_thread(lambda: mermaid.written(recorded(request, workspace, asked)))
    return PlainTextResponse(made, media_type="text/vnd.mermaid")


@router.get("/postman", operation_id="export_postman")
async def export_postman(request: Request, workspace: Journaled, asked: Asked) -> postman.Collection:
    """A Postman collection, format 2.1."""
    return await in_thread(lambda: postman.collection(recorded(request, workspace, asked)))
