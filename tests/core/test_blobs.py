"""Bytes by digest: equal ones once, half ones never."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from localsign.core.blobs import Arrived, Blob, Blobs
from localsign.core.errors import DamagedError, TooLargeError, WorldChangedError


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs(tmp_path / "blobs")


def files(blobs: Blobs) -> list[Path]:
    return [path for path in blobs.folder.rglob("*") if path.is_file()]


async def stream(chunks: Sequence[bytes], meanwhile: object = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if isinstance(meanwhile, Exception):
        raise meanwhile
    if meanwhile is not None:
        meanwhile()  # type: ignore[operator]


def receive(blobs: Blobs, *chunks: bytes, limit: int = 100, meanwhile: object = None) -> Arrived:
    return asyncio.run(blobs.receive(stream(chunks, meanwhile), limit))


def keep(blobs: Blobs, content: bytes) -> Blob:
    return blobs.keep(blobs.take(content))


def test_what_is_kept_is_read_again(blobs: Blobs) -> None:
    blob = keep(blobs, b"bytes")
    assert blob == Blob(hashlib.sha256(b"bytes").hexdigest(), 5)
    assert blobs.read(blob.digest) == b"bytes"
    assert blobs.path(blob.digest).name == blob.digest


@hypothesis_settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.binary(max_size=30), max_size=5))
def test_however_they_arrive_the_same_bytes_are_the_same(blobs: Blobs, chunks: list[bytes]) -> None:
    whole = b"".join(chunks)
    blob = blobs.keep(receive(blobs, *chunks, limit=200))
    assert blob == keep(blobs, whole)
    assert blobs.read(blob.digest) == whole


def test_equal_bytes_are_kept_once(blobs: Blobs) -> None:
    for _ in range(3):
        keep(blobs, b"bytes")
        blobs.keep(receive(blobs, b"by", b"tes"))
    assert len(files(blobs)) == 1


def test_what_arrived_does_not_count_until_it_is_kept(blobs: Blobs) -> None:
    arrived = receive(blobs, b"bytes")
    with pytest.raises(DamagedError):
        blobs.read(arrived.blob.digest)
    arrived.discard()
    arrived.discard()
    assert files(blobs) == []


def test_discarding_what_arrived_leaves_equal_bytes_alone(blobs: Blobs) -> None:
    blob = keep(blobs, b"bytes")
    receive(blobs, b"bytes").discard()
    assert blobs.read(blob.digest) == b"bytes"


def test_a_stream_may_be_as_long_as_the_limit_and_no_longer(blobs: Blobs) -> None:
    assert receive(blobs, b"12345", b"67890", limit=10).blob.size == 10
    with pytest.raises(TooLargeError, match="larger than 10 bytes"):
        receive(blobs, b"12345", b"678901", limit=10)
    assert len(files(blobs)) == 1


def test_a_stream_that_breaks_leaves_nothing(blobs: Blobs) -> None:
    with pytest.raises(ConnectionError):
        receive(blobs, b"half", meanwhile=ConnectionError())
    assert files(blobs) == []


def test_what_is_dropped_is_gone(blobs: Blobs) -> None:
    blob = keep(blobs, b"bytes")
    blobs.drop(blob.digest)
    blobs.drop(blob.digest)
    assert files(blobs) == []
    with pytest.raises(WorldChangedError):
        blobs.read(blob.digest)


def test_what_arrives_while_the_world_is_cleared_is_refused(blobs: Blobs) -> None:
    keep(blobs, b"other")
    arrived = receive(blobs, b"late", meanwhile=blobs.clear)
    with pytest.raises(WorldChangedError):
        blobs.keep(arrived)
    assert files(blobs) == []
    assert blobs.read(keep(blobs, b"new").digest) == b"new"
