"""How a DST moves by itself: published, then to be filled or to be signed, group after group, signed or expired."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from localsign.core import decisions
from localsign.core.errors import BadInputError, Flaw
from localsign.core.work import Work
from localsign.signing_today.account_switches import AUTOMATIC
from localsign.signing_today.lifecycle.dsts import TURN, DstEvent, TurnEvent, TurnState
from localsign.signing_today.models.dsts import (
    API,
    Dst,
    DstDocument,
    Resource,
    Role,
    Turn,
    documents_of,
    turns_of,
)
from localsign.signing_today.models.people import Organization, User
from localsign.signing_today.permissions import Caller
from localsign.signing_today.service import access, group_signers, plans, records

EXPIRY = "signing-today.expire"
BY_ITSELF = "signing-today.sign-by-itself"
SIGNATURE = "signature"  # what decisions call a turn


def publish(work: Work, caller: Caller, dst_id: UUID, base: str) -> Dst:
    """Publish a draft; what is no template goes on by itself to be filled or signed (documented)."""
    dst = access.owned(work, caller, dst_id)
    dst.machine.check(dst, DstEvent.PUBLISH)
    check(work, dst)
    work.fire(dst.machine, dst, DstEvent.PUBLISH)
    dst.base_url = base
    follow_publication(work, dst, caller.user_id)
    return dst


def check(work: Work, dst: Dst) -> None:
    """BadInputError with everything that keeps a DST from being published."""
    if found := list(problems(work, dst)):
        raise BadInputError.of_flaws(found)


def problems(work: Work, dst: Dst) -> Iterator[Flaw]:
    """What is missing or wrong. A template may have placeholders for people, and lack files and signatures."""
    work.db.flush()
    documents = documents_of(work, dst)
    resources = {one.id: one for one in work.look_up(Resource, "dst_id", [dst.id])}
    yield from plans.flaws(documents, resources)
    if dst.template:
        return
    yield from plans.gaps(documents)
    if dst.wished_expiry is not None and dst.wished_expiry <= work.now:
        yield Flaw("expiresAt", "is over")
    for index, document in enumerate(documents):
        for number, group in enumerate(document.groups):
            for position, signer in enumerate(group["signers"]):
                user = signer["userUUID"] and work.find(User, UUID(signer["userUUID"]))
                if signer["userUUID"] and (not user or user.domain != dst.domain or not user.is_enabled):
                    here = f"documents[{index}].signerGroups[{number}].signers[{position}]"
                    yield Flaw(f"{here}.userUUID", "is not the id of an enabled account of this domain")


def follow_publication(work: Work, dst: Dst, publisher: UUID) -> None:
    """What happens after a DST became published."""
    dst.published_at = dst.updated_at = work.now
    work.db.flush()
    documents = documents_of(work, dst)
    if not dst.template:
        for document in documents:
            group_signers.expand(work, dst, document)
            _name_accounts(work, document)
    user = work.glance(User, publisher)
    value = f"{records.described(user)} published {records.titled(dst)}\n{records.contents(work, documents)}"
    records.audit(work, dst, "event_published", value, signer=records.as_signer(user))
    if dst.template:
        return
    dst.expires_at = dst.wished_expiry or work.now + _default_life(work, dst)
    work.schedule(EXPIRY, dst.id, dst.expires_at)
    records.tell_status(work, dst, "dst_status_published")
    for document in documents:
        _make_turns(work, dst, document)
    work.db.flush()
    go_on(work, dst)


def _default_life(work: Work, dst: Dst) -> timedelta:
    """documented: `defaultDSTExpire_days` of the organization, 30 by default."""
    organizations = work.look_up(Organization, "domain", [dst.domain])
    return timedelta(days=organizations[0].default_days if organizations else 30)


def _name_accounts(work: Work, document: DstDocument) -> None:
    """Of a signer with an account, what the plan does not say is what the account says."""

    def named(signer: dict[str, Any]) -> dict[str, Any]:
        user = signer["userUUID"] and work.find(User, UUID(signer["userUUID"]))
        known = records.as_signer(user) if user else {}
        return {name: known.get(name) if value is None else value for name, value in signer.items()}

    document.groups = [{**group, "signers": [named(one) for one in group["signers"]]} for group in document.groups]


def _make_turns(work: Work, dst: Dst, document: DstDocument) -> None:
    signers = document.signers()
    for form in document.forms:
        if form["toFill"] and not form["filled"]:
            _make_turn(work, dst, document, signers[form["signerId"]], form_id=form["id"])
    for request in document.requests:
        place = plans.place_of(document, request["id"])
        signer = signers[request["signerId"]]
        _make_turn(work, dst, document, signer, form_id=place["id"] if place else None, request_id=request["id"])


def _make_turn(
    work: Work,
    dst: Dst,
    document: DstDocument,
    signer: dict[str, Any],
    *,
    form_id: int | None,
    request_id: int | None = None,
) -> None:
    work.db.add(
        Turn(
            id=work.new_id(),
            state=TurnState.WAITING,
            dst_id=dst.id,
            document=document.number,
            form_id=form_id,
            request_id=request_id,
            signer_id=signer["id"],
            group=plans.group_of(document, signer["id"]),
            who=plans.who_is(signer),
            name=plans.name_of(signer),
            email=signer["email"],
            phone=signer["phone"],
            user_id=UUID(signer["userUUID"]) if signer["userUUID"] else None,
            ticket=work.new_id(),
        )
    )


def go_on(work: Work, dst: Dst) -> None:
    """Move a DST as far as it goes by itself: h11's joint rule, in one place."""
    turns = turns_of(work, dst.id)
    fills = [turn for turn in turns if turn.is_fill and turn.state is not TurnState.PERFORMED]
    signs = [turn for turn in turns if not turn.is_fill]
    is_published = dst.machine.row(dst.state, DstEvent.ASK_TO_FILL) is not None
    if fills and is_published:
        work.fire(dst.machine, dst, DstEvent.ASK_TO_FILL)
        records.audit(work, dst, "stage_to_fill", f"{records.titled(dst)} is to be filled")
        _ask(work, dst, fills)
    if fills:
        return
    if dst.machine.row(dst.state, DstEvent.ASK_TO_SIGN) is not None:
        work.fire(dst.machine, dst, DstEvent.ASK_TO_SIGN)
        records.audit(work, dst, "stage_to_sign", f"{records.titled(dst)} is to be signed")
    if all(turn.state is TurnState.PERFORMED for turn in signs):
        _complete(work, dst)
        return
    _ask(work, dst, list(next_signs(signs)))


