"""What people do in a DST: fill in a text, sign, decline. The tray, the control plane and decisions run these verbs.

Only filling has an operation of the vendor's; signing and declining happen in a browser (documented).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from localsign.core import decisions
from localsign.core.blobs import Arrived
from localsign.core.errors import ApiError, BadInputError, ForbiddenError, IllegalTransitionError, NotFoundError
from localsign.core.work import Slow, Work
from localsign.signing_today import artefacts
from localsign.signing_today.artefacts import SignPlan
from localsign.signing_today.dst_switches import TEXT_MEMBER
from localsign.signing_today.lifecycle.dsts import TURN, DstEvent, TurnEvent, TurnState
from localsign.signing_today.models.dsts import Dst, DstDocument, Resource, Role, Turn, turns_of
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service import access, downloads, flow, plans, records
from localsign.signing_today.service.dsts import touch


@dataclass(frozen=True)
class Details:
    """What an act is about, as far as it is said, and what is filled in or given as a reason."""

    document_id: int | None = None
    request_id: int | None = None
    form_id: int | None = None
    text: str = "Filled in"
    reason: str | None = None


def act(work: Work, dst_id: UUID, action: str, details: Details) -> "Dst | Slow[Any, Dst]":
    """Do something for the person whose turn it is: the first one that `details` fit.

    ConflictError, with the status, where that cannot be done now; BadInputError where nobody is asked for it.
    """
    dst = work.get(Dst, dst_id)
    if action in ("download", "fail"):
        return downloads.end(work, dst, details.reason, is_failure=action == "fail")
    event = {"fill": DstEvent.FILL, "sign": DstEvent.SIGN, "decline": DstEvent.DECLINE}[action]
    dst.machine.check(dst, event)
    turn = _asked(work, dst, details, fills=event is DstEvent.FILL)
    if event is DstEvent.FILL:
        return fill(work, turn.id, {work.switched(TEXT_MEMBER): details.text})
    return sign(work, turn.id) if event is DstEvent.SIGN else decline(work, turn.id, details.reason)


def _asked(work: Work, dst: Dst, details: Details, *, fills: bool) -> Turn:
    """The first turn that fits: one that is pending, else one that is not, so that the refusal says what it is."""
    wanted = {"document": details.document_id, "request_id": details.request_id, "form_id": details.form_id}
    named = {name: value for name, value in wanted.items() if value is not None}
    fitting = [
        one
        for one in turns_of(work, dst.id)
        if one.is_fill == fills and all(getattr(one, name) == value for name, value in named.items())
    ]
    if not fitting:
        raise BadInputError.of("signatureRequestId", "nobody is asked for this in this DST")
    return next((one for one in fitting if one.state is TurnState.PENDING), fitting[0])


def turn_of(work: Work, turn_id: UUID) -> tuple[Turn, Dst, DstDocument]:
    """What is to be done, in which DST and document."""
    turn = work.get(Turn, turn_id)
    return turn, work.get(Dst, turn.dst_id), document_of(work, turn.dst_id, turn.document)


def document_of(work: Work, dst_id: UUID, number: int) -> DstDocument:
    """A document that is known to be there."""
    query = select(DstDocument).where(DstDocument.dst_id == dst_id, DstDocument.number == number)
    return work.db.exec(query).one()


# ---- filling


def fill(work: Work, turn_id: UUID, extra: dict[str, Any]) -> "Dst | Slow[Any, Dst]":
    """Fill in a form. `extra` goes into its extraData, where its text is.

    The last form of a document makes the filled document.
    """
    turn, dst, document = turn_of(work, turn_id)
    dst.machine.check(dst, DstEvent.FILL)
    TURN.check(turn, TurnEvent.PERFORM)
    forms = [_filled(form, extra) if form["id"] == turn.form_id else form for form in document.forms]
    if any(plans.text_in(form["extraData"]) is None for form in forms if form["id"] == turn.form_id):
        raise BadInputError.of("extraData.text", "is required: the text to fill in")
    others = [one for one in turns_of(work, dst.id, is_open=True) if one.is_fill and one.document == turn.document]
    if len(others) > 1:
        return _settle_fill(work, turn_id, forms, None)
    plain = document.plain_id and work.find(Resource, document.plain_id)
    assert plain  # publishing made sure of it
    plan = artefacts.plan_fill(work, plain, forms)
    return Slow(lambda: artefacts.make_filled(plan), lambda later, made: _settle_fill(later, turn_id, forms, made))


def fill_as(
    work: Work, caller: Caller, dst_id: UUID, document_id: int | None, form_id: int | None, extra: dict[str, Any] | None
) -> "Dst | Slow[Any, Dst]":
    """Fill in a form as the account that it is for."""
    dst = access.seen(work, caller, dst_id)
    dst.machine.check(dst, DstEvent.FILL)
    query = select(Turn).where(Turn.dst_id == dst.id, Turn.form_id == form_id, col(Turn.request_id).is_(None))
    found = [one for one in work.db.exec(query) if document_id in (None, one.document)]
    if len(found) != 1:  # inferred: a form may be named without its document where there is one of that id only
        documents = ", ".join(str(one.document) for one in found)
        reason = f"is in several documents: {documents}" if found else "is not the id of a form that is to be filled in"
        raise BadInputError.of("id", reason)
    if found[0].user_id != caller.user_id:
        raise ForbiddenError("This form is for somebody else to fill in.", facts={"target": "signerId"})
    return fill(work, found[0].id, extra or {})


def _filled(form: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    return {**form, "filled": True, "extraData": {**form["extraData"], **extra}}


def _settle_fill(work: Work, turn_id: UUID, forms: list[dict[str, Any]], made: Arrived | None) -> Dst:
    try:
        turn, dst, document = turn_of(work, turn_id)
        dst.machine.check(dst, DstEvent.FILL)
        TURN.check(turn, TurnEvent.PERFORM)
    except ApiError:
        if made is not None:
            made.discard()
        raise
    document.forms = forms
    if made is not None:
        plain = work.find(Resource, document.plain_id) if document.plain_id else None
        assert plain is not None
        document.filled_id = artefacts.store(work, dst, plain, Role.FILLED, made).id
    turn.ended_at = work.now
    work.fire(TURN, turn, TurnEvent.PERFORM)
    decisions.command(work, turn.id, "sign")
    work.fire(dst.machine, dst, DstEvent.FILL)
    touch(work, dst)
    signer = document.signers()[turn.signer_id]
    did = f"{plans.name_of(signer)} ({signer['email'] or '-'}) filled in a form of {records.titled(dst)}"
    records.audit(work, dst, "event_form_fill", did, signer=signer, turn=turn)
    work.db.flush()
    flow.go_on(work, dst)
    return dst


# ---- signing


def sign(work: Work, turn_id: UUID) -> "Slow[Any, Dst]":
    """Sign one document for one signature request."""
    turn, dst, document = turn_of(work, turn_id)
    _check_may_sign(dst, turn)
    plan = artefacts.plan_signature(work, dst, document, turn)
    return Slow(
        lambda: artefacts.make_signature(plan), lambda later, made: _settle_signature(later, turn_id, plan, made)
    )


def sign_by_itself(work: Work, subject: str) -> "Slow[Any, None] | None":
    """The timer of an automatic signer. Nothing happens where somebody else ended it meanwhile."""
    return _unless_over(lambda: _still_to_sign(work, UUID(subject)))


def _still_to_sign(work: Work, turn_id: UUID) -> "Slow[Any, Dst]":
    turn, dst, _ = turn_of(work, turn_id)
    _check_may_sign(dst, turn)
    return sign(work, turn_id)


def _unless_over(go_on: "Callable[[], Dst | Slow[Any, Dst]]") -> "Slow[Any, None] | None":
    try:
        outcome = go_on()
    except (IllegalTransitionError, NotFoundError):
        return None
    if not isinstance(outcome, Slow):
        return None
    return Slow(outcome.make, lambda later, made: _unless_over(lambda: outcome.settle(later, made)), outcome.discard)


def _check_may_sign(dst: Dst, turn: Turn) -> None:
    dst.machine.check(dst, DstEvent.SIGN)
    TURN.check(turn, TurnEvent.PERFORM)


def _settle_signature(work: Work, turn_id: UUID, plan: SignPlan, made: Arrived) -> "Dst | Slow[Any, Dst]":
    try:
        turn, dst, document = turn_of(work, turn_id)
        _check_may_sign(dst, turn)
    except ApiError:
        made.discard()
        raise
    base = artefacts.base_of(work, document)
    if base is None or base.digest != plan.base:  # another signer was faster: sign what that one left
        made.discard()
        return sign(work, turn_id)
    _keep_signed(work, dst, document, base, plan, made)
    turn.ended_at = work.now
    work.fire(TURN, turn, TurnEvent.PERFORM)
    decisions.command(work, turn.id, "sign")
    work.fire(dst.machine, dst, DstEvent.SIGN)
    touch(work, dst)
    signer = document.signers()[turn.signer_id]
    did = f"{plans.name_of(signer)} ({signer['email'] or '-'}) signed a document of {records.titled(dst)}"
    records.audit(work, dst, "event_signature", did, signer=signer, turn=turn)
    work.db.flush()
    flow.finish_document(work, dst, document.number)
    flow.go_on(work, dst)
    return dst


def _keep_signed(work: Work, dst: Dst, document: DstDocument, base: Resource, plan: SignPlan, made: Arrived) -> None:
    """What this signer leaves takes the place of what the earlier ones left."""
    mimetype = artefacts.CMS if plan.is_cades else artefacts.PDF
    if document.working_id is None:
        plain = work.find(Resource, document.plain_id) if document.plain_id else None
        document.working_id = artefacts.store(work, dst, plain or base, Role.WORKING, made, mimetype=mimetype).id
        return
    old = base.digest
    base.digest, base.size = work.keep(made).digest, made.blob.size
    work.drop_unused(old)


# ---- declining


def decline(work: Work, turn_id: UUID, reason: str | None) -> Dst:
    """Refuse to sign, which rejects the whole DST (inferred from V1)."""
    turn, dst, document = turn_of(work, turn_id)
    dst.machine.check(dst, DstEvent.DECLINE)
    TURN.check(turn, TurnEvent.DECLINE)
    request = next((one for one in document.requests if one["id"] == turn.request_id), None)
    if request is None or not request["declinable"]:
        raise ForbiddenError("This signature cannot be declined.", facts={"target": "declinable"})
    turn.ended_at, turn.reason = work.now, reason
    work.fire(TURN, turn, TurnEvent.DECLINE)
    decisions.command(work, turn.id, "reject")
    flow.end_turns(work, dst, TurnEvent.CANCEL)
    work.fire(dst.machine, dst, DstEvent.DECLINE)
    work.cancel_timers(dst.id)
    touch(work, dst)
    signer = document.signers()[turn.signer_id]
    why = f": {reason}" if reason else ""
    did = f"{plans.name_of(signer)} ({signer['email'] or '-'}) declined to sign {records.titled(dst)}{why}"
    records.audit(work, dst, "event_rejection", did, signer=signer, turn=turn)
    records.audit(work, dst, "stage_rejected", f"{records.titled(dst)} is rejected")
    records.tell_status(work, dst, "dst_status_rejected")
    return dst
