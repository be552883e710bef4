"""Waiting for a world to change, over loops and threads."""

import asyncio
import threading
from time import monotonic

from localsign.core.changes import Changes


def test_a_commit_from_another_thread_wakes_who_waits() -> None:
    changes = Changes()

    async def wait() -> float:
        began = monotonic()
        threading.Timer(0.02, changes.tell).start()
        await changes.after(0, 30)
        return monotonic() - began

    assert asyncio.run(wait()) < 10
    assert changes.count == 1


def test_what_happened_before_waiting_is_not_missed() -> None:
    changes = Changes()
    changes.tell()
    asyncio.run(asyncio.wait_for(changes.after(0, 30), 10))


def test_waiting_ends_without_a_change() -> None:
    asyncio.run(asyncio.wait_for(Changes().after(0, 0.01), 10))
    asyncio.run(asyncio.wait_for(Changes(poll=0.01).after(0, 30), 10))


def test_many_loops_are_woken_at_once() -> None:
    changes = Changes()
    ready = threading.Barrier(9)
    woken: list[int] = []

    def run(number: int) -> None:
        async def wait() -> None:
            ready.wait(10)
            await changes.after(0, 30)
            woken.append(number)

        asyncio.run(wait())

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    ready.wait(10)
    changes.tell()
    for thread in threads:
        thread.join(10)
    assert sorted(woken) == list(range(8))


def test_a_loop_that_has_ended_is_forgotten() -> None:
    changes = Changes()

    async def give_up() -> None:
        waiting = asyncio.ensure_future(changes.after(0, 30))
        await asyncio.sleep(0)
        waiting.cancel()

    asyncio.run(give_up())
    changes.tell()
