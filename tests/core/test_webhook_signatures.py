"""The functions that users sign and verify with."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign import webhooks
from localsign.webhooks import is_fresh, sign, timestamp, verify

NOW = datetime(2030, 1, 1, tzinfo=UTC)


def test_the_signature_is_the_known_one() -> None:
    """The second test case of RFC 4231."""
    body, secret = b"what do ya want for nothing?", "Jefe"
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(body, secret) == sign(body.decode(), secret) == expected
    assert verify(body, expected, secret)
    assert verify(body, f" {expected.upper()}\n", secret)


@given(st.binary(), st.text(), st.text())
def test_nothing_but_the_signature_is_accepted(body: bytes, secret: str, other: str) -> None:
    secret = secret.encode("utf-8", "replace").decode()
    assert verify(body, sign(body, secret), secret)
    assert not verify(body + b"x", sign(body, secret), secret)
    assert verify(body, other, secret) == (other.strip().lower() == sign(body, secret))
    assert not verify(body, None, secret)


def test_a_body_is_fresh_for_five_minutes() -> None:
    body = '{"timestamp": "2029-12-31T23:56:00.0000000Z"}'
    assert timestamp(body) == NOW - timedelta(minutes=4)
    assert is_fresh(body, NOW)
    assert not is_fresh(body, NOW + timedelta(minutes=2))
    assert is_fresh(body, NOW + timedelta(hours=2), tolerance=timedelta(days=1))
    assert not is_fresh(body, NOW - timedelta(hours=1))


@pytest.mark.parametrize("body", ["", "[]", "{}", "1", '{"timestamp": 1}', '{"timestamp": "soon"}'])
def test_a_body_without_a_timestamp_is_no_envelope(body: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        timestamp(body)


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, localsign.webhooks; print({'fastapi', 'pydantic', 'sqlmodel', 'httpx'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"


def test_its_own_examples_are_right() -> None:
    import doctest

    assert doctest.testmod(webhooks).failed == 0