def next_signs(signs: Sequence[Turn]) -> Iterator[Turn]:
    """The signatures whose turn it is: of each document, those of its first group that is not done (V1)."""
    first: dict[int, int] = {}
    for turn in signs:
        if turn.state is not TurnState.PERFORMED:
            first[turn.document] = min(turn.group, first.get(turn.document, turn.group))
    for turn in signs:
        if turn.state is TurnState.WAITING and turn.group == first[turn.document]:
            yield turn


def _ask(work: Work, dst: Dst, turns: Sequence[Turn]) -> None:
    for turn in turns:
        work.fire(TURN, turn, TurnEvent.ASK)
    for turn in turns:
        decisions.ask(work, API, SIGNATURE, turn.id)
        if not turn.is_fill and _signs_by_itself(work, turn):
            work.schedule(BY_ITSELF, turn.id, work.now)
    records.ask(work, dst, _people(turns))


def _signs_by_itself(work: Work, turn: Turn) -> bool:
    """Whether a turn is an automatic signer's (V1); only accounts made by command or seed are (inferred)."""
    user = work.find(User, turn.user_id) if turn.user_id else None
    return user is not None and user.automatic and work.switched(AUTOMATIC) == AUTOMATIC.default


def _people(turns: Sequence[Turn]) -> list[Turn]:
    """The first turn of each person: who has much to do gets one message all the same."""
    first: dict[str, Turn] = {}
    for turn in turns:
        first.setdefault(turn.who, turn)
    return list(first.values())


def _complete(work: Work, dst: Dst) -> None:
    work.fire(dst.machine, dst, DstEvent.COMPLETE)
    work.cancel_timers(dst.id)
    records.audit(work, dst, "stage_signed", f"{records.titled(dst)} is signed by all")
    records.tell_status(work, dst, "dst_status_signed")


def finish_document(work: Work, dst: Dst, number: int) -> None:
    """Show the signed file of a document when all its signatures are there."""
    turns = [turn for turn in turns_of(work, dst.id) if turn.document == number and not turn.is_fill]
    if not all(turn.state is TurnState.PERFORMED for turn in turns):
        return
    document = next(one for one in documents_of(work, dst) if one.number == number)
    working = document.working_id and work.find(Resource, document.working_id)
    if working:
        working.role = Role.SIGNED.value
        document.signed_id, document.working_id = working.id, None


def end_turns(work: Work, dst: Dst, happened: TurnEvent) -> None:
    """Nobody has anything to do in this DST any more."""
    for turn in turns_of(work, dst.id, is_open=True):
        work.fire(TURN, turn, happened)
        decisions.withdraw(work, turn.id)
        turn.ended_at = work.now


def expire_due(work: Work, subject: str) -> None:
    """The time of a DST is over."""
    dst = work.find(Dst, UUID(subject))
    if dst is None or dst.is_gone or dst.machine.row(dst.state, DstEvent.EXPIRE) is None:
        return
    work.fire(dst.machine, dst, DstEvent.EXPIRE)
    dst.updated_at = work.now
    end_turns(work, dst, TurnEvent.EXPIRE)
    records.audit(work, dst, "stage_expired", f"{records.titled(dst)} has expired")
    records.tell_status(work, dst, "dst_status_expired")


def notify(work: Work, caller: Caller, dst_id: UUID) -> None:
    """Remind everybody whose turn it is."""
    dst = access.owned(work, caller, dst_id)
    work.fire(dst.machine, dst, DstEvent.NOTIFY)
    pending = [turn for turn in turns_of(work, dst.id) if turn.state is TurnState.PENDING]
    people = _people(pending)
    records.ask(work, dst, people)
    asked = [turn.name for turn in people]
    records.audit_user(work, dst, "event_solicitation", caller.user_id, f"reminded {', '.join(asked)} of")
