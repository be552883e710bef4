"""What must not be shown: secrets, tokens, national ids, the bytes of documents. Found by name, by place, by look.

A Redactor reads one exchange. What it hides in one place it also hides wherever else the same value appears, so that
an error that quotes a secret does not give it away.
"""

import base64
import json
import math
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

from localsign.core.journal import Body

if TYPE_CHECKING:
    from email.message import Message

REDACTED = "<redacted>"
Pairs = list[tuple[str, str]]
Mask = Callable[[str, str], str]  # what is shown instead of something, by its name and value

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LAST = re.compile(r"[^.\[\]/]+")
_WORDS = frozenset({"nin", "nins", "ssn", "otp", "otps", "pin", "cpr", "hetu", "bsn", "pesel", "tin", "jwt", "pnr"})
_SECRET = re.compile(
    "secret|passw|passphrase|passcode|token|assertion|apikey|privatekey|clientkey|credential|cookie|authorization"
    "|requestheaders|challenge"
    "|(otp|sms|pin|verification|onetime|activation|security|access|auth)code|saml(request|response)"
)
# Of which something that is none is often told: how long a token lives, of which type it is.
_TELLS = re.compile(
    "types?|lifetime|endpoints?|supported|expiry|expires|in|at|length|policy|count|methods?|alg|algorithm|clock|name"
    "|status|required|ids?|scheme"
)
_PERSONAL = re.compile(
    "national(id|number|insurance)|identificationnumber|identitynumber|socialsecurity|personal(number|code|id)"
    "|personnummer|fodselsnummer|birthnumber|fiscal(code|number|id)|codicefiscale|tax(id|code|number)"
)
_JWT = re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}(?:\.[\w-]*)?")
_CREDENTIALS = re.compile(r"(?i)\b(bearer|basic|digest)[ ]+((?=[\w.~+/=-]*[\d._~+/=-])[\w.~+/=-]{8,})")
_URL = re.compile(r"https?://[^\s\"'<>\\]+")
_ASSIGNED = re.compile(r"([\w.-]{2,60})(\"?\s*[=:]\s*\"?)([^\s\"'&,;}]+)")
_OPAQUE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w-]{16,}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SHORTEST = 6  # shorter values are hidden where they stand, and not looked for elsewhere
_FEW = 100
_LONGEST_NAME = 200
_MOST_FIELDS = 500
_DEEPEST = 50
_LONGEST_FIELD = 4096


def is_secret(name: str) -> bool:
    """Whether a member, field, header or parameter of this name holds what must not be shown."""
    return _is_secret(name[-_LONGEST_NAME:])


@lru_cache(4096)
def _is_secret(name: str) -> bool:
    last = (_LAST.findall(name) or [""])[-1]
    words = [word.lower() for word in _WORD.findall(last)]
    whole = "".join(words)
    if _PERSONAL.search(whole) or _WORDS.intersection(words):
        return True
    return _SECRET.search(whole) is not None and not _TELLS.fullmatch(words[-1])


class Links:
    """Where paths carry tokens, as the evidence has it.

    `paths`: templates such as `/share/open/{token}`, and whether having the link is all that the operation asks for;
    then its query is the token.
    """

    def __init__(self, paths: Iterable[tuple[str, bool]]) -> None:
        carrying: set[str] = set()
        self._templates: list[tuple[re.Pattern[str], int, bool]] = []  # with how much of it is literal
        for template, is_link in paths:
            parts = re.split(r"({\w+})", template)
            for index in range(1, len(parts), 2):
                if is_secret(parts[index][1:-1]):
                    carrying.add(_pattern(parts[:index]))
            self._templates.append((re.compile(_pattern(parts)), sum(map(len, parts[::2])), is_link))
        self._carriers = [re.compile(f"({one})([^/?#]+)") for one in sorted(carrying)]

    def tokens(self, path: str, *, is_known: bool = True) -> list[str]:
        """What in `path` is a token; of a path that is no operation's, also what looks like one."""
        found = [match[2] for one in self._carriers for match in one.finditer(path)]
        return found if is_known else [*found, *(part for part in path.split("/") if _looks_secret(part))]

    def is_link(self, path: str) -> bool:
        """Whether the query of `path` is what lets one in: it is a link's, and none more literal is like it."""
        prefix = re.match(r"/w/[^/]+(?=/)", path)
        bare = path[prefix.end() :] if prefix else path
        found = [(literal, is_link) for one, literal, is_link in self._templates if one.fullmatch(bare)]
        return max(found, default=(0, False))[1]

    def path(self, path: str, mask: Callable[[str], str] = lambda _: REDACTED, *, is_known: bool = True) -> str:
        """`path` without its tokens; `mask` gives what is shown instead of one."""
        for token in self.tokens(path, is_known=is_known):
            path = path.replace(token, mask(token))
        return _JWT.sub(lambda found: mask(found[0]), path)


def _looks_secret(part: str) -> bool:
    return bool(_OPAQUE.fullmatch(part)) and not _UUID.fullmatch(part)


