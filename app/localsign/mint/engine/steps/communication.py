"""E-mail and text messages: they go to the outbox of the workspace."""

from localsign.core.outbox import Channel
from localsign.mint.engine.catalog import StepType, items, text
from localsign.mint.engine.results import Done, Result, StepError
from localsign.mint.engine.turn import Turn, as_text
from localsign.signicat import mail

CATEGORY = "Communication"
MOST_RECIPIENTS = 100
SIMULATED = "Nothing is sent: the message is in the outbox of the workspace."


def _recipients(turn: Turn) -> list[str]:
    listed = [as_text(one).strip() for one in turn.items("to") or turn.items("recipients")]
    if not listed:
        raise StepError("The input 'to' is required.")
    if len(listed) > MOST_RECIPIENTS:
        raise StepError(f"There are more than {MOST_RECIPIENTS} recipients.")
    return listed


def _send(turn: Turn, channel: Channel, kind: str) -> Result:
    content = turn.text("content") or turn.text("body") or turn.text("text")
    is_email = channel is Channel.EMAIL
    for recipient in _recipients(turn):
        if is_email and ("@" not in recipient or len(recipient) > 320):
            raise StepError(f"'{recipient[:80]}' is not an e-mail address.")
        mail.send(
            turn.work,
            api="mint",
            kind=kind,
            channel=channel,
            to=recipient,
            text=content,
            reference=turn.journey.id.hex,
            subject=turn.text("subject") if is_email else None,
            html=turn.text("html") or None if is_email else None,
        )
    return Done()


def _email(turn: Turn) -> Result:
    return _send(turn, Channel.EMAIL, "workflow.email")


def _sms(turn: Turn) -> Result:
    return _send(turn, Channel.SMS, "workflow.sms")


TYPES = (
    StepType(
        "SendEmail",
        "Send email",
        CATEGORY,
        "Sends an e-mail.",
        _email,
        inputs={
            "to": items("Addresses.", required=True),
            "subject": text("The subject."),
            "content": text("The text."),
            "html": text("The same as HTML."),
        },
        simulated=SIMULATED,
    ),
    StepType(
        "SendSms",
        "Send SMS",
        CATEGORY,
        "Sends a text message.",
        _sms,
        inputs={"to": items("Phone numbers.", required=True), "content": text("The text.")},
        simulated=SIMULATED,
        mark="inferred",
    ),
)
