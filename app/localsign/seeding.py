"""Worlds from seed documents: read, checked as a whole, made aside by ordinary verbs, and taken in all or nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BaseModel, Field, ValidationError, create_model, model_validator
from sqlalchemy.exc import IntegrityError

from localsign import seeding_kernel
from localsign.apis import APIS
from localsign.core import markup
from localsign.core.errors import ApiError, BadInputError, Flaw, NotFoundError, WorldChangedError
from localsign.core.flaws import ended, flaw_of, nearest, path_of
from localsign.core.ids import Ids, flaw_of_name
from localsign.core.markup import Markup, MarkupError
from localsign.core.seeding import Seed, Seeder, Seeding
from localsign.founding import SEEDED
from localsign.resources import fixtures_folder
from localsign.sandbox import DEFAULT, Sandbox
from localsign.settings import SettingsError
from localsign.workspace import Workspace

_ENDINGS = {".json": True, ".yaml": False, ".yml": False}  # whether it is JSON
_MOST_WORKSPACES = 100
_ATTEMPTS = 5


@dataclass(frozen=True)
class Made:
    """What a document made in one workspace: for each entry its section, its name in the document, its id."""

    workspace: str
    objects: list[tuple[str, str | None, str]]


@dataclass
class Document:
    """A document that was read; `worlds` by the name of the workspace, None for the one at hand."""

    markup: Markup
    folders: Sequence[Path]
    description: str | None = None
    worlds: list[tuple[str | None, str, BaseModel]] = field(default_factory=list)  # workspace, path, sections

    def flaw(self, path: str, reason: str) -> Flaw:
        line = self.markup.line_of(path)
        return Flaw(path or "document", reason if line is None else f"{reason} (line {line})")

    def stop_clock(self, at: datetime) -> None:
        """Let the time at which everything is made be `at`, whatever it says itself."""
        self.worlds = [
            (name, path, world.model_copy(update={"clock": seeding_kernel.ClockSeed.model_construct(freeze=at)}))
            for name, path, world in self.worlds
        ]


# ---- the shape of documents


@cache
def sections() -> dict[str, dict[str, Seeder]]:
    """What a world may hold: the kernel's sections under "", and those of each API under its name; in order."""
    found = {"": dict(seeding_kernel.FIRST)}
    found |= {entry.name: dict(entry.api.seeds) for entry in APIS if entry.api.seeds}
    return {**found, "last": dict(seeding_kernel.LAST)}


@cache
def world_model() -> type[Seed]:
    """The shape of one world."""
    fields: dict[str, Any] = {}
    for group, seeders in sections().items():
        if group in ("", "last"):
            fields |= _fields(seeders)
        else:
            model = create_model(f"{_attribute(group)}_seeds", __base__=Seed, **_fields(seeders))
            fields[_attribute(group)] = Annotated[model | None, Field(alias=group)], None
    return cast(type[Seed], create_model("World", __base__=Seed, **fields))


def _fields(seeders: Mapping[str, Seeder]) -> dict[str, Any]:
    return {
        _attribute(name): (
            (Annotated[list[one.model], Field(alias=name)], [])  # type: ignore[name-defined]
            if one.is_list
            else (Annotated[one.model | None, Field(alias=name)], None)
        )
        for name, one in seeders.items()
    }


def _attribute(name: str) -> str:
    return name.replace("-", "_")


@cache
def document_model() -> type[Seed]:
    """The shape of a document: one world, or several by the name of their workspace."""
    world: Any = world_model()
    several: Any = (dict[str, world] | None, Field(None, max_length=_MOST_WORKSPACES))

    class Several(Seed):
        @model_validator(mode="after")
        def _one_or_several(self) -> "Several":
            named = self.model_fields_set - {"description"}
            if "workspaces" in named and len(named) > 1:
                raise ValueError('has "workspaces", so that everything else belongs into one of them')
            return self

    return cast(
        type[Seed],
        create_model(
            "SeedDocument",
            __base__=(Several, world),
            description=(str | None, Field(None, description="For people.")),
            workspace=(str | None, Field(None, description="The workspace it is for; made if there is none.")),
            workspaces=several,
        ),
    )


def schema() -> dict[str, Any]:
    """The JSON Schema of a document."""
    made = document_model().model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made, "title": "localsign seed document"}


# ---- reading


def read(content: bytes, *, is_json: bool, folder: Path | None = None) -> Document:
    """The document in `content`, whose files are in `folder`; BadInputError names every flaw."""
    try:
        found = markup.read(content, is_json=is_json)
    except MarkupError as error:
        raise BadInputError.of("document", str(error)) from None
    return checked(found, folder)


