"""Sending webhooks, beside whatever else goes on: nobody waits for a receiver, so a receiver may call back.

One thread looks at the worlds that have something to send, and starts another for each attempt. It is woken by every
commit that queued something and by every move of a clock, and otherwise sleeps until something is due.
In worlds that somebody listens to it also lets due timers run, which elsewhere wait for the next request.
"""

import logging
import math
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import monotonic

from localsign import travel
from localsign.core import attempts
from localsign.core.attempts import LEASE, Look, Outcome, Taken
from localsign.core.clock import wall
from localsign.core.database import peek
from localsign.core.deliveries import TIMEOUT
from localsign.core.egress import Egress
from localsign.core.errors import StorageError, WorldChangedError
from localsign.core.house import House
from localsign.workspace import Workspace

MOST_AT_ONCE = 32
MOST_OF_A_WORLD = 8
_LONGEST_SLEEP = 3600.0
_AFTER_TROUBLE = 1.0  # seconds
_AFTER_FAILURE = 60.0
TO_END = 2.0  # seconds that close() gives to what is under way
_WAITING = """
    SELECT EXISTS (SELECT 1 FROM delivery WHERE state IN ('QUEUED', 'SENDING'))
        OR EXISTS (SELECT 1 FROM timer WHERE due IS NOT NULL AND EXISTS (SELECT 1 FROM listener))
"""
_log = logging.getLogger("localsign.webhooks")


