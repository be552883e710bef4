"""What a seed document may say of Secure Share: shares with their files and recipients, and what those did."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from sqlalchemy.exc import IntegrityError

from localsign.core.errors import ApiError, BadInputError, Flaw, WorldChangedError
from localsign.core.flaws import nearest
from localsign.core.seeding import Content, Duration, Name, PinnedId, Seed, Seeder, Seeding
from localsign.core.wire import Text
from localsign.core.work import Work
from localsign.secure_share import actions
from localsign.secure_share.commands import RecipientCommand, Short
from localsign.secure_share.moments import ticks_of
from localsign.secure_share.schemas import ContactDetailsDto, CreateRecipient, CreateShare, Instant
from localsign.secure_share.service import files, recipients, shares
from localsign.secure_share.service.files import Part

_OCTETS = "application/octet-stream"
_TYPES = {".pdf": "application/pdf", ".txt": "text/plain", ".md": "text/markdown"}
_CAMEL = ConfigDict(alias_generator=to_camel)


class FileSeed(Content):
    """A file of a share, as the sender uploads it."""

    model_config = _CAMEL

    name: Name
    id: PinnedId | None = None
    file_name: Annotated[str, Field(min_length=1, max_length=255, pattern=r"^[^/\\\\\x00-\x1f]+$")] | None = Field(
        None, description="By default that of the file, or the name."
    )
    content_type: Annotated[str, Field(pattern=r"^[a-z0-9.+-]{1,80}/[a-z0-9.+-]{1,80}$")] | None = Field(
        None, description="By default that of the ending."
    )


Word = Literal["open", "authenticate", "download", "fail"]


class ActSeed(Seed):
    """What a recipient did; `file` is the name of a file of the share."""

    model_config = _CAMEL

    action: Word
    file: str | None = None
    method: Short | None = None
    code: Short | None = None
    nin: Short | None = None
    idp_id: Short | None = None


def _act(value: Any) -> Any:
    return {"action": value} if isinstance(value, str) else value


Act = Annotated[ActSeed, BeforeValidator(_act, json_schema_input_type=ActSeed | Word)]


class RecipientSeed(CreateRecipient, Seed):
    """A recipient; when everything has been made, `acts` happen, recipient by recipient."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    id: PinnedId | None = None
    files: list[str] | None = Field(None, description="The names of the files they may see, instead of their ids.")
    acts: list[Act] = Field([], description="What they did: open, authenticate, download, fail; in order.")


class ShareSeed(Seed):
    """A share, with its files and recipients."""

    model_config = _CAMEL

    name: Name | None = None
    id: PinnedId | None = None
    contact_details: ContactDetailsDto
    title: Text | None = None
    description: Text | None = None
    external_reference: Text | None = None
    usage_reference: Text | None = None
    request_domain: Text | None = None
    tags: list[Text] | None = None
    expires: Instant | None = None
    expires_in: Duration | None = Field(None, description="ISO 8601 duration until it expires, instead of expires.")
    files: list[FileSeed] = []
    recipients: list[RecipientSeed] = Field([], max_length=500)


_OWN = {"name", "id", "files", "recipients", "expires", "expires_in"}
Invited = list[tuple[UUID, dict[str, UUID]]]  # each recipient's id, and the files of their share by name


def seed_share(seeding: Seeding, entry: ShareSeed) -> Invited:
    if entry.expires is not None and entry.expires_in is not None:
        raise BadInputError.of("expiresIn", "cannot be given together with expires")
    given = {name: getattr(entry, name) for name in ShareSeed.model_fields.keys() - _OWN & entry.model_fields_set}
    wanted = CreateShare(**{to_camel(name): value for name, value in given.items()})

    def create(work: Work) -> UUID:
        wanted.expires = entry.expires if entry.expires_in is None else ticks_of(work.now + entry.expires_in)
        return shares.create(work, wanted, seeding.base_url).id

    share_id = seeding.perform(create, entry.id)
    seeding.keep("secure-share.shares", entry.name, share_id)
    there: dict[str, UUID] = {}
    for index, one in enumerate(entry.files):
        with _at(f"files[{index}]"):
            there[one.name] = _seed_file(seeding, share_id, one, there)
    made: Invited = []
    for index, invited in enumerate(entry.recipients):
        with _at(f"recipients[{index}]"):
            made.append((_seed_recipient(seeding, share_id, invited, there), there))
    return made


