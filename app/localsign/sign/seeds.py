"""What a seed document may say of Sign v2: documents, collections, sessions, and what their signers did."""

from collections.abc import Callable
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from localsign.core.clock import show
from localsign.core.errors import BadInputError, ConflictError, Flaw
from localsign.core.seeding import Content, Duration, Name, PinnedId, Seed, Seeder, Seeding
from localsign.core.wire import Instant
from localsign.core.work import Work
from localsign.sign import actions
from localsign.sign.commands import SessionCommand
from localsign.sign.models import Document
from localsign.sign.schemas import (
    ArchiveSettings,
    CollectionRequest,
    DocumentMetadata,
    PackageTypes,
    PreAuthentication,
    RedirectSettings,
    SessionRequest,
    Signer,
    SigningSetup,
    Ui,
)
from localsign.sign.service import collections, documents, sessions

_TYPES = {".pdf": documents.PDF, ".txt": "text/plain", ".md": documents.MARKDOWN_TYPE}
_SETUP: dict[str, Any] = {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": "nbid"}]}
_CAMEL = ConfigDict(alias_generator=to_camel)


class DocumentSeed(Content):
    """A document as a client uploads it."""

    model_config = _CAMEL

    name: Name | None = None
    id: PinnedId | None = None
    type: str | None = Field(None, description="The media type; by default that of the file's ending, else text/plain.")
    filename: str | None = None
    title: str | None = None
    description: str | None = None


class CollectionSeed(Seed):
    """A collection of documents of this seed, by their names."""

    model_config = _CAMEL

    name: Name | None = None
    id: PinnedId | None = None
    documents: list[str] = Field(min_length=1, max_length=100)
    package_to: PackageTypes = []


class SessionDocumentSeed(Seed):
    """A document of the session's collection, by its name."""

    document: str
    action: Literal["SIGN", "VIEW"] = "SIGN"


def _act(value: Any) -> Any:
    return {"action": value} if isinstance(value, str) else value


Word = Literal["open", "sign", "reject", "cancel", "error"]
Act = Annotated[SessionCommand, BeforeValidator(_act, json_schema_input_type=SessionCommand | Word)]


class SessionSeed(Seed):
    """A signing session; when all are made, `acts` happen, session by session."""

    model_config = _CAMEL

    name: Name | None = None
    id: PinnedId | None = None
    collection: str = Field(description="The name of a collection in this seed.")
    documents: list[SessionDocumentSeed] | None = Field(
        None, description="Of the collection; by default all, each to be signed."
    )
    after: list[str] = Field([], description="The names of sessions that must be signed before.")
    acts: list[Act] = Field([], description="What the signer did: open, sign, reject, cancel, error; in order.")
    due_in: Duration | None = Field(None, description="ISO 8601 duration until the due date, instead of dueDate.")
    title: str = "Session"
    signing_setup: Annotated[list[SigningSetup], Field(min_length=1, max_length=1)] = Field(
        [SigningSetup.model_validate(_SETUP)]
    )
    signature_url_ttl: int | None = Field(None, alias="signatureUrlTTL")
    due_date: Instant | None = None
    sign_text: str | None = None
    external_reference: str | None = None
    package_to: PackageTypes = []
    signer: Signer | None = None
    archive: ArchiveSettings | None = None
    pre_authentication: PreAuthentication | None = None
    ui: Ui | None = None
    redirect_settings: RedirectSettings | None = None


def seed_document(seeding: Seeding, entry: DocumentSeed) -> None:
    ending = PurePosixPath(entry.file or "").suffix.lower()
    declared = entry.type or _TYPES.get(ending, "text/plain")
    arrived = seeding.blobs.take(seeding.content(entry))
    try:
        media_type = documents.media_type_of(declared, seeding.world.switched)
        documents.check_content(arrived, media_type)

        def store(work: Work) -> Document:
            document = documents.store(work, arrived, media_type)
            metadata = {name: getattr(entry, name) for name in ("filename", "title", "description")}
            given = {name: value for name, value in metadata.items() if value is not None}
            return documents.describe(work, document.id, DocumentMetadata.model_validate(given)) if given else document

        made = seeding.perform(store, entry.id)
    except BadInputError as error:
        member = "file" if entry.file else "text" if entry.text is not None else "base64"
        raise _renamed(error, {"Content-Type": "type", "body": member}.get) from None
    finally:
        arrived.discard()
    seeding.keep("sign.documents", entry.name, made.id)


def seed_collection(seeding: Seeding, entry: CollectionSeed) -> None:
    held = {
        name: seeding.find("sign.documents", name, f"documents[{index}]") for index, name in enumerate(entry.documents)
    }
    wanted = {"documents": [{"documentId": held[name]} for name in entry.documents], "packageTo": entry.package_to}
    request = CollectionRequest.model_validate(wanted)
    made = seeding.perform(lambda work: collections.create(work, request)[0], entry.id)
    seeding.keep("sign.collections", entry.name, made.id, (made.id, held))


def seed_session(seeding: Seeding, entry: SessionSeed) -> UUID:
    collection_id, held = seeding.find("sign.collections", entry.collection, "collection")
    chosen = entry.documents or [SessionDocumentSeed(document=name) for name in held]
    if unknown := [
        Flaw(f"documents[{index}].document", f"'{one.document}' is not in the collection '{entry.collection}'")
        for index, one in enumerate(chosen)
        if one.document not in held
    ]:
        raise BadInputError.of_flaws(unknown)
    if entry.due_in is not None and entry.due_date is not None:
        raise BadInputError.of("dueIn", "cannot be given together with dueDate")
    places = [
        {"documentCollectionId": collection_id, "documentId": held[one.document], "action": one.action}
        for one in chosen
    ]
    before = [seeding.find("sign.sessions", name, f"after[{index}]") for index, name in enumerate(entry.after)]
    own = {"name", "id", "collection", "documents", "after", "acts", "due_in"}
    given = entry.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=own)
    request = {**given, "documents": places, "subsequentTo": before}

    def create(work: Work) -> UUID:
        due = {} if entry.due_in is None else {"dueDate": show(work.now + entry.due_in)}
        return sessions.create(work, [SessionRequest.model_validate({**request, **due})])[0].id

    try:
        made_id = seeding.perform(create, entry.id)
    except BadInputError as error:
        raise _renamed(error, lambda name: name.removeprefix("[0].")) from None
    seeding.keep("sign.sessions", entry.name, made_id)
    return made_id


def act_on_session(seeding: Seeding, entry: SessionSeed, session_id: UUID) -> None:
    for index, act in enumerate(entry.acts):
        try:
            seeding.perform(partial(actions.act, session_id=session_id, command=act))
        except ConflictError as error:
            raise BadInputError.of(f"acts[{index}]", error.detail) from None


def _renamed(error: BadInputError, rename: Callable[[str], str | None]) -> BadInputError:
    """The same flaws, of the members as the seed has them."""
    return BadInputError.of_flaws([Flaw(rename(one.name) or one.name, one.reason) for one in error.flaws])


SEEDS = {
    "documents": Seeder(DocumentSeed, seed_document),
    "collections": Seeder(CollectionSeed, seed_collection),
    "sessions": Seeder(SessionSeed, seed_session, finish=act_on_session),
}
