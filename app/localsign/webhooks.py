"""Sign and verify webhook bodies, for your own tests: standard library only, and nothing else is imported.

>>> header = sign(b'{"id": "1"}', "secret")
>>> verify(b'{"id": "1"}', header, "secret"), verify(b'{"id": "2"}', header, "secret")
(True, False)
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta

SIGNATURE_HEADER = "X-Signicat-Signature"  # the default; each subscription may have another


def sign(body: bytes | str, secret: str) -> str:
    """The signature of a raw body: its HMAC-SHA256 under `secret`, as 64 lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), _raw(body), hashlib.sha256).hexdigest()


def verify(body: bytes | str, header: str | None, secret: str) -> bool:
    """Whether `header` is the signature of the raw `body`, compared in constant time; False for no header.

    Give the bytes as they came: JSON that was parsed and written anew has other bytes.
    """
    given = (header or "").strip().lower().encode("utf-8", "replace")
    return hmac.compare_digest(sign(body, secret).encode(), given)


def timestamp(body: bytes | str) -> datetime:
    """When the event of an envelope happened; ValueError for a body that is no envelope."""
    try:
        return datetime.fromisoformat(json.loads(body)["timestamp"])
    except (KeyError, TypeError):
        raise ValueError("the body is not a JSON object with a timestamp") from None


def is_fresh(body: bytes | str, now: datetime, tolerance: timedelta = timedelta(minutes=5)) -> bool:
    """Whether the event of an envelope happened at most `tolerance` before or after `now`, which must be aware.

    A repeated attempt carries the timestamp of the first.
    """
    return abs(now - timestamp(body)) <= tolerance


def _raw(body: bytes | str) -> bytes:
    return body.encode() if isinstance(body, str) else body
