"""Electronic signing by a signing order. Orders are ours; sending one makes real sessions in the emulated Sign API."""

from typing import Any
from uuid import UUID

from localsign.core.outbox import Channel
from localsign.mint.engine import files
from localsign.mint.engine.catalog import StepType, flag, items, mapping, text
from localsign.mint.engine.results import Done, Later, Result, StepError
from localsign.mint.engine.steps.sign_sessions import (
    SIGNED,
    WAY_BACK,
    Paper,
    act,
    check_signed,
    collect,
    id_given,
    keep_results,
    read_papers,
    request_session,
    resumed,
    session_of,
    url_of,
    wait_for,
)
from localsign.mint.engine.turn import Turn, as_text
from localsign.mint.models import MintFile, SignOrder
from localsign.sign.lifecycle import SessionState
from localsign.sign.service.documents import PDF
from localsign.signicat import mail

CATEGORY = "Electronic signing"
MOST_SIGNERS = 50
MOST_DOCUMENTS = 50
SIMULATED = "The order is kept by the workflow engine and signed by sessions of the Sign API v2."
_MEMBERS = ("name", "firstName", "lastName", "email", "phone", "nationalId")


def _create(turn: Turn) -> Result:
    """One signer and some documents may be given at once."""
    order = SignOrder(
        id=turn.work.new_id(),
        journey_id=turn.journey.id,
        title=turn.text("title") or turn.journey.workflow_name or "Documents to sign",
        signers=[],
        documents=[],
    )
    turn.work.db.add(order)
    turn.work.db.flush()
    output: dict[str, Any] = {"signOrderId": order.id.hex}
    if turn.given("signer") is not None:
        output["signerId"] = _append_signer(turn, order, turn.mapping("signer"))
    if turn.given("documents") is not None:
        output["documents"] = _append_documents(turn, order)
    return Done(output=output)


def _add_signer(turn: Turn) -> Result:
    order = _order(turn)
    signer = turn.mapping("signer") or {name: turn.given(name) for name in _MEMBERS}
    return Done(output={"signerId": _append_signer(turn, order, signer)})


def _append_signer(turn: Turn, order: SignOrder, given: dict[str, Any]) -> str:
    _check_draft(order)
    if len(order.signers) >= MOST_SIGNERS:
        raise StepError(f"A sign order has at most {MOST_SIGNERS} signers.")
    signer = {name: as_text(given[name]) for name in _MEMBERS if given.get(name)}
    signer.setdefault("name", " ".join(signer[one] for one in ("firstName", "lastName") if one in signer))
    signer["id"] = turn.work.new_id().hex
    order.signers = [*order.signers, signer]
    return str(signer["id"])


def _add_documents(turn: Turn) -> Result:
    return Done(output={"documents": _append_documents(turn, _order(turn))})


def _append_documents(turn: Turn, order: SignOrder) -> list[dict[str, Any]]:
    _check_draft(order)
    found = [files.reference(one) for one in files.all_found(turn, "documents")]
    if len(order.documents) + len(found) > MOST_DOCUMENTS:
        raise StepError(f"A sign order has at most {MOST_DOCUMENTS} documents.")
    order.documents = [*order.documents, *found]
    return found


def _check_draft(order: SignOrder) -> None:
    if order.collection_id is not None:
        raise StepError("The sign order has been sent already.")


def _send(turn: Turn) -> Result:
    """Make the collection and, for each signer, a session."""
    order = _order(turn)
    _check_draft(order)
    if not order.signers:
        raise StepError("The sign order has no signer.")
    if not order.documents:
        raise StepError("The sign order has no document.")
    wanted: list[MintFile] = [files.found(turn, one) for one in order.documents]
    blobs = turn.work.blobs
    return Later(lambda: read_papers(blobs, wanted, alike=True), _sent)


def _sent(turn: Turn, made: list[Paper]) -> Result:
    order = _order(turn)
    order.collection_id, stored = collect(turn.work, made)
    before: UUID | None = None
    signers = []
    for signer in order.signers:
        session = request_session(
            turn,
            order.collection_id,
            [one.id for one in stored],
            title=order.title,
            is_text=any(one.mime_type != PDF for one in stored),
            signer=signer_of(signer),
            after=before if turn.flag("sequential") else None,
        )
        before = session.id
        url = url_of(turn, session)
        signers.append({**signer, "sessionId": str(session.id), "signingUrl": url})
        if signer.get("email") and turn.flag("notify"):
            mail.send(
                turn.work,
                api="mint",
                kind="workflow.sign-order",
                channel=Channel.EMAIL,
                to=signer["email"],
                subject=order.title,
                text=f"Please sign: {url}",
                reference=turn.journey.id.hex,
            )
    order.signers = signers
    return Done(output=_summary(turn, order))


def signer_of(signer: dict[str, Any]) -> dict[str, Any] | None:
    """The signer as the Sign API has one; address and number are retired there, and still say who is asked."""
    members = {"nationalId": "nationalIdentificationNumber", "email": "email", "phone": "mobile"}
    return {wire: signer[name] for name, wire in members.items() if signer.get(name)} or None


