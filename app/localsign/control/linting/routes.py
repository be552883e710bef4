"""`/_sandbox/v1/lint`: habits of the client that would hurt against the real service."""

import anyio.to_thread
from fastapi import APIRouter
from pydantic import BaseModel, Field

from localsign.control.journal.asking import Journaled
from localsign.control.linting.calls import calls_of
from localsign.control.linting.hooks import webhook_never_verified
from localsign.control.linting.rules import RULES, Finding
from localsign.workspace import Workspace

router = APIRouter(prefix="/v1", tags=["lint"])


class FindingResponse(BaseModel):
    """One habit. `entries` are the ids in the journal that show it."""

    rule: str
    sentence: str
    advice: str
    entries: list[int]


class LintResponse(BaseModel):
    findings: list[FindingResponse] = Field(description="By rule, in the order in which the rules are documented.")


@router.get("/lint", operation_id="lint")
async def lint(workspace: Journaled) -> LintResponse:
    """What the journal and the webhooks of this workspace say about the client.

    Requests whose User-Agent begins with `localsign/` are those of tests themselves, and are left out.
    """
    findings = await anyio.to_thread.run_sync(_judged, workspace)
    return LintResponse(
        findings=[
            FindingResponse(rule=one.rule, sentence=one.sentence, advice=one.advice, entries=list(one.entries))
            for one in findings
        ]
    )


def _judged(workspace: Workspace) -> list[Finding]:
    calls = calls_of(workspace.journal.entries())
    findings = [finding for rule in RULES for finding in rule(calls)]
    with workspace.work() as work:
        return findings + list(webhook_never_verified(work))
