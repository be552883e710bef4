"""The sandbox: all workspaces of one process, by name. Free of HTTP; every face is built on it."""

import errno
import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import delete
from sqlmodel import select

from localsign import founding, travel
from localsign.apis import events, import_tables, people_of, publish, resume, switch_flaw
from localsign.core.database import tables
from localsign.core.egress import NoEgress
from localsign.core.errors import ApiError, BadInputError, ConflictError, NotFoundError, StorageError, WorldChangedError
from localsign.core.flaws import ended
from localsign.core.house import House
from localsign.core.ids import Ids, flaw_of_name, tag_of
from localsign.core.leaving import leave_to
from localsign.core.locks import Lock
from localsign.core.scopes import USUAL, Scope
from localsign.core.tables import Choice
from localsign.core.timers import Fired
from localsign.core.work import Slow, Work
from localsign.delivery import TO_END, Courier, is_waiting
from localsign.folders import Folders
from localsign.relay import Relay, has_left
from localsign.reserve import Reserve
from localsign.settings import Settings, SettingsError
from localsign.transactions import Settle
from localsign.workspace import Workspace

DEFAULT = "default"
Result = TypeVar("Result")
_MOST_OPEN_FILES = 200
_log = logging.getLogger("localsign.sandbox")


class Sandbox:
    """Workspaces by name. `default` is always there; others are made by `create`.

    `relays`: whether e-mails are passed on from here, where the settings say to whom.
    """

    def __init__(self, settings: Settings | None = None, *, relays: bool = True) -> None:
        self.settings = settings or Settings()
        _check_switches(self.settings.switches)
        self.house = House(self.settings, publish, people_of, founding.lay_samples)
        self._relay = Relay.of(self.house) if relays else None
        self.courier = Courier(self.house)
        self.house.wake, self.house.events = self.courier.wake, events
        self.house.make_room, self.house.resume = self._make_room, resume
        self.is_seeded = False  # whether the init folder has been loaded
        self._guard = threading.RLock()
        self._workspaces: OrderedDict[str, Workspace] = OrderedDict()
        self._tags: dict[str, str] = {}
        self._tags_as_of: int | None = None
        self._folders = Folders(self.settings.data_dir)
        self.reserve = Reserve(self._make_unnamed)
        self.taking_in = Lock(lambda: self._folders.lock("seeding") if self.house.is_shared else None)

    # ---- finding

    @property
    def default(self) -> Workspace:
        return self.find(DEFAULT)

    def find(self, name: str) -> Workspace:
        """The workspace called `name`; NotFoundError where there is none."""
        try:
            return self._find(name)
        except (StorageError, WorldChangedError, sqlite3.OperationalError):
            if self.house.is_shared and not self._folders.holds(name):
                raise self._missing(name) from None  # ended by another process at this moment
            raise

    def _find(self, name: str) -> Workspace:
        workspace = self._workspaces.get(name)
        if workspace is None or (self.house.is_shared and not workspace.is_current()):
            workspace = self._find_on_disk(name)
        elif self.settings.data_dir is not None:
            with self._guard:
                if name in self._workspaces:  # it may have been deleted meanwhile
                    self._workspaces.move_to_end(name)
        if self.house.is_shared:
            workspace.refresh()
        return workspace

    def _make_room(self) -> None:
        """Keep only so many databases open, those used last, with one about to be opened."""
        opened = [one for one in list(self._workspaces.values()) if one.is_open]
        for eldest in opened[: max(0, len(opened) - _MOST_OPEN_FILES + 1)]:
            eldest.close_if_idle()

    def _find_on_disk(self, name: str) -> Workspace:
        with self._guard:
            known = self._workspaces.get(name)
            if known is not None and not (self.house.is_shared and self._is_left(known)):
                return known
            client = (self.settings.client_id, self.settings.client_secret) if name == DEFAULT else None
            if flaw_of_name(name) is None and self._folders.holds(name):
                return self._open(self._known(name), client)
            if name == DEFAULT:
                return self._make_default(client)
        raise self._missing(name)

    def _known(self, name: str) -> Workspace:
        return Workspace(name, self.house, self._folders.of(name), in_memory=False, is_new=False)

    def _make_default(self, client: tuple[str, str] | None) -> Workspace:
        workspace = self._new(DEFAULT, self.settings.seed)
        try:
            return self._open(workspace, client, is_new=True)
        except BaseException as error:
            workspace.delete()
            if isinstance(error, ConflictError) and self._folders.holds(DEFAULT):  # another process was faster
                return self._open(self._known(DEFAULT), client)
            raise

    @staticmethod
    def _missing(name: str) -> NotFoundError:
        return NotFoundError(f"There is no workspace called '{name}'.", code="workspace_not_found")

    def _is_left(self, workspace: Workspace) -> bool:
        """Whether another process has ended it; it is then forgotten here as well."""
        if workspace.is_current():
            return False
        self._forget(workspace)
        workspace.leave()
        return True

    def _forget(self, workspace: Workspace) -> None:
        self._workspaces.pop(workspace.name, None)
        self._tags.pop(workspace.tag, None)
        self.courier.forget(workspace)

    def find_by_tag(self, tag: str) -> str | None:
        """The name of the workspace that `tag` stands for."""
        # Tokens of elsewhere are common after a restart: look again only if a workspace came or went.
        if tag not in self._tags and (changed := self._folders.changed_at()) not in (None, self._tags_as_of):
            self._tags, self._tags_as_of = {tag_of(name): name for name in self.names()}, changed
        return self._tags.get(tag)

    def names(self) -> list[str]:
        """All workspaces, sorted."""
        return self._folders.names() if self._folders.are_kept else sorted(self._workspaces)

    def opened(self) -> list[Workspace]:
        """The workspaces whose database is open."""
        with self._guard:
            return [one for one in self._workspaces.values() if one.is_open]

    # ---- making and ending

    def base_url(self, workspace: Workspace, origin: str | None = None) -> str:
        """Where a workspace is reached; `origin` is scheme and host of the request, where there is one."""
        scheme = "https" if self.settings.has_tls else "http"
        origin = origin or self.settings.public_url or f"{scheme}://localhost:{self.settings.port}"
        return origin if workspace.name == DEFAULT else f"{origin}/w/{workspace.name}"

    def fork(self, source: Workspace, name: str | None = None) -> Workspace:
        """A new workspace that is now what `source` is; from here on the two go on apart.

        What was on its way to somebody outside is left to `source`, so that nobody gets it twice.
        """

        def settle(work: Work) -> None:
            leave_to(work, original=source.name)
            resume(work, source.name)

        return self.create(name, source=source, settle=settle)

    def create(
        self,
        name: str | None = None,
        seed: str | None = None,
        *,
        source: Workspace | None = None,
        settle: Settle = None,
    ) -> Workspace:
        """A new workspace; its name is made up if not given. ConflictError where the name is taken.

        With a `source` it becomes what that is; `settle` then changes it, before anything of it goes out.
        """
        if name is not None and (reason := flaw_of_name(name)) is not None:
            raise BadInputError.of("name", reason)
        with self._guard:
            count_now = len(self.names())
            if count_now >= self.settings.max_workspaces:
                raise ConflictError(
                    f"There are {count_now} workspaces, which is the limit; "
                    "delete some, or raise LOCALSIGN_MAX_WORKSPACES.",
                    code="too_many_workspaces",
                )
            name = name or f"w-{Ids(None).hex(6)}"
            known = self._workspaces.get(name)
            is_known = known is not None and not (self.house.is_shared and self._is_left(known))
            if name == DEFAULT or is_known or self._folders.holds(name):
                raise self._taken(name)
            if seed is None and source is None and not self._folders.are_kept:
                return self._take_in(self.reserve.take().called(name))
            workspace = self._new(name, seed)
            try:
                if source is not None:
                    workspace.copy_from(source, settle)
                return self._open(workspace, is_new=True)
            except BaseException:
                workspace.delete()  # half a world is none
                raise

    @staticmethod
    def _taken(name: str) -> ConflictError:
        return ConflictError(f"There is a workspace called '{name}' already.", code="workspace_exists")

    def _new(self, name: str, seed: str | None) -> Workspace:
        """A world that is made aside, where worlds are kept."""
        is_kept = self._folders.are_kept
        folder = self._folders.aside() if is_kept else self._folders.of(name)
        return Workspace(name, self.house, folder, in_memory=not is_kept, seed=seed)

    def _make_unnamed(self) -> Workspace:
        """A world in memory that has all but a name."""
        import_tables()
        workspace = self._new("unnamed", None)
        with workspace.work() as work:
            founding.found(work)
            founding.credentials(work)  # so that what reads them is prepared as well
        return workspace

    def delete(self, name: str) -> None:
        """End a workspace; `default` begins anew at its next use."""
        with self._guard:
            try:
                workspace = self.find(name)
            except (StorageError, ConflictError):  # what cannot be opened can be removed all the same
                if not self._folders.holds(name):
                    raise
                workspace = self._workspaces.get(name) or self._known(name)
            self._forget(workspace)
            workspace.delete(self._folders.remove)

    def reset(self, workspace: Workspace, scopes: frozenset[Scope] = USUAL) -> None:
        """Empty what `scopes` say. Credentials always stay, and chosen settings unless all is emptied.

        The clock alone is set to the machine's time, which ConflictError refuses where that would be backwards: things
        from the future would be left.
        """
        emptied = [model for model in tables() if model.scope in scopes]
        if Scope.DATA not in scopes:
            if Scope.CLOCK in scopes:
                travel.real(workspace)
            with workspace.travelling, workspace.work() as work:
                for model in emptied:
                    work.db.execute(delete(model))
                    work.touched.add(str(model.__tablename__))
            workspace.memo.clear()
            if Scope.JOURNAL in scopes:
                workspace.journal.clear()
            return

        def also(work: Work) -> list[Any]:
            kept = (model for model in tables() if model.scope not in scopes and model is not Choice)
            return [row for model in kept for row in work.db.exec(select(model)).all()]

        def keep(work: Work) -> list[Any]:
            return founding.keep(work, choices=Scope.SETTINGS not in scopes)

        with workspace.travelling:
            workspace.reset(founding.found, keep, also=also, keeps_clock=Scope.CLOCK not in scopes)
        if Scope.JOURNAL in scopes:
            workspace.journal.clear()

    @contextmanager
    def scratch(self, name: str, source: Workspace | None = None, seed: str | None = None) -> Iterator[Workspace]:
        """A world in memory, thrown away in the end, that nobody else sees: new, or what `source` is.

        It is called `name`, but `find` does not know it.
        """
        import_tables()
        with self._scratch(self.house.apart(), name, seed) as made:
            if source is None:
                with made.work() as work:
                    founding.found(work)
            else:
                made.copy_from(source)
            yield made

    @contextmanager
    def dry(self, source: Workspace) -> Iterator[Workspace]:
        """A copy of `source` to try something out in. It calls nobody outside, and is thrown away in the end."""
        with self._scratch(self.house.apart(NoEgress()), source.name) as made:
            made.copy_from(source)
            yield made

    @contextmanager
    def _scratch(self, house: House, name: str, seed: str | None = None) -> Iterator[Workspace]:
        folder = self._folders.aside()
        made = Workspace(name, house, folder, in_memory=True, seed=seed)
        try:
            yield made
        finally:
            made.delete()

    def close(self, seconds: float = TO_END) -> None:
        """Stop sending, and close every database; worlds in memory end. Webhooks under way get `seconds` to end."""
        if self._relay is not None:
            self._relay.close(min(TO_END, seconds))
        self.courier.close(seconds)
        with self._guard:
            for workspace in self._workspaces.values():
                workspace.close()
            self._workspaces.clear()
            self.reserve.close()
            self.house.close()
            self._folders.close()

    def resume(self) -> None:
        """Open the worlds on disk in which something is to be sent, so that it is."""
        for name in self._folders.names():
            database = self._folders.of(name) / "world.db"
            if name in self._workspaces or not self.courier.is_allowed:
                continue
            if is_waiting(database) or (self._relay is not None and has_left(database)):
                try:
                    self.find(name)
                except (ApiError, OSError) as error:
                    _log.warning("what the workspace %s has to send is not sent: %s", name, error)

    def _open(self, workspace: Workspace, client: tuple[str, str] | None = None, *, is_new: bool = False) -> Workspace:
        """Take in a workspace, new or kept, and lay what it has to have."""
        import_tables()
        with workspace.work() as work:
            founding.found(work, client)
        if is_new and self._folders.are_kept:
            self._settle_in(workspace)
        return self._take_in(workspace)

    def _take_in(self, workspace: Workspace) -> Workspace:
        self._workspaces[workspace.name] = workspace
        self._tags[workspace.tag] = workspace.name
        if self._relay is not None:
            self._relay.resume(workspace)
        return workspace

    def _settle_in(self, workspace: Workspace) -> None:
        """Move a world to its name. ConflictError where another process was faster."""
        folder = self._folders.of(workspace.name)
        if not self.house.is_shared and not self._folders.holds(workspace.name):
            self._folders.remove(folder)  # what is left of a world that never was
        try:
            workspace.settle_in(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            raise self._taken(workspace.name) from None

    # ---- describing, and time

    def describe(self, workspace: Workspace, base_url: str) -> dict[str, Any]:
        """Name, address and credentials: what a tester needs to begin."""
        with workspace.work() as work:
            return {"name": workspace.name, "base_url": base_url, **founding.credentials(work)}

    def catch_up(self, workspace: Workspace) -> list[Fired]:
        """Run what is due by the workspace's clock. Blocks."""
        return travel.catch_up(workspace)

    def perform(
        self, workspace: Workspace, verb: Callable[[Work], Result | Slow[Any, Result]]
    ) -> tuple[Result, list[dict[str, Any]]]:
        """Run a verb to its end, and the timers that became due by it; its result and all that followed. Blocks."""
        result, followed = workspace.perform(verb)
        fired = self.catch_up(workspace) if workspace.is_due() else []
        return result, followed.entries + [entry for one in fired for entry in one.followed]


def _check_switches(chosen: dict[str, str]) -> None:
    """Refuse what is no switch or no value of one. Without any nothing is imported, so that starting stays fast."""
    for name, value in chosen.items():
        if (reason := switch_flaw(name, value)) is not None:
            raise SettingsError(ended(f"LOCALSIGN_SWITCHES: {name} {reason}"))
