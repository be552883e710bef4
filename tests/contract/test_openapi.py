"""The OpenAPI documents are what the code says, and say what a reader needs."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from localsign import openapi
from localsign.core.evidence import evidence_of
from localsign.resources import openapi_folder

NAMES = openapi.names()

# Made once: each takes up to a second.
document = cache(openapi.document)
text = cache(openapi.text)


def operations(name: str) -> Iterator[dict[str, Any]]:
    for item in document(name)["paths"].values():
        yield from item.values()


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_what_the_code_says(name: str) -> None:
    kept = json.loads((openapi_folder() / f"{name}.json").read_text(encoding="utf-8"))
    assert kept == document(name), "bring it up to date: localsign openapi --write"


def test_there_is_a_file_for_every_document_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openapi, "text", text)
    assert openapi.stale() == []
    assert sorted(path.stem for path in openapi_folder().glob("*.json")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_no_operation_claims_a_status_that_nobody_sends(name: str) -> None:
    """FastAPI lists 422 everywhere; no vendor has it, and neither do we."""
    for operation in operations(name):
        assert "422" not in operation["responses"], operation["operationId"]
        assert "default" in operation["responses"]
    assert "HTTPValidationError" not in text(name)


@pytest.mark.parametrize("name", NAMES)
def test_operations_carry_the_evidence(name: str) -> None:
    rows = evidence_of(name)
    for operation in operations(name):
        row = rows[operation["operationId"]]
        assert operation["x-evidence"] == {"mark": row.mark, "source": row.source}
        assert str(row.status) in operation["responses"]
        assert ("security" in operation) == (row.auth == "bearer")
        assert operation.get("summary")


@pytest.mark.parametrize("name", NAMES)
def test_every_reference_leads_somewhere(name: str) -> None:
    whole = document(name)
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', text(name)):
        place: Any = whole
        for step in reference.split("/"):
            place = place[step]
        assert place


@pytest.mark.parametrize("name", NAMES)
def test_every_security_scheme_is_defined(name: str) -> None:
    defined = document(name)["components"].get("securitySchemes", {})
    for operation in operations(name):
        for requirement in operation.get("security", []):
            assert requirement.keys() <= defined.keys()


def test_writing_brings_what_is_stale_up_to_date_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openapi, "openapi_folder", lambda: tmp_path)
    monkeypatch.setattr(openapi, "text", text)
    assert openapi.write() == NAMES
    assert openapi.write() == []
    (tmp_path / "sign.json").write_text("{}")
    assert openapi.stale() == ["sign"]
    assert openapi.write() == ["sign"]
    assert (tmp_path / "sign.json").read_text(encoding="utf-8") == text("sign")
