"""Pages for people, of any API: rendered on the server, without scripts, in one look."""

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, ParamSpec, TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect

from localsign.core.errors import ApiError, BadInputError, UnexpectedError
from localsign.core.flaws import flaw_of
from localsign.core.http import Download
from localsign.core.sealing.inspect import EncryptedPdfError, NotAPdfError, inspect_pdf, render_page

if TYPE_CHECKING:
    from jinja2 import Environment

Made = TypeVar("Made")
P = ParamSpec("P")

PAGES_SHOWN = 10  # of each document
TEXT_SHOWN = 100_000  # characters of each document

_drawing = ThreadPoolExecutor(1, thread_name_prefix="localsign-drawing")
_PICTURE_WIDTH = 1000  # pixels
_log = logging.getLogger("localsign.pages")
_PACKAGE = Path(__file__).parents[1]
_MOST_FIELDS = 100
_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]')
_LONGEST_STEM = 120
_EXTENSIONS = {
    "application/pdf": (".pdf",),
    "application/xml": (".xml",),
    "text/plain": (".txt",),
    "text/markdown": (".md", ".markdown"),
}


class InsteadError(Exception):
    """Something else is shown than what was asked for: a page, by its template."""

    def __init__(self, template: str, status: int, **values: object) -> None:
        super().__init__(template)
        self.template, self.status, self.values = template, status, values


class PageRoute(APIRoute):
    """A route whose refusals and failures are pages as well."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                return await handle(request)
            except InsteadError as other:
                return page(other.template, other.status, **other.values)
            except ApiError as error:
                return _refusal(request, error)
            except RequestValidationError as error:
                flaws = [flaw_of(one, skip=1) for one in error.errors()]
                return _refusal(request, BadInputError.of_flaws(flaws))
            except ClientDisconnect:
                raise
            except Exception:
                _log.exception("a page failed")
                return _refusal(request, UnexpectedError())

        return handle_for_people


def page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page from `<api>/<file>`, a file in the folder `templates` of that package."""
    text = _environment().get_template(template).render(values)
    return HTMLResponse(text, status, headers=_headers())


def redirect(url: str) -> Response:
    """Send the browser on with GET."""
    return Response(status_code=303, headers={**_headers(), "Location": url})


def download(content: BinaryIO, filename: str, media_type: str) -> FileResponse:
    """A file to keep, not to show."""
    return Download(content, media_type, filename, _headers())


@dataclass(frozen=True)
class Preview:
    """What is shown of a file: pictures of its first pages, or the beginning of its text."""

    pages: int = 0
    more: int = 0  # pages that are not shown
    text: str | None = None
    is_cut: bool = False


async def preview(path: Path, media_type: str) -> Preview:
    """What to show of a PDF or a text; an empty preview where it cannot be read."""
    make = _pdf_preview if media_type == "application/pdf" else _text_preview
    try:
        return await _draw(make, path)
    except (OSError, NotAPdfError, EncryptedPdfError):
        return Preview()


async def picture(
    path: Path, number: int, *, width: int = _PICTURE_WIDTH, kind: Literal["PNG", "JPEG"] = "PNG"
) -> Response:
    """A page of a PDF, the first being 1; LookupError where there is none, or none that can be drawn."""
    try:
        drawn = await _draw(render_page, path, number - 1, width, kind)
    except (IndexError, OSError, NotAPdfError, EncryptedPdfError) as error:
        raise LookupError(f"page {number} of {path.name}") from error
    return Response(drawn, media_type=f"image/{kind.lower()}", headers=_headers())


async def _draw(function: Callable[P, Made], *args: P.args, **kwargs: P.kwargs) -> Made:
    # PDFium does one thing at a time: waiting for it must not fill the pool of threads that send files.
    return await asyncio.get_running_loop().run_in_executor(_drawing, lambda: function(*args, **kwargs))


def _pdf_preview(path: Path) -> Preview:
    count = _page_count(path)
    return Preview(pages=min(count, PAGES_SHOWN), more=max(count - PAGES_SHOWN, 0))


