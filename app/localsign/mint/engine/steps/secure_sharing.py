"""Secure Share from a workflow."""

from localsign.mint.engine.catalog import StepType, items, text
from localsign.mint.engine.results import Result, StepError
from localsign.mint.engine.turn import Turn


def _share(_turn: Turn) -> Result:
    raise StepError("This localsign has no Secure Share, so that nothing can be shared.")


TYPES = (
    StepType(
        "CreateSecureShare",
        "Create secure share",
        "Secure Share",
        "Shares files of the journey with somebody.",
        _share,
        inputs={
            "files": items("Files of the journey or of the workflow.", required=True),
            "recipient": text("The e-mail address of who gets them.", required=True),
        },
        outputs={"shareId": text("The share.")},
        mark="inferred",
    ),
)
