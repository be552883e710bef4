"""What a seed document may say of Mint: secrets, workflows, journeys, and what people did in them."""

import mimetypes
from functools import partial
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from localsign.core import markup
from localsign.core.errors import BadInputError, ConflictError, Flaw
from localsign.core.flaws import flaw_of
from localsign.core.markup import MarkupError
from localsign.core.seeding import Content, Name, PinnedId, Seed, Seeder, Seeding
from localsign.core.work import Slow, Work
from localsign.mint import actions
from localsign.mint.actions import Action
from localsign.mint.commands import JourneyCommand
from localsign.mint.current.schemas import WorkflowRequest
from localsign.mint.current.writing import content_of
from localsign.mint.models import Journey
from localsign.mint.service import files, journeys, secrets, workflows
from localsign.mint.switches import AUTO_PUBLISH
from localsign.mint.wire import Free

_CAMEL = ConfigDict(alias_generator=to_camel)
_JSON = ".json"


class SecretSeed(Seed):
    """A secret, which steps use by its name."""

    name: Annotated[str, Field(min_length=1, max_length=50)]
    id: PinnedId | None = None
    description: Annotated[str, Field(max_length=100)] | None = None
    value: Annotated[str, Field(max_length=4000)]


class WorkflowFileSeed(Content):
    """A file that every journey of a workflow may use, such as a template."""

    model_config = _CAMEL

    filename: Annotated[str, Field(min_length=1, max_length=255)] | None = Field(
        None, description="By default that of `file`."
    )
    content_type: str | None = Field(None, description="By default that of the ending.")
    category: Literal["Generic", "Template", "Sign", "Journey"] = "Generic"


class WorkflowSeed(Seed):
    """A workflow: as a client creates it, or a file of JSON or YAML that says the same."""

    name: Name | None = None
    id: PinnedId | None = None
    content: WorkflowRequest | None = Field(None, description="The body of the request that creates it.")
    file: str | None = Field(None, description="Relative to the seed document, or one of localsign's fixtures.")
    publish: bool | None = Field(None, description="By default as the switch mint.auto-publish says.")
    files: list[WorkflowFileSeed] = Field([], max_length=100)

    @model_validator(mode="after")
    def _one(self) -> "WorkflowSeed":
        if (self.content is None) == (self.file is None):
            raise ValueError('give exactly one of "content" and "file"')
        if self.file is not None and "\0" in self.file:
            raise ValueError("a file cannot have such a name")
        return self


def _act(value: Any) -> Any:
    return {"action": value} if isinstance(value, str) else value


Act = Annotated[JourneyCommand, BeforeValidator(_act, json_schema_input_type=JourneyCommand | Action)]


class JourneySeed(Seed):
    """A journey of a workflow of this seed, by its name; when all is made, `acts` happen."""

    name: Name | None = None
    id: PinnedId | None = None
    workflow: str
    input: Free | None = None
    acts: list[Act] = Field([], description="What people did: complete, approve, reject, fail, open, cancel; in order.")


def seed_secret(seeding: Seeding, entry: SecretSeed) -> None:
    try:
        made = seeding.perform(lambda work: secrets.create(work, entry.name, entry.description, entry.value), entry.id)
    except ConflictError as error:
        raise BadInputError.of("name", error.detail) from None
    seeding.keep("mint.secrets", entry.name, made.id)


def seed_workflow(seeding: Seeding, entry: WorkflowSeed) -> None:
    wanted = entry.content or _read(seeding, str(entry.file))

    def create(work: Work) -> UUID:
        publishes = work.switched(AUTO_PUBLISH) == "on" if entry.publish is None else entry.publish
        return workflows.create(work, content_of(wanted), publishes=publishes).workflow_id

    try:
        made_id = seeding.perform(create, entry.id)
    except BadInputError as error:
        member = "content" if entry.file is None else "file"
        raise BadInputError.of_flaws([Flaw(f"{member}.{one.name}", one.reason) for one in error.flaws]) from None
    for index, file in enumerate(entry.files):
        try:
            _add_file(seeding, made_id, file)
        except BadInputError as error:
            flaws = [Flaw(f"files[{index}].{one.name}", one.reason) for one in error.flaws]
            raise BadInputError.of_flaws(flaws) from None
    seeding.keep("mint.workflows", entry.name, made_id)


def _read(seeding: Seeding, name: str) -> WorkflowRequest:
    """The workflow that a file says."""
    content = seeding.content(Content(file=name))
    try:
        found = markup.read(content, is_json=PurePosixPath(name).suffix.lower() == _JSON)
        return WorkflowRequest.model_validate(found.value)
    except MarkupError as error:
        raise BadInputError.of("file", f"'{name}': {error}") from None
    except ValidationError as error:
        flaws = [flaw_of(dict(one)) for one in error.errors()]
        raise BadInputError.of_flaws(
            [Flaw(f"file.{one.name}", f"{one.reason}, in '{name}'") for one in flaws]
        ) from None


def _add_file(seeding: Seeding, workflow_id: UUID, file: WorkflowFileSeed) -> None:
    filename = file.filename or PurePosixPath(file.file or "file").name
    kind = file.content_type or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    arrived = seeding.blobs.take(seeding.content(file))
    try:
        seeding.perform(lambda work: files.add_to_workflow(work, workflow_id, arrived, filename, kind, file.category))
    finally:
        arrived.discard()


def seed_journey(seeding: Seeding, entry: JourneySeed) -> UUID:
    workflow_id: UUID = seeding.find("mint.workflows", entry.workflow, "workflow")

    def start(work: Work) -> Slow[Any, Journey] | Journey:
        return journeys.start(work, workflow_id, entry.input or {}, seeding.base_url)

    made = seeding.perform(start, entry.id)
    seeding.keep("mint.journeys", entry.name, made.id)
    return made.id


def act_in_journey(seeding: Seeding, entry: JourneySeed, journey_id: UUID) -> None:
    for index, act in enumerate(entry.acts):
        verb = partial(actions.act, journey_id=journey_id, action=act.action, step_id=act.stepId, data=act.data)
        try:
            seeding.perform(verb)
        except ConflictError as error:
            raise BadInputError.of(f"acts[{index}]", error.detail) from None
        except BadInputError as error:
            flaws = error.flaws or (Flaw("", error.detail),)
            renamed = [Flaw(f"acts[{index}].{one.name}".rstrip("."), one.reason) for one in flaws]
            raise BadInputError.of_flaws(renamed) from None


SEEDS = {
    "secrets": Seeder(SecretSeed, seed_secret),
    "workflows": Seeder(WorkflowSeed, seed_workflow),
    "journeys": Seeder(JourneySeed, seed_journey, finish=act_in_journey),
}