@lru_cache(1000)
def _page_count(path: Path) -> int:  # blobs are named by their digest, so what is behind a path never changes
    return inspect_pdf(path).pages


def _text_preview(path: Path) -> Preview:
    with path.open("rb") as file:
        raw = file.read(4 * TEXT_SHOWN + 4)
    is_wide = raw[:2] in (b"\xff\xfe", b"\xfe\xff")
    text = raw.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    return Preview(text=text[:TEXT_SHOWN], is_cut=len(text) > TEXT_SHOWN)


def safe_filename(name: str, media_type: str) -> str:
    """`name` without what a file system or a reader's eye could be misled by, and with a fitting extension."""
    endings = _EXTENSIONS.get(media_type, ("",))
    plain = _UNSAFE.sub("_", name).strip(" .")
    suffix = PurePosixPath(plain).suffix if plain.lower().endswith(endings) else ""
    stem = plain.removesuffix(suffix).strip(" .")[:_LONGEST_STEM]
    return f"{stem or 'document'}{suffix or endings[0]}"


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send one by default; of a repeated field the last."""
    text = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise BadInputError(f"The form has more than {_MOST_FIELDS} fields.") from None
    return {name: value.replace("\r\n", "\n") for name, value in fields}


def is_cross_site(request: Request) -> bool:
    """Whether the browser says that a page of another site makes this request."""
    return request.headers.get("sec-fetch-site") == "cross-site"


def with_query(url: str, parameters: Mapping[str, str]) -> str:
    """`url` with parameters appended to its query; what it has already, and its fragment, stay as they are."""
    bare, mark, fragment = url.partition("#")
    glue = "" if bare.endswith(("?", "&")) else "&" if "?" in bare else "?"
    more = urlencode(parameters, quote_via=quote, safe="")
    return quote(f"{bare}{glue}{more}{mark}{fragment}", safe=_PRINTABLE)


def sealed(key: bytes, purpose: str, facts: Mapping[str, Any]) -> str:
    """`facts` as text for a cookie, which only who has `key` can make, and which is good for `purpose` only."""
    body = _base64(json.dumps(facts, ensure_ascii=False).encode())
    return f"{body}.{_mac(key, purpose, body)}"


def unsealed(key: bytes, purpose: str, text: str) -> dict[str, Any] | None:
    """What was `sealed`; None if it was not, or was for something else."""
    body, _, mac = text.partition(".")
    if not hmac.compare_digest(mac.encode(), _mac(key, purpose, body).encode()):
        return None
    facts: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return facts


def _mac(key: bytes, purpose: str, body: str) -> str:
    return _base64(hmac.digest(key, f"{purpose}\n{body}".encode(), "sha256"))


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _refusal(request: Request, error: ApiError) -> HTMLResponse:
    trace_id = str(request.scope["state"]["trace_id"])
    request.scope["state"]["refusal"] = error
    return page("core/refused.html", error.status, error=error, trace_id=trace_id)


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined

    folders = {folder.parent.name: FileSystemLoader(folder) for folder in _PACKAGE.glob("*/templates")}
    environment = Environment(
        loader=PrefixLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals["style"] = _style()
    environment.filters.update(size=_size, moment=_moment)
    return environment


@cache
def _style() -> str:
    return (Path(__file__).parent / "templates" / "style.css").read_text(encoding="utf-8")


@cache
def _headers() -> dict[str, str]:
    # No form-action: it would also forbid the redirect to the integrator that follows a form.
    # No frame-ancestors: integrators try out embedding. data: is for the icon, which would else need a route.
    style = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    policy = f"default-src 'none'; img-src 'self' data:; style-src 'sha256-{style}'; base-uri 'none'"
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


def _size(count: int) -> str:
    """`bytes`, `kB` or `MB`, as people read it."""
    if count < 1000:
        return f"{count} byte{'' if count == 1 else 's'}"
    if count < 1_000_000:
        return f"{count / 1000:.0f} kB"
    return f"{count / 1_000_000:.1f} MB"


def _moment(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