class Courier:
    """Sends what worlds have queued, once `allow` was called. Its threads begin at the first thing to send."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._condition = threading.Condition()
        self._looks: dict[Workspace, float] = {}  # when to look at a world, by `monotonic`
        self._claims: dict[Workspace, set[str]] = {}
        self._travellers: set[Workspace] = set()  # worlds whose timers run at this moment
        self._helpers: set[threading.Thread] = set()
        self._thread: threading.Thread | None = None
        self._is_allowed = False
        self._is_over = False  # nothing is written any more: the databases are being closed
        self._own = threading.local()

    def allow(self) -> None:
        """From now on, send: this process serves."""
        with self._condition:
            self._is_allowed, self._is_over = True, False
            if self._looks:
                self._begin()

    @property
    def is_allowed(self) -> bool:
        """Whether this process sends."""
        return self._is_allowed

    def wake(self, workspace: Workspace) -> None:
        """Something may be due in `workspace`. Cheap, and never blocks."""
        if getattr(self._own, "is_own", False):
            return  # those look again anyway
        self._look_again(workspace, 0.0)

    def forget(self, workspace: Workspace) -> None:
        """It is gone."""
        with self._condition:
            self._looks.pop(workspace, None)

    def close(self, seconds: float = TO_END) -> None:
        """Begin nothing more. What is under way gets so many seconds to end, and to be written down.

        What has not ended then is sent again after a restart.
        """
        with self._condition:
            self._is_allowed = False
            self._looks.clear()
            self._condition.notify_all()
            thread, self._thread = self._thread, None
        latest = monotonic() + seconds
        if thread is not None and thread is not threading.current_thread():
            thread.join(seconds)  # what it has taken is under way as well
        with self._condition:
            helpers = [one for one in self._helpers if one is not threading.current_thread()]
        for one in helpers:
            one.join(max(0.0, latest - monotonic()))
        with self._condition:
            self._is_over = True

    # ---- the thread that looks

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="localsign-webhooks", daemon=True)
            self._thread.start()

    def _look_again(self, workspace: Workspace, moment: float) -> None:
        with self._condition:
            self._looks[workspace] = min(moment, self._looks.get(workspace, math.inf))
            if self._is_allowed:
                self._begin()
            self._condition.notify_all()

    def _run(self) -> None:
        self._own.is_own = True
        while True:
            with self._condition:
                while self._is_allowed and (pause := self._pause()) > 0:
                    self._condition.wait(pause)
                if not self._is_allowed or self._thread is not threading.current_thread():
                    return
                workspace = min(self._looks, key=self._looks.__getitem__)
                del self._looks[workspace]
                room = min(MOST_OF_A_WORLD - len(self._claims.get(workspace, ())), MOST_AT_ONCE - len(self._helpers))
            self._look_at(workspace, max(0, room))

    def _pause(self) -> float:
        if not self._looks or len(self._helpers) >= MOST_AT_ONCE:
            return _LONGEST_SLEEP
        return min(_LONGEST_SLEEP, min(self._looks.values()) - monotonic())

    def _look_at(self, workspace: Workspace, room: int) -> None:
        if self._house.is_shared and not workspace.is_current():
            return  # another process has ended it
        try:
            with workspace.work() as work:
                epoch, clock = workspace.epoch, work.clock
                found = attempts.look(work, room, lambda claim: claim in self._claims.get(workspace, ()))
        except WorldChangedError:
            return  # deleted
        except StorageError as error:
            _log.warning("the webhooks of %s have to wait: %s", workspace.name, error)
            self._look_again(workspace, monotonic() + _AFTER_TROUBLE)
            return
        except Exception:
            _log.exception("the webhooks of %s cannot be sent", workspace.name)
            self._look_again(workspace, monotonic() + _AFTER_FAILURE)
            return
        if found.taken:
            with self._condition:
                self._claims.setdefault(workspace, set()).update(one.claim for one in found.taken)
        egress = self._house.egress
        for one in found.taken:
            self._help(self._send, workspace, epoch, egress, one)
        self._plan(workspace, found, clock.now(), is_standing=clock.frozen_at is not None)

    def _plan(self, workspace: Workspace, found: Look, now: datetime, *, is_standing: bool) -> None:
        """Decide when to look next."""
        pauses = [] if found.next_lease is None else [(found.next_lease - wall()).total_seconds()]
        if found.next_due is not None and not is_standing:
            pauses.append((found.next_due - now).total_seconds())
        if workspace.is_listened_to and workspace.next_due is not None:
            if workspace.is_due():
                self._travel(workspace)
            elif not is_standing:
                pauses.append((workspace.next_due - now).total_seconds())
        if pauses:
            self._look_again(workspace, monotonic() + max(0.0, min(pauses)))

    # ---- the threads that send

    def _help(self, task: Callable[..., None], workspace: Workspace, *args: object) -> None:
        thread = threading.Thread(target=task, args=(workspace, *args), name="localsign-webhook", daemon=True)
        with self._condition:
            self._helpers.add(thread)
        thread.start()

    def _send(self, workspace: Workspace, epoch: int, egress: Egress, taken: Taken) -> None:
        self._own.is_own = True
        try:
            outcome = attempts.make(egress, taken)
            if self._is_over:
                return
            self._settle(workspace, epoch, taken, outcome)
        except WorldChangedError:
            pass
        except Exception:
            if self._is_over:  # its connection was closed; it is sent again after a restart
                return
            _log.exception("an attempt of the webhook %s is lost", taken.delivery_id)
        finally:
            self._ended(workspace, taken.claim, 0.0)

    def _settle(self, workspace: Workspace, epoch: int, taken: Taken, outcome: Outcome) -> None:
        """Write down what came of an attempt; while the claim holds, as it would be made once more without that."""
        latest = monotonic() + (LEASE.total_seconds() - TIMEOUT)
        while True:
            try:
                with workspace.work() as work:
                    if workspace.epoch == epoch:
                        attempts.settle(work, taken, outcome)
                return
            except StorageError:  # no space left, or another process has the database for long
                if self._is_over or monotonic() > latest:
                    raise
            with self._condition:
                self._condition.wait(_AFTER_TROUBLE)

    def _travel(self, workspace: Workspace) -> None:
        with self._condition:
            if workspace in self._travellers:
                return
            self._travellers.add(workspace)
        self._help(self._catch_up, workspace)

    def _catch_up(self, workspace: Workspace) -> None:
        self._own.is_own = True
        pause = _AFTER_TROUBLE
        try:
            travel.catch_up(workspace)
            pause = _AFTER_TROUBLE if workspace.is_due() else 0.0
        except WorldChangedError:
            pass
        except Exception:
            _log.exception("the timers of %s cannot run", workspace.name)
        finally:
            with self._condition:
                self._travellers.discard(workspace)
            self._ended(workspace, "", monotonic() + pause)

    def _ended(self, workspace: Workspace, claim: str, look: float) -> None:
        with self._condition:
            self._helpers.discard(threading.current_thread())
            claims = self._claims.get(workspace, set())
            claims.discard(claim)
            if not claims:
                self._claims.pop(workspace, None)
            if self._is_allowed:
                self._looks[workspace] = min(look, self._looks.get(workspace, math.inf))
            self._condition.notify_all()


def is_waiting(database: Path) -> bool:
    """Whether the world kept in `database` has something to send, or timers that somebody listens for."""
    try:
        return bool(peek(database, _WAITING))
    except sqlite3.Error:  # of another version, or being deleted
        return False
