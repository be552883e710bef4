"""Reading forms before the transaction: fields of urlencoded and multipart bodies, and one uploaded file."""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser

from localsign.core.blobs import Arrived
from localsign.core.errors import BadInputError
from localsign.workspace import Workspace

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_MOST_PARTS = 100
_CHUNK = 64 * 1024
_LARGEST_FORM = 256 * 1024  # of text: reading one takes its time for every byte
_FIRST_BOUNDARY = re.compile(rb"\s*--([^\r\n]{1,200}?)\s*\r?\n")


@dataclass(frozen=True)
class Fields:
    """The text fields of a form, the last of those that share a name; and the Authorization header beside it."""

    values: dict[str, str]
    authorization: str | None = None


@dataclass(frozen=True)
class Upload:
    """A file that arrived with its fields. `media_type` is what its part of the form says."""

    arrived: Arrived
    media_type: str
    fields: dict[str, str]


async def _fields(request: Request) -> Fields:
    state = request.scope["state"]
    state["body_limit"] = min(state["body_limit"], _LARGEST_FORM)
    form = await read_form(request)
    try:
        return Fields(_texts(form), request.headers.get("authorization"))
    finally:
        await form.close()


# Stands before InWork in a route's parameters, so that the form is read before the transaction begins.
InFields = Annotated[Fields, Depends(_fields)]


@asynccontextmanager
async def uploaded(request: Request, *, member: str = "file") -> AsyncIterator[Upload]:
    """The file `member` of a multipart body, as large as a document may be; discarded if what follows fails."""
    workspace: Workspace = request.scope["state"]["workspace"]
    limit = workspace.house.settings.max_document_bytes
    request.scope["state"]["body_limit"] = limit + 64 * 1024  # the other parts
    form = await read_form(request)
    try:
        file = form.get(member)
        if not isinstance(file, UploadFile):
            raise BadInputError.of(member, "is required, as a part with a filename")
        fields = _texts(form)
        arrived = await workspace.blobs.receive(_chunks(file), limit)
    finally:
        await form.close()
    try:
        yield Upload(arrived, file.content_type or "application/octet-stream", fields)
    except BaseException:
        arrived.discard()
        raise


def _texts(form: FormData) -> dict[str, str]:
    texts = {name: value for name, value in form.multi_items() if isinstance(value, str)}
    for name, value in texts.items():
        if any("\ud800" <= letter <= "\udfff" for letter in name + value):
            raise BadInputError.of("body", "has a field that is no text")
    return texts


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(_CHUNK):
        yield chunk


async def read_form(request: Request) -> FormData:
    """The form in the body; BadInputError where it is none, or cannot be read. The caller closes it."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == MULTIPART:
        return await _read_multipart(request)
    if kind == URLENCODED:
        try:
            return await FormParser(request.headers, request.stream()).parse()
        except FormParserError as error:
            raise BadInputError.of("body", f"cannot be read as {URLENCODED}: {error}") from None
    raise BadInputError.of("Content-Type", f"must be {MULTIPART} or {URLENCODED}, is '{kind}'")


async def _read_multipart(request: Request) -> FormData:
    headers, stream = request.headers, request.stream()
    if "boundary=" not in headers["content-type"].lower():
        # documented samples set the header by hand and so lose the boundary; the body shows it
        headers, stream = await _with_boundary(stream)
    parser = MultiPartParser(headers, stream, max_files=_MOST_PARTS, max_fields=_MOST_PARTS)
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError, LookupError) as error:
        raise BadInputError.of("body", f"cannot be read as {MULTIPART}: {error}") from None
    # The parser forgets a part that does not end, and leaves its file open.
    files = [item.file for _, item in form.multi_items() if isinstance(item, UploadFile)]
    whole = {id(file) for file in files}
    left = [file for file in parser._files_to_close_on_error if id(file) not in whole]
    if left:
        for file in (*left, *files):
            file.close()
        raise BadInputError.of("body", f"cannot be read as {MULTIPART}: it ends within a file")
    return form


async def _with_boundary(stream: AsyncGenerator[bytes, None]) -> tuple[Headers, AsyncGenerator[bytes, None]]:
    first = b""
    async for chunk in stream:
        first += chunk
        if b"\n" in first[2:] or len(first) > 1000:
            break
    found = _FIRST_BOUNDARY.match(first)
    if found is None:
        raise BadInputError.of("Content-Type", "has no boundary, and the body does not begin with one")

    async def whole() -> AsyncGenerator[bytes, None]:
        yield first[found.start(1) - 2 :]
        async for chunk in stream:
            yield chunk

    return Headers({"content-type": f'{MULTIPART}; boundary="{found[1].decode("latin-1")}"'}), whole()
