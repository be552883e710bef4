"""What a seed document may hold, and how its entries become objects: by the verbs that clients use, and no others."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from localsign.core.blobs import Blobs
from localsign.core.errors import BadInputError
from localsign.core.flaws import nearest
from localsign.core.work import Slow, Work
from localsign.lags import parse_duration

Result = TypeVar("Result")

Name = Annotated[str, Field(min_length=1, max_length=100, description="What other entries call it in this document.")]


def _duration(value: Any) -> timedelta:
    if not isinstance(value, str):
        raise ValueError("must be a string")
    return parse_duration(value)


Duration = Annotated[timedelta, BeforeValidator(_duration), WithJsonSchema({"type": "string", "format": "duration"})]
PinnedId = Annotated[UUID, Field(description="The id that the object gets; drawn if not given.")]


class Seed(BaseModel):
    """The base of all that a seed document holds: a member that is not known is refused, with the nearest one."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _known(cls, value: Any) -> Any:
        if isinstance(value, dict):
            known = {field.alias or name for name, field in cls.model_fields.items()}
            unknown = [str(name) for name in value if name not in known]
            if unknown:
                reasons = {name: f"is not a known member; {nearest(name, known)}" for name in unknown}
                raise PydanticCustomError("unknown_members", "has unknown members", {"reasons": reasons})
        return value


@dataclass(frozen=True)
class Seeder:
    """One section of a seed document.

    `make` gets one entry, of the shape `model`, and makes it through `Seeding.perform`; with `is_list` the section is a
    list of entries. A verb that makes an object draws its id before any other, so that a seed can pin it. `finish` gets
    the entry and what `make` returned when everything of every API has been made: it does what people did.
    """

    model: type[BaseModel]
    make: Callable[["Seeding", Any], Any]
    is_list: bool = True
    finish: Callable[["Seeding", Any, Any], None] | None = None


@dataclass
class Seeding:
    """The making of one world from a seed. `world` is its workspace, which nobody else sees yet.

    `folders` are where its files may be: that of the document, and our fixtures. `base_url`: its address.
    """

    world: Any
    blobs: Blobs
    folders: Sequence[Path]
    most_bytes: int
    base_url: str
    run: Callable[[Callable[[Work], Any]], Any]
    place: str = ""
    made: list[tuple[str, str | None, str]] = field(default_factory=list)  # section, name, id
    _names: dict[tuple[str, str], Any] = field(default_factory=dict)

    def perform(self, verb: Callable[[Work], "Result | Slow[Any, Result]"], pinned: UUID | None = None) -> Result:
        """Run a verb to its end; the first id that it draws is `pinned`, where that is given."""

        def pin_and_run(work: Work) -> Any:
            work.ids.pinned = pinned
            return verb(work)

        result: Result = self.run(pin_and_run)
        return result

    def keep(
        self, kind: str, name: str | None, made_id: object, value: Any = None, *, shown: str | None = None
    ) -> None:
        """Remember what an entry became: its id, and what others that name it need to know.

        `shown` is its name where that is one within another entry only.
        """
        self.made.append((kind, name or shown, str(made_id)))
        if name is None:
            return
        if (kind, name) in self._names:
            raise BadInputError.of("name", f"there is another entry called '{name}' in {kind}")
        self._names[kind, name] = made_id if value is None else value

    def find(self, kind: str, name: str, member: str) -> Any:
        """What the entry of `kind` called `name` became; refused, for `member`, where there is none yet."""
        if (kind, name) not in self._names:
            known = [other for of, other in self._names if of == kind]
            hint = nearest(name, known) if known else "there are none before it"
            raise BadInputError.of(member, f"there is no entry called '{name}' in {kind}; {hint}")
        return self._names[kind, name]

    def content(self, entry: "Content") -> bytes:
        """The bytes that an entry gives in itself, or in a file."""
        if entry.text is not None:
            return entry.text.encode()
        if entry.base64 is not None:
            try:
                return base64.b64decode(entry.base64, validate=True)
            except (binascii.Error, ValueError):
                raise BadInputError.of("base64", "is not base64") from None
        return self._file(str(entry.file))

    def _file(self, name: str) -> bytes:
        for folder in self.folders:
            path = (folder / name).resolve()
            if path.is_relative_to(folder.resolve()) and _is_file(path):
                if path.stat().st_size > self.most_bytes:
                    raise BadInputError.of("file", f"'{name}' is larger than {self.most_bytes} bytes")
                return path.read_bytes()
        known = [str(path.relative_to(one)) for one in self.folders for path in one.rglob("*") if path.is_file()]
        raise BadInputError.of("file", f"there is no file '{name}'; {nearest(name, known[:200])}")


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # no file can have such a name
        return False


class Content(Seed):
    """Bytes, by exactly one of three members."""

    file: str | None = Field(None, description="Relative to the seed document, or one of localsign's fixtures.")
    text: str | None = None
    base64: str | None = None

    @model_validator(mode="after")
    def _one(self) -> "Content":
        if sum(one is not None for one in (self.file, self.text, self.base64)) != 1:
            raise ValueError('give exactly one of "file", "text" and "base64"')
        if self.file is not None and "\0" in self.file:
            raise ValueError("a file cannot have such a name")
        return self
