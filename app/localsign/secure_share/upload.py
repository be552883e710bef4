"""Reading multipart/form-data while it comes, every file straight into the blobs: nothing is kept in memory."""

import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from localsign.core.blobs import Blobs
from localsign.core.errors import BadInputError, Flaw, TooLargeError
from localsign.secure_share.service.files import Part

LONGEST_NAME = 255  # characters; what file systems take
MOST_PARTS = 1024  # files and fields together; the limit of the vendor's framework (inferred)
OCTETS = "application/octet-stream"

_PARAMETER = re.compile(r';\s*([A-Za-z*]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)', re.DOTALL)
_EXTENDED = re.compile(r"([\w-]+)'[^']*'(.*)", re.DOTALL)
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]{1,80}/[\w!#$&^.+-]{1,80}", re.ASCII)
# Controls, and marks that turn the direction of writing: `invoice\u202efdp.exe` reads as a PDF.
_MISLEADING = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True)
class Limits:
    """Bytes of one file; files of one upload."""

    bytes: int
    files: int


class _End:
    """The end of a part."""


_Event = dict[str, bytes] | bytes | type[_End]  # the headers of a part, some of its data, its end


def boundary_of(content_type: str | None) -> bytes:
    """The boundary that the request declares; BadInputError if it is no multipart/form-data."""
    kind, options = parse_options_header((content_type or "").encode("latin-1", "replace"))
    if kind != b"multipart/form-data":
        raise BadInputError.of("Content-Type", f"must be multipart/form-data, is '{content_type or ''}'")
    if not options.get(b"boundary"):
        raise BadInputError.of("Content-Type", "has no boundary")
    return options[b"boundary"]


async def receive(stream: AsyncIterator[bytes], boundary: bytes, blobs: Blobs, limits: Limits) -> list[Part]:
    """Every part with a file name, whatever its field is called; on any error nothing is left of any."""
    parts: list[Part] = []
    flaws: list[Flaw] = []
    count = 0
    try:
        async with aclosing(_events(stream, boundary)) as events:
            async for event in events:
                if not isinstance(event, dict):
                    continue  # of a part that is not stored
                count += 1
                if count > MOST_PARTS:
                    raise BadInputError.of("body", f"has more than {MOST_PARTS} parts")
                sent = _sent_name(event.get("content-disposition", b""))
                if not sent:
                    continue  # a field of the form
                if len(parts) >= limits.files:
                    raise BadInputError.of("files", f"must be at most {limits.files} in one upload")
                at = f"files[{len(parts)}]"
                name, content_type = _checked_name(sent, at, flaws), _media_type(event, at, flaws)
                arrived = await blobs.receive(_data(events, at, limits.bytes), limits.bytes)
                parts.append(Part(name, content_type, arrived))
        if not parts:
            flaws.append(Flaw("files", "there is no part with a file name"))
        if flaws:
            raise BadInputError.of_flaws(flaws)
    except BaseException:
        for part in parts:
            part.arrived.discard()
        raise
    return parts


async def _data(events: AsyncIterator[_Event], at: str, limit: int) -> AsyncIterator[bytes]:
    """What is left of the part that has begun; TooLargeError names it."""
    size = 0
    async for event in events:
        if not isinstance(event, bytes):
            return
        size += len(event)
        if size > limit:
            raise TooLargeError(f"{at} is larger than {limit} bytes.")
        yield event


async def _events(stream: AsyncIterator[bytes], boundary: bytes) -> AsyncGenerator[_Event, None]:
    """What the parser finds, as it finds it; BadInputError where the body is not what the boundary promises."""
    found: deque[_Event] = deque()
    reading = _Reading(found)
    try:
        parser = MultipartParser(boundary, reading.callbacks())  # type: ignore[arg-type]
        async for chunk in stream:
            if chunk:
                parser.write(chunk)
            while found:
                yield found.popleft()
    except FormParserError as error:
        raise BadInputError.of("body", f"cannot be read as multipart/form-data: {error}") from None
    if not reading.is_complete:
        raise BadInputError.of("body", "ends before the closing boundary, or does not hold the boundary at all")


class _Reading:
    """Gathers what the parser calls back with."""

    def __init__(self, found: deque[_Event]) -> None:
        self.is_complete = False
        self._found = found
        self._headers: dict[str, bytes] = {}
        self._name = self._value = b""

    def callbacks(self) -> dict[str, object]:
        names = ("part_begin", "header_begin", "header_field", "header_value", "header_end", "headers_finished")
        return {f"on_{name}": getattr(self, name) for name in (*names, "part_data", "part_end", "end")}

    def part_begin(self) -> None:
        self._headers = {}

    def header_begin(self) -> None:
        self._name = self._value = b""

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def header_end(self) -> None:
        self._headers[self._name.decode("latin-1").lower()] = self._value

    def headers_finished(self) -> None:
        self._found.append(self._headers)

    def part_data(self, data: bytes, start: int, end: int) -> None:
        self._found.append(data[start:end])

    def part_end(self) -> None:
        self._found.append(_End)

    def end(self) -> None:
        self.is_complete = True


# ---- names and types


def _sent_name(disposition: bytes) -> str:
    """The file name that a part gives; `filename*`, which .NET sends besides, wins. Empty: the part is a field."""
    text = _decoded(disposition)
    options = {name.lower(): value.strip() for name, value in _PARAMETER.findall(text)}
    extended = _EXTENDED.fullmatch(options.get("filename*", "").strip('"'))
    if extended:
        try:
            return str(unquote_to_bytes(extended[2]).decode(extended[1]))
        except (LookupError, UnicodeError):
            pass
    plain = options.get("filename", "")
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        # Only these two: elsewhere a backslash is one of a path, which browsers send as it is.
        plain = plain[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return str(plain)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def clean_name(sent: str) -> str:
    """The last part of a path, without what misleads a reader or breaks a line; empty if nothing is left."""
    last = re.split(r"[\\/]", sent)[-1]
    plain = _MISLEADING.sub("_", last).strip()
    return "" if plain in (".", "..") else plain


def _checked_name(sent: str, at: str, flaws: list[Flaw]) -> str:
    name = clean_name(sent)
    if not name:
        flaws.append(Flaw(f"{at}.fileName", "is not the name of a file"))
    elif len(name) > LONGEST_NAME:
        flaws.append(Flaw(f"{at}.fileName", f"must be at most {LONGEST_NAME} characters"))
    return name


def _media_type(headers: dict[str, bytes], at: str, flaws: list[Flaw]) -> str:
    """The type that the part declares, without parameters."""
    sent = headers.get("content-type", b"").decode("latin-1")
    media_type = sent.partition(";")[0].strip().lower() or OCTETS
    if not _MEDIA_TYPE.fullmatch(media_type):
        flaws.append(Flaw(f"{at}.contentType", "is not a media type"))
    return media_type
