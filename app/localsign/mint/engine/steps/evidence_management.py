"""Digital evidence management, simulated: records live in the data of the journey."""

import hashlib
import json
from typing import Any

from localsign.core.clock import show
from localsign.mint.engine import papers
from localsign.mint.engine.catalog import StepType, anything, mapping, text
from localsign.mint.engine.files import PDF, keep_for
from localsign.mint.engine.results import Done, Later, Result, StepError
from localsign.mint.engine.turn import Turn

CATEGORY = "Digital Evidence Management"
SIMULATED = "Records are kept in the journey only, and their seal is a plain digest."


def _create_record(turn: Turn) -> Result:
    data = turn.given("data") if turn.given("data") is not None else turn.given("coreData")
    text = json.dumps(data, ensure_ascii=False, sort_keys=True)
    return Done(
        output={
            "recordId": turn.work.new_id().hex,
            "createdAt": show(turn.work.now),
            "hash": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
            "data": data,
        }
    )


def _get_report(turn: Turn) -> Result:
    turn.needed("recordId")
    wanted = turn.text("recordId")
    for row in turn.memory.outputs.values():
        if isinstance(row.data, dict) and row.data.get("recordId") == wanted and "hash" in row.data:
            return _write(row.data)
    raise StepError(f"The journey has no evidence record '{wanted[:80]}'.")


def _write(record: dict[str, Any]) -> Later:
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in record.items()]
    return Later(lambda: papers.written("\n".join(lines), "Evidence record (a test)"), _reported)


def _reported(turn: Turn, content: bytes) -> Result:
    return Done(output={"file": keep_for(turn, content, f"{turn.text('recordId')}.pdf", PDF)})


TYPES = (
    StepType(
        "CreateDemRecord",
        "Create DEM record",
        CATEGORY,
        "Keeps evidence.",
        _create_record,
        inputs={"data": anything("What to keep.")},
        outputs={"recordId": text("The record."), "hash": text("SHA-256 of the data."), "createdAt": text("When.")},
        simulated=SIMULATED,
    ),
    StepType(
        "GetDemReport",
        "Get DEM report (PDF)",
        CATEGORY,
        "Gives a report of a record as a file of the journey.",
        _get_report,
        inputs={"recordId": text("The record.", required=True)},
        outputs={"file": mapping("The PDF.")},
        simulated=SIMULATED,
    ),
)