def checked(found: Markup, folder: Path | None = None) -> Document:
    """A document that has been read already."""
    document = Document(found, [*([folder] if folder else []), fixtures_folder()])
    try:
        whole: Any = document_model().model_validate(found.value if found.value is not None else {})
    except ValidationError as error:
        raise BadInputError.of_flaws([document.flaw(*one) for one in _findings(error)]) from None
    document.description = whole.description
    if whole.workspaces is None:
        document.worlds = [(whole.workspace, "", whole)]
    else:
        document.worlds = [(name, path_of(("workspaces", name)), one) for name, one in whole.workspaces.items()]
    flaws = [
        document.flaw(path or "workspace", reason)
        for name, path, _ in document.worlds
        if name is not None and (reason := flaw_of_name(name)) is not None
    ]
    if flaws:
        raise BadInputError.of_flaws(flaws)
    return document


def given(value: dict[str, Any]) -> Document:
    """A document in the body of another request."""
    try:
        markup.check_text(value)
        return checked(Markup(value))
    except MarkupError as error:
        raise BadInputError.of("from", str(error)) from None
    except BadInputError as error:
        raise BadInputError.of_flaws([Flaw(f"from.{one.name}", one.reason) for one in error.flaws]) from None


def _findings(error: ValidationError) -> Iterator[tuple[str, str]]:
    for finding in error.errors():
        if finding["type"] == "unknown_members":
            for name, reason in finding["ctx"]["reasons"].items():
                yield path_of((*finding["loc"], name)), reason
        else:
            flaw = flaw_of(cast(Mapping[str, Any], finding))
            yield "" if flaw.name == "body" else flaw.name, flaw.reason


def fixtures() -> dict[str, Path]:
    """The documents that come with localsign, by name."""
    return {path.stem: path for path in sorted((fixtures_folder() / "seeds").glob("*.yaml"))}


def fixture(name: str) -> Document:
    """One of them; NotFoundError with the nearest."""
    known = fixtures()
    if name not in known:
        detail = ended(f"There is no fixture called '{name}'; {nearest(name, known)}")
        raise NotFoundError(detail, code="fixture_not_found")
    return read(known[name].read_bytes(), is_json=False, folder=known[name].parent)


# ---- applying


def create(
    sandbox: Sandbox, name: str | None, seed: str | None, document: Document, origin: str | None = None
) -> tuple[Workspace, Made]:
    """A new workspace with what the document says; there is none if anything of it cannot be made."""
    if len(document.worlds) != 1 or document.worlds[0][0] is not None:
        raise BadInputError.of("document", "names workspaces; a document for a new one must not")
    [(_, path, world)] = document.worlds
    name = name or f"w-{Ids(None).hex(6)}"  # now, as links have it
    with sandbox.scratch(name, seed=seed) as scratch:
        objects = _fill(sandbox, document, scratch, path, world, origin)
        made = sandbox.create(name, seed, source=scratch)
    return made, Made(made.name, objects)


def apply(
    sandbox: Sandbox, document: Document, current: Workspace, once: str | None = None, origin: str | None = None
) -> list[Made]:
    """Add what the document says to its workspaces, or to `current`: all of it, or nothing at all.

    Workspaces that it names and that are not there are made. With `once`, a name, it is left out where it was loaded.
    `origin`: scheme and host that links begin with. WorldChangedError if one of them keeps being changed meanwhile.
    """
    for attempt in range(_ATTEMPTS):
        try:
            return _apply(sandbox, document, current, once, origin)
        except WorldChangedError:
            if attempt == _ATTEMPTS - 1:
                raise
    raise AssertionError("unreachable")


def _apply(
    sandbox: Sandbox, document: Document, current: Workspace, once: str | None, origin: str | None
) -> list[Made]:
    known, made = set(sandbox.names()) | {DEFAULT}, []
    old: list[tuple[Workspace, Workspace, tuple[int, ...]]] = []  # the world, what it is to become, when it was copied
    new: list[tuple[str, Workspace]] = []
    with ExitStack() as stack:
        for name, path, world in document.worlds:
            target = current if name is None else sandbox.find(name) if name in known else None
            scratch = stack.enter_context(sandbox.scratch(target.name if target else str(name)))
            mark = scratch.copy_from(target) if target else None
            if once is not None and _was_loaded(scratch, once):
                continue
            objects = _fill(sandbox, document, scratch, path, world, origin)
            if once is not None:
                _note(scratch, once)
            made.append(Made(scratch.name, objects))
            if target is not None and mark is not None:
                old.append((target, scratch, mark))
            else:
                new.append((scratch.name, scratch))
        _take_in(sandbox, old, new)
    return made


