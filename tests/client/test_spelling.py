"""Python's values as the wire has them."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given as every
from hypothesis import strategies as st

from localsign.client.credentials import Credentials
from localsign.client.errors import SandboxError, WaitTimeoutError
from localsign.client.receiving import Post, Received
from localsign.client.shapes.people import Channel
from localsign.client.spelling import duration, given, instant, plain, query
from localsign.client.timeline import Timeline
from localsign.core.scopes import Scope
from localsign.lags import parse_duration
from localsign.webhooks import sign


@every(st.timedeltas(timedelta(0), timedelta(days=3000)))
def test_a_duration_is_read_as_it_was_spelled(value: timedelta) -> None:
    assert parse_duration(duration(value)) == value


def test_values_are_spelled() -> None:
    east = timezone(timedelta(hours=2))
    channel: Channel = "sms"
    assert plain(
        {
            "a": datetime(2031, 5, 1, 12, tzinfo=east),
            "b": [timedelta(minutes=1), UUID(int=1), Path("x")],
            "c": Scope.DATA,
            "d": (None, channel),
        }
    ) == {
        "a": "2031-05-01T10:00:00Z",
        "b": ["PT60S", "00000000-0000-0000-0000-000000000001", "x"],
        "c": Scope.DATA.value,
        "d": [None, "sms"],
    }
    assert given(a=None, b=0) == {"b": 0}
    assert query(a=True, b=None, c=datetime(2031, 1, 1, tzinfo=UTC)) == {"a": "true", "c": "2031-01-01T00:00:00Z"}
    assert duration(timedelta(seconds=-1)) == "-PT1S"
    assert instant("now") == "now"


def test_an_instant_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        instant(datetime(2031, 1, 1))  # noqa: DTZ001


ENVELOPE = b'{"eventName": "a.b", "eventData": {"id": "1"}, "timestamp": "2026-01-31T12:00:00Z"}'


def test_a_receiver_says_what_is_wrong() -> None:
    post = Post("secret", tolerance=None)
    headers = {"x-signicat-signature": sign(ENVELOPE, "secret")}
    assert [post.take("/signicat", headers, ENVELOPE), post.take("/signicat", {}, ENVELOPE)] == [204, 401]
    assert post.take("/signicat", headers, ENVELOPE + b" ") == 401
    assert post.take("/signing-today", {}, b"{}") == 401
    assert post.take("/signing-today", {"x-localsign-secret": "secret"}, b'{"message": "M", "data": {}}') == 204
    assert [one.event for one in post.received] == ["a.b", "M"]
    old = Post("secret")
    assert old.take("/signicat", headers, ENVELOPE) == 401
    assert old.take("/signicat", {"x-signicat-signature": sign(b"7", "secret")}, b"7") == 401
    with pytest.raises(WaitTimeoutError, match=r"came: a\.b.*not of the last"):
        old.wait(lambda one: [], 1, 0.01, "")
    assert [type(one) for one in old.refused] == [Received, Received]


def test_a_timeline_has_a_line_for_each_moment() -> None:
    assert len(Timeline.of("w", [], {})) == 0
    assert str(Timeline.of("w", [], {})) == "workspace w: nothing has happened"


def test_an_unknown_account_is_said() -> None:
    today = {"client_id": "c", "client_secret": "s", "domains": [], "accounts": []}
    known = Credentials.of("http://x", {"clients": [{"client_id": "a", "client_secret": "b"}], "signing_today": today})
    with pytest.raises(SandboxError, match="no account x@demo"):
        known.signing_today.account("x")
