"""Every operation of the control plane has its line in the documentation."""

import re
from pathlib import Path

import pytest

from localsign.core.evidence import Evidence, evidence_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = "\n".join(page.read_text() for page in sorted(DOCS.glob("*.md")))


@pytest.mark.parametrize("row", evidence_of("sandbox").values(), ids=lambda row: row.operation)
def test_an_operation_is_documented(row: Evidence) -> None:
    """By its path below `/_sandbox/v1`, as it is or behind `$BASE`, with anything for its parameters."""
    short = row.path.removeprefix("/_sandbox/v1").removeprefix("/_sandbox")
    pattern = r"\S+?".join(re.escape(part) for part in re.split(r"{\w+}", short))
    found = re.search(rf"(?:\$BASE|/_sandbox(?:/v1)?){pattern}(?![\w/-])", PAGES)
    assert found, f"{row.method} {row.path} is in none of docs/*.md"
