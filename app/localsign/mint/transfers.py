"""Files on their way in and out: uploads as they stream in, downloads, archives made on disk."""

import shutil
import tempfile
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

import anyio.to_thread
from fastapi import Request
from fastapi.responses import FileResponse, StreamingResponse
from starlette.datastructures import FormData
from starlette.formparsers import MultiPartException, MultiPartParser

from localsign.core.blobs import Arrived
from localsign.core.errors import BadInputError
from localsign.core.pages import safe_filename
from localsign.core.work import Work
from localsign.workspace import Workspace

CHUNK = 64 * 1024
BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
DOWNLOAD: dict[int | str, dict[str, Any]] = {200: {"content": {"application/octet-stream": BINARY}}}


def workspace_of(request: Request) -> Workspace:
    found: Workspace = request.scope["state"]["workspace"]
    return found


def download(work: Work, digest: str, filename: str, content_type: str) -> FileResponse:
    """The bytes of `digest` as a file to save."""
    answer = FileResponse(work.blobs.path(digest), filename=safe_filename(filename, content_type), media_type=None)
    answer.headers["Content-Type"] = content_type
    return answer


@asynccontextmanager
async def form_of(request: Request, *, files: int, fields: int) -> AsyncIterator[FormData]:
    """A form with up to so many files and fields; all it brought is closed at the end, also what broke off."""
    parser = MultiPartParser(request.headers, request.stream(), max_files=files, max_fields=fields)
    try:
        try:
            form = await parser.parse()
        except (MultiPartException, UnicodeDecodeError, KeyError) as error:
            raise BadInputError(f"The form cannot be read: {error}") from None
        yield form
    finally:
        for file in parser._files_to_close_on_error:
            file.close()


async def receive(request: Request, chunks: AsyncIterator[bytes], keep: Callable[[Work, Arrived], Any]) -> Any:
    """Take in a stream of bytes, then let `keep` have them in a transaction; what it refuses is removed again."""
    workspace = workspace_of(request)
    arrived = await workspace.blobs.receive(chunks, workspace.house.settings.max_document_bytes)
    try:
        await workspace.turn()
        with workspace.held() as work:
            return keep(work, arrived)
    except BaseException:
        await anyio.to_thread.run_sync(arrived.discard)
        raise


def stored(made: IO[bytes], filename: str, media_type: str) -> StreamingResponse:
    """A temporary file as an answer; it is closed, and so removed, when it has been sent or nobody wants it more."""
    headers = {
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Content-Length": str(made.seek(0, 2)),
    }
    made.seek(0)
    return StreamingResponse(_pieces(made), media_type=media_type, headers=headers)


async def _pieces(made: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await anyio.to_thread.run_sync(made.read, CHUNK):
            yield piece
    finally:
        made.close()


def archived(parts: Sequence[tuple[str, Path, datetime]]) -> IO[bytes]:
    """Files as a zip archive: each a name, where it is, and its time. Names that meet get a number. Slow."""
    made = tempfile.TemporaryFile()  # noqa: SIM115  it leaves as the answer
    taken: set[str] = set()
    try:
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path, moment in parts:
                entry = zipfile.ZipInfo(_free(name, taken), moment.timetuple()[:6])
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                    shutil.copyfileobj(source, target, CHUNK)
    except BaseException:
        made.close()
        raise
    return made


def _free(name: str, taken: set[str]) -> str:
    """`name`, or with a number before its ending; archives are unpacked where case may not matter."""
    stem, suffix, number = PurePosixPath(name).stem, PurePosixPath(name).suffix, 1
    while name.casefold() in taken:
        number += 1
        name = f"{stem} ({number}){suffix}"
    taken.add(name.casefold())
    return name