def _pattern(parts: list[str]) -> str:
    return "".join("[^/?#]+" if index % 2 else re.escape(part) for index, part in enumerate(parts))


class Redactor:
    """Hides what one exchange must not show. `mask` gives what is shown instead of something, by its name and value.

    `is_known`: it met an operation, so that what its path and query hold is known; else what looks like a token is
    hidden as well.
    """

    def __init__(self, links: Links, mask: Mask = lambda _name, _value: REDACTED, *, is_known: bool = True) -> None:
        self._links = links
        self._mask = mask
        self._is_known = is_known
        self._found: dict[str, str] = {}  # values, with what is shown instead
        self._shown: set[str] = set()

    def hide(self, name: str, value: str) -> str:
        """What is shown instead of `value`; the value is hidden elsewhere as well."""
        if value in self._shown:
            return value
        shown = self._mask(name, value)
        self._shown.add(shown)
        if len(value) >= _SHORTEST:
            for spelled in (value, quote(value, safe=""), quote(value), json.dumps(value)[1:-1]):
                self._found.setdefault(spelled, shown)
        return shown

    def path(self, path: str) -> str:
        for token in self._links.tokens(path, is_known=self._is_known):
            self.hide("link_token", token)
        return self._links.path(path, lambda token: self.hide("link_token", token), is_known=self._is_known)

    def query(self, path: str, query: str) -> Pairs:
        """The parameters in order."""
        all_are = bool(query) and self._links.is_link(path)
        return [
            (name, self._member(name, value, all_are or (not self._is_known and bool(_OPAQUE.fullmatch(value)))))
            for name, value in _fields(query)
        ]

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
        return [self._header(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]

    def _header(self, name: str, value: str) -> tuple[str, str]:
        if name.lower() in ("authorization", "proxy-authorization"):
            scheme, blank, rest = value.partition(" ")
            if not blank:
                return name, self.hide("token", value)
            if scheme.lower() == "basic":
                self.hide("password", _password(rest))
            return name, f"{scheme} {self.hide('token' if scheme.lower() == 'bearer' else 'credentials', rest)}"
        if name.lower() in ("location", "referer"):
            return name, self.url(value)
        return name, self._member(name, value)

    def url(self, url: str) -> str:
        """A URL without what its path, query and fragment must not show."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return self._mask("url", url)
        fragment = self._joined(self.query("", parts.fragment)) if "=" in parts.fragment else parts.fragment
        host = parts.netloc
        if "@" in host:
            host = f"{self.hide('credentials', host.rpartition('@')[0])}@{host.rpartition('@')[2]}"
        query = self._joined(self.query(parts.path, parts.query))
        return urlunsplit((parts.scheme, host, self.path(parts.path), query, fragment))

    def _joined(self, pairs: Pairs) -> str:
        return "&".join(
            f"{quote(name, safe='')}={value if value in self._shown else quote(value, safe='')}"
            for name, value in pairs
        )

    def _member(self, name: str, value: str, is_hidden: bool = False) -> str:
        return self.hide(name, value) if value and (is_hidden or is_secret(name) or name == "code") else value

    # ---- bodies

    def body(self, body: Body | None, media_type: str, *, is_document: bool, is_answer: bool, is_sealed: bool) -> Any:
        """A body as it may be shown: JSON and forms by member, anything else by its size and digest.

        `is_sealed`: every value in it may be a secret, whatever it is called.
        """
        if body is None or not body.size:
            return None
        kind = media_type.partition(";")[0].strip().lower()
        content = body.content
        if content is not None and not is_document:
            if kind.endswith("json"):
                shown = self._json(content, is_answer=is_answer, is_sealed=is_sealed)
                if shown is not _UNREADABLE:
                    return shown
            elif kind == "application/x-www-form-urlencoded":
                return self._form(content.decode("utf-8", "replace"), is_sealed=is_sealed)
            elif kind == "multipart/form-data":
                return self._parts(media_type, content, is_sealed=is_sealed)
        digest = "redacted" if is_sealed else f"sha256:{body.sha256}"
        return f"<{_plain(kind) or 'unknown type'}, {body.size} bytes, {digest}>"

    def _json(self, content: bytes, *, is_answer: bool, is_sealed: bool) -> Any:
        try:
            return self._value(json.loads(content), "", is_answer, is_sealed)
        except (ValueError, RecursionError):
            return _UNREADABLE

    def _value(self, value: Any, name: str, is_answer: bool, is_hidden: bool, depth: int = 0) -> Any:
        """`value` of the member `name`; with `is_hidden`, it and all in it is hidden."""
        if depth > _DEEPEST:
            return "<nested deeper>"
        if isinstance(value, dict):
            named = value.get("name", value.get("key"))
            holds = isinstance(named, str) and is_secret(named)  # {"name": "password", "value": "..."}
            return {
                _plain(key): self._value(
                    one,
                    key,
                    is_answer,
                    self._is_hidden(key, is_answer, is_hidden, holds and key in ("value", "text")),
                    depth + 1,
                )
                for key, one in value.items()
            }
        if isinstance(value, list):
            return [self._value(one, name, is_answer, is_hidden, depth + 1) for one in value]
        if is_hidden and value is not None and not isinstance(value, bool):
            return self.hide(name, str(value))
        is_odd = isinstance(value, float) and not math.isfinite(value)  # JSON that only Python reads
        return str(value) if is_odd else value

    @staticmethod
    def _is_hidden(name: str, is_answer: bool, is_inherited: bool, is_told: bool) -> bool:
        if is_inherited:
            return name not in ("id", "name")
        # In answers `code` is what went wrong; in requests it lets somebody in.
        return is_told or is_secret(name) or (name == "code" and not is_answer)

    def _form(self, text: str, *, is_sealed: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {}
        for name, value in _fields(text):
            one = self._member(name, value, is_sealed)
            if name in shown:
                earlier = shown[name]
                shown[name] = [*earlier, one] if isinstance(earlier, list) else [earlier, one]
            else:
                shown[name] = one
        return shown

    def _parts(self, media_type: str, content: bytes, *, is_sealed: bool) -> list[dict[str, Any]]:
        from email.message import Message
        from email.parser import BytesParser

        head = f"Content-Type: {_plain(media_type)}\r\n\r\n".encode("latin-1", "replace")
        whole = BytesParser().parsebytes(head + content)
        parts = whole.get_payload() if whole.is_multipart() else []
        return [self._part(one, is_sealed) for one in parts if isinstance(one, Message)]

    def _part(self, part: "Message", is_sealed: bool) -> dict[str, Any]:
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        name = _plain(str(part.get_param("name", "", "content-disposition")))
        filename = part.get_filename()
        if filename is None and len(content) <= _LONGEST_FIELD:
            return {"name": name, "value": self._member(name, content.decode("utf-8", "replace"), is_sealed)}
        body = Body()
        body.add(content)
        described = self.body(body, part.get_content_type(), is_document=True, is_answer=False, is_sealed=is_sealed)
        return {"name": name, "filename": filename and _plain(filename), "value": described}

    # ---- at the end

    def scrub(self, shown: Any) -> Any:
        """`shown` without any value that was hidden somewhere, without tokens, and with text that can be encoded."""
        while True:
            known = len(self._found)
            shown = self._scrubbed(shown, _Replacer(self._found))
            if len(self._found) == known:  # else a link in it told of one more
                return shown

    def _scrubbed(self, shown: Any, known: "_Replacer") -> Any:
        if isinstance(shown, str):
            return self._text(shown, known)
        if isinstance(shown, dict):
            return {self._text(key, known): self._scrubbed(one, known) for key, one in shown.items()}
        if isinstance(shown, list | tuple):
            return type(shown)(self._scrubbed(one, known) for one in shown)
        return shown

    def _text(self, text: str, known: "_Replacer") -> str:
        if "://" in text:
            text = _URL.sub(lambda found: self.url(found[0]), text)
        text = known.replaced(text)
        if "eyJ" in text:
            text = _JWT.sub(lambda found: self.hide("token", found[0]), text)
        text = _CREDENTIALS.sub(lambda found: f"{found[1]} {self._mask('credentials', found[2])}", text)
        return _plain(text)


class _Replacer:
    """Replaces values wherever they stand, the longest first. None is shorter than `_SHORTEST`.

    A pattern of all of them would try each at each place, which takes too long for thousands, so they are looked up
    by how they begin.
    """

    def __init__(self, found: dict[str, str]) -> None:
        self._shown = dict(found)
        self._beginning: dict[str, list[str]] = {}
        for value in sorted(found, key=len, reverse=True):
            self._beginning.setdefault(value[:_SHORTEST], []).append(value)
        few = 0 < len(self._beginning) <= _FEW
        self._begins = re.compile("|".join(map(re.escape, self._beginning))) if few else None

    def replaced(self, text: str) -> str:
        if not self._beginning or len(text) < _SHORTEST or not (self._begins is None or self._begins.search(text)):
            return text
        parts, start, here = [], 0, 0
        while here <= len(text) - _SHORTEST:
            for value in self._beginning.get(text[here : here + _SHORTEST], ()):
                if text.startswith(value, here):
                    parts += [text[start:here], self._shown[value]]
                    start = here = here + len(value)
                    break
            else:
                here += 1
        return "".join([*parts, text[start:]])


class _Unreadable:
    """What is not what its media type says."""


_UNREADABLE = _Unreadable()


def _fields(text: str) -> Pairs:
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return []


def _password(credentials: str) -> str:
    """The second half of what HTTP Basic sends."""
    try:
        return base64.b64decode(credentials).decode("utf-8", "replace").partition(":")[2]
    except ValueError:
        return ""


def _plain(text: str) -> str:
    """`text` without what cannot be encoded."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def scrubbed_line(text: str, links: Links) -> str:
    """A line for a log, or a traceback, without what looks like a secret."""

    def assigned(found: re.Match[str]) -> str:
        return f"{found[1]}{found[2]}{REDACTED}" if is_secret(unquote(found[1])) else found[0]

    return _ASSIGNED.sub(assigned, str(Redactor(links).scrub(text)))