def _summary(turn: Turn, order: SignOrder) -> dict[str, Any]:
    states = [_state(turn, one) for one in order.signers]
    status = "draft" if order.collection_id is None else "sent"
    if states and all(one == "SIGNED" for one in states):
        status = "signed"
    elif any(one in ("REJECTED", "EXPIRED", "DELETED") for one in states):
        status = "failed"
    return {
        "signOrderId": order.id.hex,
        "status": status,
        "signers": [
            {
                "signerId": one["id"],
                "name": one.get("name"),
                "status": state.lower(),
                "signingUrl": one.get("signingUrl"),
                "signingSessionId": one.get("sessionId"),
            }
            for one, state in zip(order.signers, states, strict=True)
        ],
        "documents": order.documents,
    }


def _state(turn: Turn, signer: dict[str, Any]) -> str:
    if "sessionId" not in signer:
        return "DRAFT"
    return session_of(turn.work, UUID(signer["sessionId"])).state.value


def _sign_inside(turn: Turn) -> Result:
    """The signer that is named, or the first who has not signed."""
    order = _order(turn)
    if order.collection_id is None:
        raise StepError("The sign order has not been sent.")
    wanted = turn.text("signerId")
    left = [
        one
        for one in order.signers
        if (one["id"] == wanted if wanted else _state(turn, one) != SessionState.SIGNED.value)
    ]
    if not left:
        raise StepError(f"The sign order has no signer '{wanted}'." if wanted else "Everybody has signed already.")
    return wait_for(turn, UUID(left[0]["sessionId"]))


def _get_summary(turn: Turn) -> Result:
    return Done(output=_summary(turn, _order(turn)))


def _download(turn: Turn) -> Result:
    order = _order(turn)
    found = [session_of(turn.work, UUID(one["sessionId"])) for one in order.signers if "sessionId" in one]
    if not found or any(one.state is not SessionState.SIGNED for one in found):
        raise StepError("The sign order is not signed by everybody, so there are no signed documents.")
    return Done(output={"files": keep_results(turn, found)})


def _order(turn: Turn) -> SignOrder:
    order = turn.work.find(SignOrder, id_given(turn, "signOrderId"))
    if order is None or order.journey_id != turn.journey.id:
        raise StepError(f"The journey has no sign order with the id {turn.text('signOrderId')}.")
    return order


_ORDER = {"signOrderId": text("The order.", required=True)}
_SIGNER = {name: text("Of the signer.") for name in _MEMBERS}
_SUMMARY = {
    "signOrderId": text("The order."),
    "status": text("draft, sent, signed or failed."),
    "signers": items("signerId, name, status, signingUrl of each."),
    "documents": items("The files."),
}

TYPES = (
    StepType(
        "CreateSignOrder",
        "Create sign order",
        CATEGORY,
        "Begins a signing order.",
        _create,
        inputs={
            "title": text("What the signers see."),
            "signer": mapping(f"The first signer: {', '.join(_MEMBERS)}."),
            "documents": items("The first documents."),
        },
        outputs={"signOrderId": text("The order."), "signerId": text("The signer."), "documents": items("The files.")},
        simulated=SIMULATED,
        is_atomic=True,
    ),
    StepType(
        "AddSignerToSignOrder",
        "Add signer to sign order",
        CATEGORY,
        "Adds a signer.",
        _add_signer,
        inputs={**_ORDER, **_SIGNER, "signer": mapping("The same as one object.")},
        outputs={"signerId": text("The signer.")},
        aliases=("AddSigner",),
        simulated=SIMULATED,
    ),
    StepType(
        "AddDocumentsToSignOrder",
        "Add documents to sign order",
        CATEGORY,
        "Adds documents; what is neither PDF nor plain text becomes a PDF of its text.",
        _add_documents,
        inputs={**_ORDER, "documents": items("Files of the journey or of the workflow.", required=True)},
        outputs={"documents": items("The files.")},
        aliases=("AddDocuments",),
        simulated=SIMULATED,
    ),
    StepType(
        "SendSignOrder",
        "Send sign order",
        CATEGORY,
        "Opens the order for signing.",
        _send,
        inputs={
            **_ORDER,
            "sequential": flag("Whether signers sign one after another."),
            "notify": flag("Whether signers with an e-mail address get a message."),
        },
        outputs=_SUMMARY,
        simulated=SIMULATED,
        is_atomic=True,
    ),
    StepType(
        "SignInsideJourney",
        "Sign inside journey",
        CATEGORY,
        "Sends the end user to sign, and goes on when that has ended.",
        _sign_inside,
        resumed,
        check_signed,
        act,
        outcomes=SIGNED,
        interactive=True,
        inputs={**_ORDER, "signerId": text("The signer; by default the first who has not signed."), "urlTtl": WAY_BACK},
        page="sign",
        simulated=SIMULATED,
    ),
    StepType(
        "RetrieveSignOrderSummary",
        "Retrieve sign order summary",
        CATEGORY,
        "Gives the state of an order and of its signers.",
        _get_summary,
        inputs=_ORDER,
        outputs=_SUMMARY,
        simulated=SIMULATED,
    ),
    StepType(
        "DownloadSignedDocuments",
        "Download signed documents",
        CATEGORY,
        "Gives the signed documents as files of the journey.",
        _download,
        inputs=_ORDER,
        outputs={"files": items("The signed documents.")},
        simulated=SIMULATED,
        is_atomic=True,
    ),
)
