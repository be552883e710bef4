"""Electronic signing by Sign API v2: real collections and sessions in the emulated Sign API of the same workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from localsign.core.blobs import Arrived, Blobs
from localsign.core.errors import BadInputError, ConflictError, Flaw
from localsign.core.flaws import flaw_of
from localsign.core.work import Slow, Work
from localsign.mint.engine import files, papers
from localsign.mint.engine.catalog import StepType, anything, flag, items, mapping, number, subject_of, text
from localsign.mint.engine.results import Done, Later, Result, StepError, Wait
from localsign.mint.engine.turn import Turn, as_number, as_text
from localsign.mint.models import JourneyWait, MintFile
from localsign.sign import actions
from localsign.sign.commands import SessionCommand
from localsign.sign.lifecycle import FINAL, SessionState
from localsign.sign.models import Document, DocumentCollection, SigningSession, packages_of, signatures_of
from localsign.sign.schemas import CollectionRequest, SessionRequest
from localsign.sign.service import collections, documents, sessions

CATEGORY = "Electronic signing (Sign API v2)"
Wanted = TypeVar("Wanted", bound=BaseModel)
VENDOR = "NBID"  # where a step names none
_ENDED = {SessionState.SIGNED: "SIGNED", SessionState.REJECTED: "REJECTED", SessionState.EXPIRED: "EXPIRED"}


# ---- what both families of signing steps use


@dataclass(frozen=True)
class Paper:
    """A file on its way into Sign, read and checked outside of any transaction."""

    arrived: Arrived
    media_type: str
    filename: str


def read_papers(blobs: Blobs, wanted: Sequence[MintFile], *, alike: bool = False) -> list[Paper]:
    """The files as Sign takes them: PDF and plain text as they are, others as a PDF of their text. Slow.

    With `alike` all get the same media type, as one session needs.
    """
    found = []
    kinds = [one.content_type.partition(";")[0].strip().lower() for one in wanted]
    for one, kind in zip(wanted, kinds, strict=True):
        media_type = kind
        content, name = blobs.read(one.digest), one.filename
        if media_type not in documents.MEDIA_TYPES or (alike and len(set(kinds)) > 1 and media_type != documents.PDF):
            is_pdf = content[:1024].lstrip().startswith(b"%PDF")
            content = content if is_pdf else papers.as_pdf(content, name, media_type)
            media_type, name = documents.PDF, name if is_pdf else f"{Path(name).stem}.pdf"
        arrived = blobs.take(content)
        try:
            documents.check_content(arrived, media_type)
        except BaseException:
            arrived.discard()
            raise
        found.append(Paper(arrived, media_type, name))
    return found


def collect(work: Work, found: Sequence[Paper], package_to: Sequence[str] = ()) -> tuple[UUID, list[Document]]:
    """The papers as documents of a new collection in Sign."""
    stored = []
    for one in found:
        document = documents.store(work, one.arrived, one.media_type)
        document.filename = one.filename
        stored.append(document)
    work.db.flush()
    wanted = {"documents": [{"documentId": one.id} for one in stored], "packageTo": list(package_to)}
    collection, _ = collections.create(work, valid(CollectionRequest, wanted))
    work.db.flush()
    return collection.id, stored


def request_session(
    turn: Turn,
    collection_id: UUID,
    document_ids: Sequence[UUID],
    *,
    title: str,
    is_text: bool,
    signer: Mapping[str, Any] | None = None,
    after: UUID | None = None,
    more: Mapping[str, Any] | None = None,
) -> SigningSession:
    """A session in Sign whose end brings the browser back into this journey, unless `more` says otherwise."""
    back = turn.return_url()
    places = [{"documentCollectionId": collection_id, "documentId": one, "action": "SIGN"} for one in document_ids]
    by_pki = {"signingFlow": "PKISIGNING", "vendor": VENDOR, "identityProviders": [{"idpName": "nbid"}]}
    by_login = {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": "nbid"}]}
    wanted: dict[str, Any] = {
        "title": title[:255],
        "documents": places,
        "signingSetup": [by_login if is_text else by_pki],
        "externalReference": turn.journey.id.hex,
        "redirectSettings": dict.fromkeys(("success", "cancel", "error", "reject"), back),
        **(more or {}),
    }
    if signer:
        wanted["signer"] = dict(signer)
    if after is not None:
        wanted["subsequentTo"] = [after]
    [session] = sessions.create(turn.work, [valid(SessionRequest, wanted)])
    turn.work.db.flush()
    return session


def valid(schema: type[Wanted], values: Mapping[str, Any]) -> Wanted:
    """`values` as a request to Sign; StepError says what is wrong with them."""
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        flaws = [flaw_of({**one}) for one in error.errors()]
        raise StepError("; ".join(f"{one.name}: {one.reason}" for one in flaws)) from None


def command(schema: type[Wanted], values: Mapping[str, Any]) -> Wanted:
    """`values` as what somebody does in another API; BadInputError says what is wrong with them."""
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        flaws = [flaw_of({**one}) for one in error.errors()]
        raise BadInputError.of_flaws(
            [Flaw(f"data.{one.name.removeprefix('signer.')}", one.reason) for one in flaws]
        ) from None


def session_of(work: Work, session_id: UUID) -> SigningSession:
    session = work.find(SigningSession, session_id)
    if session is None:
        raise StepError(f"There is no signing session with the id {session_id}.")
    return session


def url_of(turn: Turn, session: SigningSession) -> str:
    return f"{turn.journey.home}/sign/?sessionId={session.url_token}"


def wait_for(turn: Turn, session_id: UUID) -> Result:
    """Wait for the end of a session, which may have come already."""
    session = session_of(turn.work, session_id)
    if session.is_gone or session.state in FINAL:
        return ended(turn, session)
    life = turn.given("urlTtl")
    facts = {
        "sessionId": str(session.id),
        "title": session.wanted.get("title", ""),
        "urlTtl": None if life is None or life == "" else int(as_number(life, "urlTtl")),
    }
    return Wait(facts, subject_of("sign", session.id))


def resumed(turn: Turn) -> Result:
    return ended(turn, session_of(turn.work, UUID(turn.facts["sessionId"])))


def ended(turn: Turn, session: SigningSession) -> Result:
    """Inferred: a signature that does not come faults the journey, unless the outcome leads somewhere."""
    if session.state is SessionState.SIGNED:
        return Done()
    outcome = _ENDED.get(session.state, "DELETED").capitalize()
    if not turn.memory.routes.targets(turn.step.id, [outcome]):
        raise StepError(f"The signing session {session.id} is {outcome.upper()}.")
    return Done((outcome,))


def check_signed(_work: Work, wait: JourneyWait, _came: Mapping[str, Any]) -> list[Flaw]:
    raise ConflictError(
        f"The step '{wait.step_id}' waits for the signing session {wait.facts['sessionId']}: it ends when that does."
    )


def act(work: Work, wait: JourneyWait, action: str, data: Mapping[str, Any]) -> Slow[Any, Any] | None:
    """Do what the signer does; the end of the session then resumes the journey."""
    word = {"complete": "sign", "approve": "sign", "reject": "reject", "fail": "error", "open": "open"}[action]
    signer = {name: data[name] for name in ("name", "nin", "eid") if data.get(name)}
    wanted = {"action": word, "signer": signer or None, "reason": data.get("reason")}
    outcome = actions.act(work, UUID(wait.facts["sessionId"]), command(SessionCommand, wanted))
    return outcome if isinstance(outcome, Slow) else None


def keep_results(turn: Turn, found: Sequence[SigningSession]) -> list[dict[str, Any]]:
    """What signing gave, as files of the journey: the newest result of each document, and packages."""
    newest: dict[UUID, UUID] = {}
    for session in sorted(found, key=lambda one: one.ended_at or one.created_at):
        newest |= {one.original_id: one.result_id for one in signatures_of(turn.work, session)}
        newest |= {one.id: one.result_id for one in packages_of(turn.work, session) if one.result_id}
    results = [turn.work.find(Document, result_id) for result_id in newest.values()]
    owner = {"journey_id": turn.journey.id, "step_id": turn.step.id}
    return [
        files.reference(
            files.link(turn.work, one.digest, one.size, one.filename or f"{one.id}.pdf", one.mime_type, **owner)
        )
        for one in results
        if one is not None and not one.is_gone
    ]


# ---- the steps


def _create_collection(turn: Turn) -> Result:
    wanted = files.all_found(turn, "documents")
    blobs, package_to = turn.work.blobs, [as_text(one) for one in turn.items("packageTo")]

    def then(later: Turn, made: list[Paper]) -> Result:
        collection_id, stored = collect(later.work, made, package_to)
        ids = [str(one.id) for one in stored]
        is_text = any(one.mime_type != documents.PDF for one in stored)
        return Done(output={"documentCollectionId": str(collection_id), "documentIds": ids, "isText": is_text})

    return Later(lambda: read_papers(blobs, wanted), then)


def _create_session(turn: Turn) -> Result:
    collection_id = id_given(turn, "documentCollectionId")
    collection = turn.work.find(DocumentCollection, collection_id)
    if collection is None or collection.is_gone:
        raise StepError(f"There is no document collection with the id {collection_id}.")
    listed = [as_text(one) for one in turn.items("documentIds")]
    ids = [parsed(one, "documentIds") for one in listed] if listed else _all_of(turn.work, collection)
    found = [turn.work.find(Document, one) for one in ids]
    more = {
        name: turn.given(name)
        for name in ("signingSetup", "signText", "dueDate", "signatureUrlTTL", "redirectSettings", "packageTo", "ui")
        if turn.given(name) is not None
    }
    nin = turn.text("nationalIdentificationNumber")
    session = request_session(
        turn,
        collection_id,
        ids,
        title=turn.text("title") or turn.journey.workflow_name or "Documents to sign",
        is_text=any(one is None or one.mime_type != documents.PDF for one in found),
        signer={"nationalIdentificationNumber": nin} if nin else turn.mapping("signer") or None,
        more=more,
    )
    return Done(output={"signingSessionId": str(session.id), "signatureUrl": url_of(turn, session)})


def _all_of(work: Work, collection: Any) -> list[UUID]:
    return [one.document_id for one in collections.collected_in(work, collection)]


def _sign_inside(turn: Turn) -> Result:
    return wait_for(turn, id_given(turn, "signingSessionId"))


def _get_result(turn: Turn) -> Result:
    session = session_of(turn.work, id_given(turn, "signingSessionId"))
    is_open = not session.is_gone and session.state not in FINAL
    if is_open and turn.flag("waitForFinalState", True):
        return Wait({"sessionId": str(session.id), "title": ""}, subject_of("sign", session.id))
    return _result(turn)


def _result(turn: Turn) -> Result:
    session = session_of(turn.work, id_given(turn, "signingSessionId"))
    kept = keep_results(turn, [session])
    state = _ENDED.get(session.state, session.state.value)
    return Done(output={"state": state, "rejectReason": session.reject_reason, "files": kept})


def id_given(turn: Turn, name: str) -> UUID:
    turn.needed(name)
    return parsed(turn.text(name), name)


def parsed(text: str, name: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise StepError(f"The input '{name}' is not an id: '{text[:80]}'.") from None


WAY_BACK = number("Seconds that the way back stays open once the end user has left to sign.")
SIGNED = ("Done", "Rejected", "Expired", "Deleted")

TYPES = (
    StepType(
        "CreateDocumentCollection",
        "Create document collection",
        CATEGORY,
        "Uploads files to Sign and makes a collection of them.",
        _create_collection,
        inputs={
            "documents": items("Files of the journey or of the workflow.", required=True),
            "packageTo": items("PADES_CONTAINER, or nothing."),
        },
        outputs={"documentCollectionId": text("The collection."), "documentIds": items("Its documents.")},
        is_atomic=True,
    ),
    StepType(
        "CreateSigningSession",
        "Create signing session",
        CATEGORY,
        "Makes a signing session; PDFs are signed by PKI, other documents by a login, unless signingSetup says so.",
        _create_session,
        inputs={
            "documentCollectionId": text("The collection.", required=True),
            "documentIds": items("The documents; by default all of the collection."),
            "title": text("What the signer sees."),
            "nationalIdentificationNumber": text("Of the signer."),
            "signer": mapping("As the Sign API has it."),
            "signingSetup": anything("As the Sign API has it."),
            "signText": text("As the Sign API has it."),
            "dueDate": text("As the Sign API has it."),
            "redirectSettings": mapping("As the Sign API has it; by default back into the journey."),
        },
        outputs={"signingSessionId": text("The session."), "signatureUrl": text("Where the signer signs.")},
        is_atomic=True,
    ),
    StepType(
        "SignSessionInsideJourney",
        "Sign session inside journey",
        CATEGORY,
        "Sends the end user to sign, and goes on when the session has ended.",
        _sign_inside,
        resumed,
        check_signed,
        act,
        outcomes=SIGNED,
        interactive=True,
        inputs={"signingSessionId": text("The session.", required=True), "urlTtl": WAY_BACK},
        page="sign",
    ),
    StepType(
        "GetSigningSessionResult",
        "Get signing session result",
        CATEGORY,
        "Gives the state of a session, and what it signed as files of the journey.",
        _get_result,
        _result,
        check_signed,
        act,
        inputs={
            "signingSessionId": text("The session.", required=True),
            "waitForFinalState": flag("Wait until it has ended; true by default."),
        },
        outputs={"state": text("Of the session."), "rejectReason": text("If any."), "files": items("The results.")},
        page="waiting",
        is_atomic=True,
    ),
)
