"""What an API tells the kernel of the people it asks: who they are, and what they can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel

if TYPE_CHECKING:
    from localsign.core.work import Work

# A verb of an API's `actions`: the object's id, and what the decision says beside its word. It may return a Slow.
Verb = Callable[["Work", UUID, Mapping[str, Any]], Any]


@dataclass(frozen=True)
class Refused:
    """What a verb returns that turned its person away, and did something by it that stays, such as a wrong try."""

    code: str
    detail: str


HANG = "hang"  # the word for doing nothing; every kind knows it
MANUAL = "manual"  # only as a default: wait for a command


@dataclass(frozen=True)
class Person:
    """Who an object waits for, as far as the object says."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    national_id: str | None = None


def _knows_nothing(_work: "Work", _subject: UUID) -> Mapping[str, str | None]:
    return {}


@dataclass(frozen=True)
class Asking:
    """One kind of object that asks a person for something.

    `actions` maps words to verbs. The words every API should have where they make sense are `sign` (do what is asked
    for), `reject`, `cancel` and `error`; others are its own. The first is what a willing person does. A verb gets the
    object's id and a mapping: `reason` and whatever else the decision says, and under `persona` a
    `people.Persona`, where one is known. It raises an ApiError where it is too late; then nothing that
    it did stays. Where something has to, it returns a `Refused`.

    `person` says who is asked. `about` gives what else queued decisions can be matched by; `attributes` are its names.
    `details` is the model of what a queued decision for this kind may say in its member `details`; None: nothing.
    """

    actions: Mapping[str, Verb]
    person: Callable[["Work", UUID], Person]
    attributes: tuple[str, ...] = ()
    about: Callable[["Work", UUID], Mapping[str, str | None]] = _knows_nothing
    details: type[BaseModel] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """Everything that a rule may say of this kind."""
        return (*self.actions, *(() if HANG in self.actions else (HANG,)))
