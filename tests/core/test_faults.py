"""Which requests a fault takes is a matter of counting, and the same in every run."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from localsign.core.faults import Fault, FaultKind, RateLimit, meets

COUNTS = st.integers(0, 8)


def a_fault(**members: Any) -> Fault:
    return Fault(id=UUID(int=1), kind=FaultKind.ERROR, operation="*", **members)


@given(after=COUNTS, every=st.integers(1, 8), times=st.none() | st.integers(1, 8), requests=st.integers(0, 60))
def test_a_fault_takes_the_requests_that_it_says(after: int, every: int, times: int | None, requests: int) -> None:
    fault = a_fault(after=after, every=every, times=times)
    taken = [number for number in range(1, requests + 1) if fault.strikes(None)]
    assert taken == list(range(after + every, requests + 1, every))[:times]
    assert (fault.seen, fault.hits) == (requests, len(taken))


@given(probability=st.floats(0.05, 0.95), seed=st.text(st.characters(codec="utf-8"), min_size=1, max_size=5))
def test_a_draw_depends_on_the_seed_only(probability: float, seed: str) -> None:
    first = a_fault(probability=probability)
    second = a_fault(probability=probability, seed=seed)
    assert [first.strikes(seed) for _ in range(50)] == [second.strikes("another") for _ in range(50)]


def test_a_draw_meets_its_probability() -> None:
    fault = a_fault(probability=0.3, seed="fixed")
    assert 250 < sum(fault.strikes(None) for _ in range(1000)) < 350


def test_patterns() -> None:
    assert meets("*", "sign.get")
    assert meets("sign.*", "sign.get")
    assert meets("sign.get", "sign.get")
    assert not meets("sign.*", "signing-today.get")
    assert not meets("sign.get", "sign.get_all")


def test_a_limit_that_time_went_behind_begins_anew() -> None:
    limit = RateLimit(operation="*", requests=1, per_us=60_000_000)
    now = datetime(2030, 1, 1, tzinfo=UTC)
    assert limit.wait(now) is None
    assert limit.wait(now + timedelta(seconds=59)) == timedelta(seconds=1)
    assert limit.wait(now + timedelta(seconds=60)) is None
    assert limit.wait(now) is None  # a restored world may be earlier