def _take_in(
    sandbox: Sandbox, old: list[tuple[Workspace, Workspace, tuple[int, ...]]], new: list[tuple[str, Workspace]]
) -> None:
    created: list[str] = []
    with sandbox.taking_in:  # else two might make some of each other's workspaces, and take them back again
        if not {name for name, _ in new}.isdisjoint(sandbox.names()):
            raise WorldChangedError
        try:
            for name, scratch in new:
                sandbox.create(name, source=scratch)
                created.append(name)
            _go_on_as(sandbox, old)
        except BaseException:
            for name in created:
                sandbox.delete(name)
            raise


def _go_on_as(sandbox: Sandbox, old: list[tuple[Workspace, Workspace, tuple[int, ...]]]) -> None:
    with ExitStack() as turns:
        for target, _, _ in sorted(old, key=lambda one: one[0].name):
            turns.enter_context(target.exclusively())
        if any(target.mark() != mark for target, _, mark in old):
            raise WorldChangedError
        for target, scratch, _ in old:
            scratch.blobs.copy_to(target.blobs)
            target.become(scratch.raw, None)
            if sandbox.house.is_shared:  # another process may just have dropped equal ones
                scratch.blobs.copy_to(target.blobs)


def _was_loaded(scratch: Workspace, once: str) -> bool:
    with scratch.work() as work:
        return SEEDED + once in work.choices


def _note(scratch: Workspace, once: str) -> None:
    with scratch.work() as work:
        work.choose(SEEDED + once, "yes")


def _fill(
    sandbox: Sandbox, document: Document, scratch: Workspace, path: str, world: Any, origin: str | None
) -> list[tuple[str, str | None, str]]:
    """Make everything in a world that nobody sees yet."""
    seeding = Seeding(
        world=scratch,
        blobs=scratch.blobs,
        folders=document.folders,
        most_bytes=sandbox.settings.max_document_bytes,
        base_url=sandbox.base_url(scratch, origin),
        run=lambda verb: sandbox.perform(scratch, verb)[0],
    )
    unfinished: list[Callable[[], None]] = []
    for group, seeders in sections().items():
        is_kernel = group in ("", "last")
        if group == "last":
            for finish in unfinished:
                finish()
        holder = world if is_kernel else getattr(world, _attribute(group))
        here = path if is_kernel else f"{path}.{group}".lstrip(".")
        for name, seeder in seeders.items() if holder is not None else ():
            given = getattr(holder, _attribute(name))
            place = f"{here}.{name}".lstrip(".")
            entries = (
                [(f"{place}[{index}]", one) for index, one in enumerate(given)] if seeder.is_list else [(place, given)]
            )
            for at, entry in entries:
                if entry is not None:
                    made = _run(document, seeding, at, partial(seeder.make, seeding, entry))
                    if seeder.finish is not None:
                        act = partial(seeder.finish, seeding, entry, made)
                        unfinished.append(partial(_run, document, seeding, at, act))
    return seeding.made


def _run(document: Document, seeding: Seeding, at: str, verb: Callable[[], Any]) -> Any:
    """Do something for the entry at a place of the document, which every refusal then names."""
    seeding.place = at
    try:
        return verb()
    except BadInputError as error:
        flaws = error.flaws or (Flaw("", error.detail),)
        joined = [(f"{at}{one.name if one.name.startswith('[') else '.' + one.name}", one.reason) for one in flaws]
        raise BadInputError.of_flaws([document.flaw(name.rstrip("."), reason) for name, reason in joined]) from None
    except WorldChangedError:
        raise
    except ApiError as error:
        raise BadInputError.of_flaws([document.flaw(at, error.detail)]) from None
    except IntegrityError:
        raise BadInputError.of_flaws([document.flaw(f"{at}.id", "there is something with this id already")]) from None


# ---- the folder of the installation


def load_folder(sandbox: Sandbox) -> None:
    """Load the init folder, once; SettingsError names the file and what is wrong in it."""
    default = sandbox.find(DEFAULT)
    folder = sandbox.settings.init_dir
    if folder is None or sandbox.is_seeded:
        return
    if not folder.is_dir():
        raise SettingsError(f"LOCALSIGN_INIT_DIR is '{folder}', which is not a folder.")
    for path in sorted(path for path in folder.iterdir() if path.suffix in _ENDINGS and path.is_file()):
        try:
            document = read(path.read_bytes(), is_json=_ENDINGS[path.suffix], folder=folder)
            apply(sandbox, document, default, once=_mark_of(path))
        except ApiError as error:
            flaws = [f"{one.name}: {one.reason}" for one in error.flaws] or [error.detail]
            raise SettingsError("\n  ".join([f"the seed {path} cannot be loaded:", *flaws])) from None
        except OSError as error:
            raise SettingsError(f"the seed {path} cannot be read: {error.strerror}") from None
    sandbox.is_seeded = True


def _mark_of(path: Path) -> str:
    """A file counts as another one when its name changes; not when its content does, which has been made already."""
    return sha256(path.name.encode("utf-8", "replace")).hexdigest()[:32]
