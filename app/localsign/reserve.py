"""Worlds made ahead, so that who asks for one need not wait for its tables."""

import threading
from collections import deque
from collections.abc import Callable

from localsign.workspace import Workspace

_KEPT = 4  # half a megabyte each
_PAUSE = 0.005  # seconds


class Reserve:
    """New worlds without a name. Nothing is made before the first is taken; from then on a thread makes more.

    `make` makes one, and is called on any thread. More are made a little later: who takes one has something to do now.
    """

    def __init__(self, make: Callable[[], Workspace]) -> None:
        self._make = make
        self._ready: deque[Workspace] = deque()
        self._taken = threading.Event()
        self._guard = threading.Lock()
        self._maker: threading.Thread | None = None
        self._is_ended = False

    def __len__(self) -> int:
        """How many are ready."""
        return len(self._ready)

    def take(self) -> Workspace:
        """A world that is nobody else's."""
        try:
            taken = self._ready.popleft()
        except IndexError:
            taken = self._make()
        self._taken.set()
        with self._guard:
            if self._maker is None and not self._is_ended:
                self._maker = threading.Thread(target=self._fill, name="localsign-reserve", daemon=True)
                self._maker.start()
        return taken

    def _fill(self) -> None:
        while not self._is_ended:
            self._taken.wait()
            while self._taken.is_set() and not self._is_ended:  # until nobody took one for a moment
                self._taken.clear()
                self._taken.wait(_PAUSE)
            while len(self._ready) < _KEPT and not self._taken.is_set():
                self._ready.append(self._make())

    def close(self) -> None:
        """End the worlds that nobody took; what is taken from now on is made when it is taken."""
        with self._guard:
            self._is_ended = True
        self._taken.set()
        if self._maker is not None:
            self._maker.join()
        while self._ready:
            self._ready.popleft().delete()
