"""Answers are what OpenAPI documents say: ours, and the vendor's where somebody has it at hand."""

import os
from pathlib import Path

import pytest
from tests.signing_today import conforming
from tests.signing_today.conforming import Differences, Report
from tests.signing_today.transactions import Desk

from localsign.core.evidence import evidence_of

VENDOR = "SIGNING_TODAY_DOCUMENT"  # the path of the vendor's OpenAPI document of 2.0.0, which is not part of this tree
vendor = pytest.mark.skipif(VENDOR not in os.environ, reason=f"{VENDOR} does not name the vendor's document")
KNOWN = Path(__file__).with_name("differences.yaml")


def said(report: Report) -> str:
    return "\n\n".join(f"{times} x {one}\n{report.samples.get(one, '')}" for one, times in report.findings.items())


def test_answers_are_what_our_document_says(desk: Desk) -> None:
    report = conforming.conform(conforming.ours(), desk, Differences(), examples=3, is_thorough=False)
    assert not report.findings, said(report)
    assert len(report.statuses) == 62
    assert report.unsuccessful == []


@vendor
def test_answers_are_what_the_document_of_the_vendor_says(desk: Desk) -> None:
    document = conforming.read(Path(os.environ[VENDOR]))
    report = conforming.conform(document, desk, Differences.of(KNOWN), examples=15, is_thorough=True)
    assert not report.findings, said(report)
    assert len(report.statuses) == 62
    assert report.unsuccessful == []


@vendor
def test_statuses_and_credentials_are_those_of_the_vendor() -> None:
    rows = {(row.method, row.path): row for row in evidence_of("signing-today").values()}
    document = conforming.public(conforming.read(Path(os.environ[VENDOR])))
    for label, path, method, operation in conforming.labels(document):
        row = rows[method.upper(), "/api" + path.replace("identity-id", "identityId")]
        assert [str(row.status)] == [one for one in operation["responses"] if one[0] in "23"], label
        schemes = {name for one in operation.get("security") or () for name in one}
        assert row.auth == ("none" if not schemes else "bearer" if "OAuth2" in schemes else "client"), label
        assert row.mark == "documented", label


def test_every_difference_has_a_reason() -> None:
    known = Differences.of(KNOWN)
    ours = {label for label, *_ in conforming.labels(conforming.ours())}
    assert all(one["reason"] for one in (*known.members, *known.answers))
    assert {label for one in known.answers for label in one["calls"]} <= ours
