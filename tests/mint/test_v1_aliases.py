"""Every alias that the evidence lists for v1 answers as its operation does; methods and paths are inferred."""

import re
from collections.abc import Iterator

import pytest
from tests.mint.v1_flows import V1
from tests.world import unknown_id

from localsign.core.evidence import Evidence, evidence_of

V1_TAG = "REF1"


def spellings(row: Evidence) -> Iterator[tuple[str, str]]:
    """Each method and path at which an operation is served."""
    yield row.method, row.path
    for alias in row.aliases:
        method, _, path = alias.partition(" ")
        yield method, path or row.path


ROWS = [row for row in evidence_of("mint").values() if row.source.startswith(V1_TAG)]
CASES = [(row, *one) for row in ROWS for one in spellings(row)]


def test_v1_has_its_operations() -> None:
    assert len(ROWS) == 47
    assert sum(bool(row.aliases) for row in ROWS) >= 12


@pytest.mark.parametrize(("row", "method", "path"), CASES, ids=lambda one: str(getattr(one, "operation", one)))
def test_a_spelling_leads_to_its_operation(v1: V1, row: Evidence, method: str, path: str) -> None:
    concrete = re.sub(r"{\w+}", lambda _: unknown_id(), path)
    answer = v1.api.request(method, concrete, json={} if method in ("PUT", "POST") else None)
    assert answer.headers["x-sandbox-operation"] == f"mint.{row.operation}; evidence=inferred"
    assert answer.status_code < 500
    assert answer.status_code != 405
