"""What a seed document may say of Signing Today: organizations, groups, accounts with their identities, and DSTs."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from localsign.core.errors import ApiError, BadInputError, Flaw
from localsign.core.seeding import Content, Duration, Name, PinnedId, Seed, Seeder, Seeding
from localsign.core.work import Work
from localsign.signing_today import actions, tokens
from localsign.signing_today.commands import DstCommand
from localsign.signing_today.models.people import Identity, User
from localsign.signing_today.permissions import Role
from localsign.signing_today.schemas.dsts import Tags
from localsign.signing_today.schemas.parts import MOST_PARTS, FillableForm, SignatureRequest, Signer
from localsign.signing_today.schemas.people import Language
from localsign.signing_today.schemas.robot_accounts import (
    RobotConfigurationBody,
)
from localsign.signing_today.schemas.robots import CreateDigitalSignatureTransaction
from localsign.signing_today.schemas.wire import FreeMap, Instant, Text
from localsign.signing_today.schemas.wire import Name as Filled
from localsign.signing_today.service import accounts, creation, groups, identities, robot_accounts
from localsign.signing_today.service.login import named

_CAMEL = ConfigDict(alias_generator=to_camel)
_CLOSED = ConfigDict(extra="forbid")
_USERS = "signing-today.users"
AccountName = Annotated[Filled, AfterValidator(accounts.with_domain)]


class OrganizationSeed(Seed):
    """An organization; of one that is there, what is given changes."""

    model_config = _CAMEL

    domain: Filled
    name: Filled | None = None
    language: Language | None = None
    default_days: Annotated[int, Field(ge=1, le=36_500)] | None = Field(
        None, description="How long its DSTs live once they are published; 30 by default."
    )


class GroupSeed(Seed):
    name: Filled
    domain: Filled = "demo"


class IdentitySeed(Seed):
    """What an account signs with, instead of the one that every account gets."""

    model_config = _CAMEL

    id: PinnedId | None = None
    kind: Literal["remote", "token"] = "remote"
    expires_at: Instant | None = Field(None, description="In three years if not given; may be in the past.")
    appearance: Content | None = Field(None, description="How its signatures look: a PNG, JPEG, GIF or PDF.")


class ConfigurationSeed(RobotConfigurationBody, Seed):
    """How a robot calls others."""

    model_config = _CLOSED


class UserSeed(Seed):
    """An account. Its organization and its groups are made where they are missing."""

    model_config = _CAMEL

    username: AccountName = Field(description="As it logs in: jdo@bit4id. DSTs of this document name it so.")
    id: PinnedId | None = None
    password: Filled | None = None
    role: Role = Role.SIGNER
    name: Text | None = None
    surname: Text | None = None
    email: Text | None = None
    phone: Text | None = None
    language: Language = "en"
    groups: Annotated[list[Filled], Field(max_length=100)] = []
    is_robot: bool = False
    automatic: bool = Field(False, description="Whether it signs by itself.")
    configuration: ConfigurationSeed | None = None
    identities: Annotated[list[IdentitySeed], Field(max_length=20)] | None = None


class SignerSeed(Signer, Seed):
    """A signer; `user` names an account as it logs in, instead of its userUUID."""

    model_config = _CLOSED

    user: AccountName | None = None


class SignersSeed(Seed):
    signers: Annotated[list[SignerSeed], Field(max_length=MOST_PARTS)]


class RequestSeed(SignatureRequest, Seed):
    model_config = _CLOSED


class FormSeed(FillableForm, Seed):
    model_config = _CLOSED


class DocumentSeed(Content):
    """A PDF with its plan."""

    model_config = _CAMEL

    filename: Text | None = None
    title: Text | None = None
    signer_groups: Annotated[list[SignersSeed], Field(max_length=MOST_PARTS)] = []
    signature_requests: Annotated[list[RequestSeed], Field(max_length=MOST_PARTS)] | None = Field(
        None, description="By default one for each signer, which can be declined."
    )
    forms: Annotated[list[FormSeed], Field(max_length=MOST_PARTS)] = []


def _act(value: Any) -> Any:
    return {"action": value} if isinstance(value, str) else value


Word = Literal["fill", "sign", "decline"]
Act = Annotated[DstCommand, BeforeValidator(_act, json_schema_input_type=DstCommand | Word)]


class DstSeed(Seed):
    """A DST, or a template; when all are made, `acts` happen, DST by DST."""

    model_config = _CAMEL

    name: Name | None = None
    id: PinnedId | None = None
    creator: AccountName = Field("instructor@demo", description="Whose it is; of a robot, its webhook hears of it.")
    title: Text | None = None
    documents: Annotated[list[DocumentSeed], Field(max_length=100)] = []
    status: Literal["draft", "published"] = "published"
    expires_at: Instant | None = None
    expires_in: Duration | None = Field(None, description="ISO 8601 duration until it expires, instead of expiresAt.")
    tags: Tags = []
    template: bool = False
    public_template: bool = False
    urgent: bool = False
    cc_groups: Tags = []
    cc_users: Annotated[list[AccountName], Field(max_length=MOST_PARTS)] = []
    visible_to: Annotated[list[AccountName], Field(max_length=MOST_PARTS)] = []
    extra_data: FreeMap = {}
    acts: list[Act] = Field([], description="What people did: fill, sign, decline; in order.")


def seed_organization(seeding: Seeding, entry: OrganizationSeed) -> None:
    def make(work: Work) -> None:
        found = accounts.found_organization(work, entry.domain)
        for name in ("name", "language", "default_days"):
            if getattr(entry, name) is not None:
                setattr(found, name, getattr(entry, name))
        work.db.add(found)

    seeding.perform(make)
    seeding.keep("signing-today.organizations", entry.domain, entry.domain)


def seed_group(seeding: Seeding, entry: GroupSeed) -> None:
    def make(work: Work) -> int | None:
        accounts.found_organization(work, entry.domain)
        return groups.named(work, entry.domain, [entry.name])[0].id

    seeding.keep("signing-today.groups", None, seeding.perform(make), shown=entry.name)


def seed_user(seeding: Seeding, entry: UserSeed) -> None:
    own = {"id", "configuration", "identities"}
    wanted = accounts.Wanted(**{name: getattr(entry, name) for name in UserSeed.model_fields.keys() - own})
    user_id = seeding.perform(lambda work: accounts.make(work, wanted).user.id, entry.id)
    seeding.keep(_USERS, entry.username, user_id)
    if entry.configuration is not None:
        configuration = RobotConfigurationBody.model_validate(entry.configuration.model_dump(by_alias=True))

        def configure(work: Work) -> None:
            caller = tokens.as_caller(work.get(User, user_id))
            robot_accounts.configure(work, caller, None, None, configuration)

        seeding.perform(configure)
    if entry.identities is not None:
        seeding.perform(partial(_forget_identities, user_id=user_id))
        for index, one in enumerate(entry.identities):
            with _at(f"identities[{index}]"):
                _seed_identity(seeding, user_id, one)


def _forget_identities(work: Work, user_id: UUID) -> None:
    for one in work.look_up(Identity, "user_id", [user_id]):
        work.db.delete(work.get(Identity, one.id))


def _seed_identity(seeding: Seeding, user_id: UUID, entry: IdentitySeed) -> None:
    def make(work: Work) -> UUID:
        made_id = work.new_id()
        expires_at: datetime = entry.expires_at or identities.expiry(work)
        holder = work.get(User, user_id).full_name
        row = identities.row(made_id, user_id, holder, expires_at, is_token=entry.kind == "token")
        work.db.add(Identity(**row))
        return made_id

    identity_id = seeding.perform(make, entry.id)
    seeding.keep("signing-today.identities", None, identity_id)
    if entry.appearance is not None:
        with _at("appearance"):
            _seed_appearance(seeding, user_id, identity_id, entry.appearance)


def _seed_appearance(seeding: Seeding, user_id: UUID, identity_id: UUID, entry: Content) -> None:
    content = seeding.content(entry)
    name = PurePosixPath(entry.file).name if entry.file else "appearance"
    fields = {"filename": name, "resourceType": "PDF_Document" if content.startswith(b"%PDF") else "Image"}
    arrived = seeding.blobs.take(content)
    try:
        picture = identities.inspect(arrived, fields)

        def keep(work: Work) -> None:
            caller = tokens.as_caller(work.get(User, user_id))
            identities.set_appearance(work, caller, user_id, identity_id, arrived, picture, fields)

        seeding.perform(keep)
    finally:
        arrived.discard()


def seed_dst(seeding: Seeding, entry: DstSeed) -> UUID:
    if entry.expires_at is not None and entry.expires_in is not None:
        raise BadInputError.of("expiresIn", "cannot be given together with expiresAt")
    people = seeding.perform(lambda work: _people(work, entry))
    wanted = CreateDigitalSignatureTransaction.model_validate(_request(seeding, entry, people))

    def create(work: Work) -> UUID:
        if entry.expires_in is not None:
            wanted.expires_at = work.now + entry.expires_in
        caller = tokens.as_caller(work.get(User, people[entry.creator]))
        dst = creation.create(work, caller, wanted, embedded, seeding.base_url)
        dst.extra, dst.visible_to = entry.extra_data, [str(people[name]) for name in entry.visible_to]
        return dst.id

    with _of_files():
        embedded = creation.receive(seeding.blobs, wanted)
        try:
            dst_id = seeding.perform(create, entry.id)
        finally:
            embedded.discard()
    seeding.keep("signing-today.dsts", entry.name, dst_id)
    return dst_id


def _people(work: Work, entry: DstSeed) -> dict[str, UUID]:
    """The ids of the accounts that an entry names; BadInputError for one that is not there."""
    places = [(entry.creator, "creator")]
    places += [(name, f"ccUsers[{index}]") for index, name in enumerate(entry.cc_users)]
    places += [(name, f"visibleTo[{index}]") for index, name in enumerate(entry.visible_to)]
    for index, document in enumerate(entry.documents):
        signers = [(signer.user, f"documents[{index}].{place}.user") for place, signer in _signers(document)]
        places += [(name, place) for name, place in signers if name is not None]
    people = {}
    for name, place in places:
        username, _, domain = name.rpartition("@")
        found = named(work, domain, username)
        if found is None:
            raise BadInputError.of(place, f"there is no account '{name}'")
        people[name] = found.id
    return people


@contextmanager
def _of_files() -> Iterator[None]:
    """Let refusals name a file as a seed gives it, and not as a request has it."""
    try:
        yield
    except BadInputError as error:
        flaws = [Flaw(one.name.replace(".resource.source.embeddedData", ".file"), one.reason) for one in error.flaws]
        raise BadInputError.of_flaws(flaws) from None


def _signers(document: DocumentSeed) -> Iterator[tuple[str, SignerSeed]]:
    for index, group in enumerate(document.signer_groups):
        for position, signer in enumerate(group.signers):
            yield f"signerGroups[{index}].signers[{position}]", signer


def _request(seeding: Seeding, entry: DstSeed, people: dict[str, UUID]) -> dict[str, Any]:
    """The request of a robot that makes the same."""
    own = {"name", "id", "creator", "documents", "expires_in", "cc_users", "visible_to", "extra_data", "acts"}
    documents = []
    for index, one in enumerate(entry.documents):
        with _at(f"documents[{index}]"):
            documents.append(_document(seeding, one, people))
    return {
        **entry.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=own),
        "ccUsers": [str(people[name]) for name in entry.cc_users],
        "documents": documents,
    }


def _document(seeding: Seeding, entry: DocumentSeed, people: dict[str, UUID]) -> dict[str, Any]:
    name = entry.filename or (PurePosixPath(entry.file).name if entry.file else "document.pdf")
    source = {"type": "Embedded", "embeddedData": base64.b64encode(seeding.content(entry)).decode()}
    for number, (_, signer) in enumerate(_signers(entry), 1):
        signer.id = number if signer.id is None else signer.id
        signer.user_uuid = people[signer.user] if signer.user is not None else signer.user_uuid
    requests = entry.signature_requests
    if requests is None:
        requests = [
            RequestSeed.model_validate({"signerId": signer.id, "declinable": True}) for _, signer in _signers(entry)
        ]
    return {
        "resource": {"filename": name, "title": entry.title, "source": source},
        "signerGroups": [
            {"signers": [one.model_dump(mode="json", by_alias=True, exclude={"user"}) for one in group.signers]}
            for group in entry.signer_groups
        ],
        "signatureRequests": [one.model_dump(mode="json", by_alias=True) for one in requests],
        "forms": [one.model_dump(mode="json", by_alias=True) for one in entry.forms],
    }


def act_on_dst(seeding: Seeding, entry: DstSeed, dst_id: UUID) -> None:
    for index, act in enumerate(entry.acts):
        details = actions.Details(act.document_id, act.signature_request_id, act.form_id, act.text, act.reason)
        with _at(f"acts[{index}]"):
            try:
                seeding.perform(partial(actions.act, dst_id=dst_id, action=act.action, details=details))
            except BadInputError:
                raise
            except ApiError as error:
                raise BadInputError.of("action", error.detail) from None


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Let refusals name the place in the entry."""
    try:
        yield
    except BadInputError as error:
        raise BadInputError.of_flaws([Flaw(f"{place}.{one.name}", one.reason) for one in error.flaws]) from None


SEEDS = {
    "organizations": Seeder(OrganizationSeed, seed_organization),
    "groups": Seeder(GroupSeed, seed_group),
    "users": Seeder(UserSeed, seed_user),
    "dsts": Seeder(DstSeed, seed_dst, finish=act_on_dst),
}