def _seed_file(seeding: Seeding, share_id: UUID, entry: FileSeed, there: dict[str, UUID]) -> UUID:
    if entry.name in there:
        raise BadInputError.of("name", f"there is another file called '{entry.name}' in this share")
    content = seeding.content(entry)
    plain = PurePosixPath(entry.file).name if entry.file else entry.name
    name = entry.file_name or plain
    by_default = "text/plain" if entry.text is not None else _OCTETS
    kind = entry.content_type or _TYPES.get(PurePosixPath(name).suffix.lower(), by_default)
    arrived = seeding.blobs.take(content)
    try:
        part = Part(name, kind, arrived)
        [made] = seeding.perform(lambda work: files.add(work, share_id, [part], seeding.base_url), entry.id)
    finally:
        arrived.discard()
    seeding.keep("secure-share.files", None, made.id, shown=entry.name)
    return made.id


def _seed_recipient(seeding: Seeding, share_id: UUID, entry: RecipientSeed, there: dict[str, UUID]) -> UUID:
    own = {"name", "id", "files", "acts"}
    sent = {name: getattr(entry, name) for name in entry.model_fields_set - own}
    if entry.files is not None:
        if entry.file_restrictions is not None:
            raise BadInputError.of("files", "cannot be given together with fileRestrictions")
        sent["file_restrictions"] = [_file_of(there, name, f"files[{at}]") for at, name in enumerate(entry.files)]
    wanted = CreateRecipient(**{to_camel(name): value for name, value in sent.items()})
    made = seeding.perform(lambda work: recipients.create(work, share_id, wanted, seeding.base_url), entry.id)
    seeding.keep("secure-share.recipients", None, made.id, shown=entry.name)
    return made.id


def act_on_share(seeding: Seeding, entry: ShareSeed, made: Invited) -> None:
    for at, (invited, (recipient_id, there)) in enumerate(zip(entry.recipients, made, strict=True)):
        for index, act in enumerate(invited.acts):
            with _at(f"recipients[{at}].acts[{index}]"):
                _perform(seeding, recipient_id, act, there)


def _perform(seeding: Seeding, recipient_id: UUID, act: ActSeed, there: dict[str, UUID]) -> None:
    told = act.model_dump(by_alias=True, exclude_none=True)
    if act.file is not None:
        told["file"] = _file_of(there, act.file, "file")
    command = RecipientCommand.model_validate(told)
    refusal = seeding.perform(lambda work: actions.act(work, recipient_id, command))
    if refusal is not None and act.action != "fail":
        raise BadInputError.of("", refusal.detail)


def _file_of(there: dict[str, UUID], name: str, member: str) -> UUID:
    if name not in there:
        hint = nearest(name, there) if there else "there are none"
        raise BadInputError.of(member, f"there is no file called '{name}' in this share; {hint}")
    return there[name]


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Let every refusal name the place within the share."""
    try:
        yield
    except BadInputError as error:
        flaws = [Flaw(f"{place}.{one.name}".rstrip("."), one.reason) for one in error.flaws]
        raise BadInputError.of_flaws(flaws) from None
    except WorldChangedError:
        raise
    except ApiError as error:
        raise BadInputError.of(place, error.detail) from None
    except IntegrityError:
        raise BadInputError.of(f"{place}.id", "there is something with this id already") from None


SEEDS = {"shares": Seeder(ShareSeed, seed_share, finish=act_on_share)}
