"""Secure Share from a workflow: real shares in the emulated Secure Share API of the same workspace.

The vendor's names of these steps are not known; ours follow the operations of that API.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from localsign.core.blobs import Arrived, Blobs
from localsign.core.errors import ConflictError, Flaw
from localsign.core.work import Slow, Work
from localsign.mint.engine.catalog import StepType, items, mapping, subject_of, text
from localsign.mint.engine.files import all_found
from localsign.mint.engine.results import Done, Later, Result, StepError, Wait
from localsign.mint.engine.steps.sign_sessions import command, id_given, valid
from localsign.mint.engine.turn import Turn, as_text
from localsign.mint.models import JourneyWait, MintFile
from localsign.secure_share import actions
from localsign.secure_share.commands import RecipientCommand
from localsign.secure_share.lifecycle import ShareState
from localsign.secure_share.models import Share, recipients_of
from localsign.secure_share.schemas import CreateShare
from localsign.secure_share.service import files, shares
from localsign.secure_share.service.files import Part

CATEGORY = "Secure Share"
SENDER = {"name": "A workflow"}  # whom recipients turn to, where the step says nothing
_LOG_IN = [{"identityProvider": "otp-email"}]


def _create(turn: Turn) -> Result:
    """The share with its recipients, then the files: the invitations leave when there is something to fetch."""
    found = all_found(turn, "files")
    blobs = turn.work.blobs
    return Later(lambda: _copies(blobs, found), _shared)


def _copies(blobs: Blobs, found: Sequence[MintFile]) -> list[tuple[str, str, Arrived]]:
    return [(one.filename, one.content_type, blobs.take(blobs.read(one.digest))) for one in found]


def _shared(turn: Turn, made: list[tuple[str, str, Arrived]]) -> Result:
    recipients = turn.items("recipients") or turn.items("recipient")
    if not recipients:
        raise StepError("The input 'recipients' is required.")
    wanted: dict[str, Any] = {
        "title": turn.text("title") or turn.journey.name or turn.journey.workflow_name,
        "description": turn.text("description") or None,
        "externalReference": turn.journey.id.hex,
        "contactDetails": turn.mapping("contactDetails") or SENDER,
        "recipients": [_recipient(one) for one in recipients],
    }
    if turn.given("expires"):
        wanted["expires"] = turn.text("expires")
    share = shares.create(turn.work, valid(CreateShare, wanted), turn.journey.home)
    turn.work.db.flush()
    parts = [Part(name, content_type.partition(";")[0], arrived) for name, content_type, arrived in made]
    stored = files.add(turn.work, share.id, parts, turn.journey.home)
    turn.work.db.flush()
    invited = [{"recipientId": str(one.id), "email": one.email} for one in recipients_of(turn.work, share.id)]
    return Done(output={"shareId": str(share.id), "fileIds": [str(one.id) for one in stored], "recipients": invited})


def _recipient(given: Any) -> dict[str, Any]:
    """A recipient as the Secure Share API has it, or just an e-mail address."""
    if not isinstance(given, dict):
        given = {"email": as_text(given)}
    return {"authentication": _LOG_IN, "notification": {"sendEmail": bool(given.get("email"))}, **given}


def _await_downloads(turn: Turn) -> Result:
    share_id = id_given(turn, "shareId")
    share = turn.work.find(Share, share_id)
    if share is None:
        raise StepError(f"There is no share with the id {share_id}.")
    if share.state is not ShareState.ACTIVE:
        return _ended(turn, share)
    return Wait({"shareId": str(share.id)}, subject_of("secure-share", share.id))


def _resumed(turn: Turn) -> Result:
    return _ended(turn, turn.work.find(Share, UUID(turn.facts["shareId"])))


def _ended(turn: Turn, share: Share | None) -> Result:
    state = ShareState.DELETED if share is None else share.state
    if state is ShareState.COMPLETED:
        return Done(output={"status": state.value})
    if not turn.memory.routes.targets(turn.step.id, [state.value]):
        raise StepError(f"The share has ended before everything was fetched: it is {state.value}.")
    return Done((state.value,), {"status": state.value})


def _check(_work: Work, wait: JourneyWait, _came: Mapping[str, Any]) -> list[Flaw]:
    raise ConflictError(f"The step '{wait.step_id}' ends when everybody has fetched the share {wait.facts['shareId']}.")


def _act(work: Work, wait: JourneyWait, action: str, data: Mapping[str, Any]) -> Slow[Any, Any] | None:
    """Do what the recipients do: `complete` lets each of them fetch everything."""
    words = {"complete": "download", "open": "open", "fail": "fail"}
    if action not in words:
        raise ConflictError(f"At a share, one can {', '.join(words)}, and not {action}.")
    for one in recipients_of(work, UUID(wait.facts["shareId"])):
        wanted = {"action": words[action], **{name: data[name] for name in ("code", "nin") if name in data}}
        actions.act(work, one.id, command(RecipientCommand, wanted))
    return None


TYPES = (
    StepType(
        "CreateSecureShare",
        "Create secure share",
        CATEGORY,
        "Shares files of the journey with somebody.",
        _create,
        inputs={
            "files": items("Files of the journey or of the workflow.", required=True),
            "recipients": items("E-mail addresses, or recipients as the Secure Share API has them.", required=True),
            "title": text("What the recipients see."),
            "description": text("What else they see."),
            "contactDetails": mapping("Whom they can turn to: name, email, phone, url."),
            "expires": text("When access ends, as the Secure Share API has it."),
        },
        outputs={
            "shareId": text("The share."),
            "fileIds": items("Its files."),
            "recipients": items("recipientId and email of each."),
        },
        mark="invented",
        is_atomic=True,
    ),
    StepType(
        "WaitForSecureShare",
        "Wait for secure share",
        CATEGORY,
        "Waits until every recipient has fetched everything.",
        _await_downloads,
        _resumed,
        _check,
        _act,
        outcomes=("Done", "Expired", "Deleted"),
        inputs={"shareId": text("The share.", required=True)},
        outputs={"status": text("Completed, Expired or Deleted.")},
        page="waiting",
        mark="invented",
    ),
)
