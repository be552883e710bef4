"""Steps at which a journey waits until it is told to go on."""

from localsign.core.outbox import Channel
from localsign.mint.engine import links
from localsign.mint.engine.catalog import StepType, flag, mapping, text
from localsign.mint.engine.results import Done, Result, Wait
from localsign.mint.engine.turn import Turn, as_flag
from localsign.signicat import mail

CATEGORY = "State"


def _require_approval(turn: Turn) -> Result:
    message, approver = turn.text("message"), turn.text("approver").strip()
    if approver:
        token = links.make_approval(turn.work, turn.journey.id, turn.step.id)
        mail.send(
            turn.work,
            api="mint",
            kind="workflow.approval",
            channel=Channel.EMAIL,
            to=approver,
            subject=f"Approval needed: {turn.journey.workflow_name}",
            text=f"{message}\n\nDecide here: {links.approval_url(turn.journey.home, token)}",
            reference=turn.journey.id.hex,
        )
    return Wait({"message": message, "approver": approver})


def _approved(turn: Turn) -> Result:
    came = turn.came or {}
    is_approved = as_flag(came.get("approved"))
    return Done(
        ("Approved",) if is_approved else ("Rejected",),
        {"approved": is_approved, "message": came.get("message")},
    )


def _suspend(turn: Turn) -> Result:
    return Wait({"message": turn.text("message")})


def _resumed(turn: Turn) -> Result:
    return Done(output=dict(turn.came or {}))


TYPES = (
    StepType(
        "RequireApproval",
        "Require approval",
        CATEGORY,
        "Waits until somebody approves or rejects.",
        _require_approval,
        _approved,
        outcomes=("Approved", "Rejected"),
        inputs={
            "message": text("What is to be approved."),
            "approver": text("The e-mail address of who decides; they get a link."),
        },
        outputs={"approved": flag("The decision."), "message": text("What was said with it.")},
        aliases=("Approval",),
        asks="approval",
        page="waiting",
    ),
    StepType(
        "SuspendWorkflow",
        "Suspend workflow",
        CATEGORY,
        "Waits until it is resumed by the API; may show a message to the end user.",
        _suspend,
        _resumed,
        inputs={"message": text("What the end user sees meanwhile.")},
        outputs={"*": mapping("The input that it was resumed with.")},
        aliases=("Suspend",),
        page="waiting",
    ),
)
