"""Waiting until a world has changed: from any thread, on any event loop, without holding either."""

import asyncio
import contextlib
import threading


class Changes:
    """Tells who waits that something was committed.

    `count` grows with each commit that wrote. `poll`: seconds after which who waits is woken anyway, because other
    processes write to the same world and cannot tell; None where there are none.
    """

    def __init__(self, poll: float | None = None) -> None:
        self.count = 0
        self._poll = poll
        self._guard = threading.Lock()
        self._waiting: set[asyncio.Future[None]] = set()

    def tell(self) -> None:
        """Something was committed. Cheap where nobody waits."""
        with self._guard:
            self.count += 1
            woken, self._waiting = self._waiting, set()
        for one in woken:
            with contextlib.suppress(RuntimeError):  # its loop has ended, and with it whoever waited
                one.get_loop().call_soon_threadsafe(_wake, one)

    async def after(self, count: int, seconds: float) -> None:
        """Return when there were more than `count` commits, or when `seconds` of the wall's time have passed.

        It may return early; look again, and ask again. Read `count` before looking, so that nothing is missed.
        """
        future = asyncio.get_running_loop().create_future()
        with self._guard:
            if self.count != count:
                return
            self._waiting.add(future)
        try:
            await asyncio.wait([future], timeout=seconds if self._poll is None else min(seconds, self._poll))
        finally:
            with self._guard:
                self._waiting.discard(future)


def _wake(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
