"""What differs between the colours, so that all the rest can be written once."""

from collections.abc import Callable, Coroutine, Generator
from types import TracebackType
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar

import anyio.to_thread

Given = ParamSpec("Given")
Result = TypeVar("Result")


class _Ending(Protocol):
    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


Opened = TypeVar("Opened", bound=_Ending)


class AsyncOpening(Generic[Opened]):
    """What can be awaited, and then has to be ended by hand, or be entered: `async with` ends it."""

    def __init__(self, coroutine: Coroutine[Any, Any, Opened]) -> None:
        self._coroutine = coroutine
        self._opened: Opened | None = None

    def __await__(self) -> Generator[Any, None, Opened]:
        return self._coroutine.__await__()

    async def __aenter__(self) -> Opened:
        self._opened = await self._coroutine
        return await self._opened.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._opened is not None
        await self._opened.__aexit__(kind, error, trace)


class AsyncBlocking:
    """Calls that block, from either colour."""

    @staticmethod
    async def run(function: Callable[Given, Result], *args: Given.args, **named: Given.kwargs) -> Result:
        """`function` in a thread; who is cancelled does not wait for it."""
        return await anyio.to_thread.run_sync(lambda: function(*args, **named), abandon_on_cancel=True)


class Blocking:
    """Calls that block, from either colour."""

    @staticmethod
    def run(function: Callable[Given, Result], *args: Given.args, **named: Given.kwargs) -> Result:
        return function(*args, **named)
