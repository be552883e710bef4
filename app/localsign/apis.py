"""The APIs that localsign emulates. A new one is a folder and a line here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from localsign.core import decisions
from localsign.core.api import Api, TimerHandler
from localsign.core.asking import Asking
from localsign.core.database import Stored
from localsign.core.events import Event
from localsign.core.evidence import evidence_of
from localsign.core.machine import Machine
from localsign.core.secrecy import Links
from localsign.core.switches import KERNEL, Switch, flaw_of_choice
from localsign.core.tables import Announcement
from localsign.core.work import Work


class Founding(Protocol):
    """The module of an API that gives a new world its first credentials."""

    def found(self, work: Work, *, client: tuple[str, str] | None) -> None:
        """Lay what every world has, where it is missing. `client`: the id and secret it must have, or None.

        The world may have no name yet, and be used at any later time.
        """

    def keep(self, work: Work) -> list[Any]:
        """The rows that a reset carries over, so that credentials stay good."""

    def credentials(self, work: Work) -> dict[str, Any]:
        """What a tester needs to call this API, as members of the workspace's description."""


class Samples(Protocol):
    """The module of an API that fills the database from which every world is copied."""

    def rows(self) -> Sequence[tuple[type[Stored], Sequence[dict[str, Any]]]]:
        """The rows that every world begins with, by table."""


class Listening(Protocol):
    """The module of an API that hears of what others announce."""

    LISTENS: Mapping[str, Callable[[Work, Announcement], None]]
    """By `<api>:<name>`, what it does then, in the transaction that announces it."""


class Resuming(Protocol):
    """The module of an API that goes on with what a process that was killed had under way."""

    def resume(self, work: Work, original: str | None) -> None:
        """Let it go on as soon as this transaction is over. For a world that was just opened, or became another one.

        `original`: the workspace that it is a copy of, which goes on with what leads outside.
        """


@dataclass(frozen=True)
class Entry:
    """An API by where it is mounted and the package that has it, which is imported at first use."""

    name: str
    mount: str
    package: str
    has_founding: bool = False
    has_tables: bool = True
    has_samples: bool = False
    has_listening: bool = False
    has_resuming: bool = False
    control: tuple[str, ...] = ()  # where its own routes are, below `/_sandbox/v1`

    @property
    def api(self) -> Api:
        return cast(Api, import_module(f"{self.package}.api").API)

    @property
    def founding(self) -> Founding:
        return cast(Founding, import_module(f"{self.package}.founding"))

    @property
    def samples(self) -> Samples:
        return cast(Samples, import_module(f"{self.package}.samples"))

    @property
    def listening(self) -> Listening:
        return cast(Listening, import_module(f"{self.package}.listening"))

    @property
    def resuming(self) -> Resuming:
        return cast(Resuming, import_module(f"{self.package}.resuming"))

    def import_tables(self) -> None:
        if not self.has_tables:
            return
        models = import_module(f"{self.package}.models")
        for module in iter_modules(getattr(models, "__path__", ())):
            import_module(f"{models.__name__}.{module.name}")


APIS = (
    Entry("sign", "/sign", "localsign.sign", control=("/sign",)),
    Entry("secure-share", "/secure-share", "localsign.secure_share", control=("/secure-share",)),
    Entry("mint", "/mint", "localsign.mint", has_listening=True, has_resuming=True, control=("/mint",)),
    Entry("platform", "/auth/open", "localsign.signicat", has_founding=True, control=("/clients", "/keys")),
    Entry("events", "/events-management", "localsign.events", has_tables=False, control=("/webhooks/subscriptions",)),
    Entry(
        "signing-today",
        "/api",
        "localsign.signing_today",
        has_founding=True,
        has_samples=True,
        control=("/signing-today",),
    ),
)


# What the kernel keeps in every world, beside the tables of the APIs.
_KERNEL = (
    "localsign.core.tables",
    "localsign.core.outbox",
    "localsign.core.faults",
    "localsign.core.deliveries",
    "localsign.core.decisions",
)
_KERNEL_TIMERS: dict[str, TimerHandler] = {decisions.ACT: decisions.act}


def import_tables() -> None:
    """Make every table known, so that a blank world has it."""
    for name in _KERNEL:
        import_module(name)
    for entry in APIS:
        entry.import_tables()


def resume(work: Work, original: str | None = None) -> None:
    """Let everything go on that a process had under way when it was killed, and that no timer stands for.

    `original`: see Resuming.
    """
    for entry in APIS:
        if entry.has_resuming:
            entry.resuming.resume(work, original)


def timer_handler(kind: str) -> TimerHandler:
    """The verb for a timer's kind, `<api>.<what>`."""
    if kind in _KERNEL_TIMERS:
        return _KERNEL_TIMERS[kind]
    name = kind.partition(".")[0]
    [entry] = [entry for entry in APIS if entry.name == name]
    return entry.api.timers[kind]


def operations() -> list[str]:
    """Every vendor operation, as `<api>.<operation>`."""
    return [f"{entry.name}.{name}" for entry in APIS for name in evidence_of(entry.name)]


def publish(work: Work, announcement: Announcement) -> None:
    """Queue what an announcement makes its API send, and let the APIs that listen for it do their part."""
    heard = f"{announcement.api}:{announcement.name}"
    for entry in APIS:
        if entry.name == announcement.api and entry.api.publish is not None:
            entry.api.publish(work, announcement)
        if entry.has_listening and heard in entry.listening.LISTENS:
            entry.listening.LISTENS[heard](work, announcement)


def people_of(name: str) -> Mapping[str, Asking]:
    """The kinds of objects of one API that ask a person for something."""
    [entry] = [entry for entry in APIS if entry.name == name]
    return entry.api.people


def people() -> dict[tuple[str, str], Asking]:
    """Every kind of object that asks a person for something, by API and kind."""
    return {(entry.name, kind): asking for entry in APIS for kind, asking in entry.api.people.items()}


@cache
def events() -> tuple[Event, ...]:
    """Every event that an API tells the outside of: those that its manifest lists, and those of its machines."""
    found: dict[tuple[str, str], Event] = {}
    for entry in APIS:
        api = entry.api
        announced = [Event(row.announces) for machine in api.machines for row in machine.rows if row.announces]
        if api.publish is not None:
            for event in (*api.events, *announced):
                found.setdefault((api.name, event.name), replace(event, api=api.name, sender=api.sender))
    return tuple(found.values())


def switches() -> list[Switch]:
    """Every switch: the kernel's, then in the order of the APIs."""
    return [*KERNEL, *(switch for entry in APIS for switch in entry.api.switches)]


def find_switch(name: str) -> Switch | None:
    """The switch called `name`, if there is one."""
    return next((one for one in switches() if one.name == name), None)


def switch_flaw(name: str, value: str | None) -> str | None:
    """Why the switch `name` cannot be `value`, if so; None takes a choice back."""
    return flaw_of_choice(switches(), name, value)


def machines() -> list[tuple[str, Machine]]:
    """Every machine, with the name of its API."""
    return [(entry.name, machine) for entry in APIS for machine in entry.api.machines]


@cache
def links() -> Links:
    """Where the paths of all APIs carry tokens."""
    rows = [row for entry in APIS for row in evidence_of(entry.name).values()]
    return Links((path, row.auth == "link") for row in rows for path in (row.path, *row.aliases))
