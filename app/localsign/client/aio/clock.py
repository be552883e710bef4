"""The clock of a workspace, and what hangs on it."""

from datetime import datetime, timedelta
from typing import cast

from localsign.client.aio.control import AsyncControl
from localsign.client.shapes.asking import Duration, Instant
from localsign.client.shapes.worlds import Advanced, ClockReading, Timer, Timers, TimerState
from localsign.client.spelling import duration, instant, query


class AsyncClock:
    """The time of the workspace. It only goes forward."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def now(self) -> datetime:
        """What the clock shows, in UTC."""
        return datetime.fromisoformat((await self.read())["now"])

    async def read(self) -> ClockReading:
        """What it shows, whether it stands still, and when the next thing is due."""
        return cast(ClockReading, await self._control.get("clock"))

    async def advance(
        self,
        by: Duration | None = None,
        *,
        weeks: float = 0,
        days: float = 0,
        hours: float = 0,
        minutes: float = 0,
        seconds: float = 0,
        dry_run: bool = False,
    ) -> Advanced:
        """Let time pass, and everything happen that is due by then, each thing at its own moment.

        `by` is a timedelta or ISO 8601. With `dry_run` the answer is the same and nothing changes.
        """
        passed = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        if (by is None) == (not passed):
            raise ValueError("say how far: by a duration, or by weeks, days, hours, minutes, seconds")
        return await self._advance({"by": duration(passed if by is None else by)}, dry_run)

    async def set(self, to: Instant, *, dry_run: bool = False) -> Advanced:
        """Go forward to an instant, as `advance` does; whether the clock runs or stands still does not change."""
        return await self._advance({"to": instant(to)}, dry_run)

    async def next(self, *, dry_run: bool = False) -> Advanced:
        """Go to the next timer that is due."""
        return await self._advance({"next": True}, dry_run)

    async def freeze(self, at: Instant | None = None) -> Advanced:
        """Stand still, at `at` or now."""
        return cast(Advanced, await self._control.post("clock/freeze", None if at is None else {"at": instant(at)}))

    async def run(self) -> Advanced:
        """Run on from where it stands."""
        return cast(Advanced, await self._control.post("clock/run"))

    async def real(self) -> Advanced:
        """Be the machine's clock again; refused where that would be backwards."""
        return cast(Advanced, await self._control.post("clock/real"))

    async def timers(
        self, state: TimerState | None = None, *, offset: int | None = None, limit: int | None = None
    ) -> list[Timer]:
        """What is going to happen, and what could not."""
        answer = cast(Timers, await self._control.get("timers", **query(state=state, offset=offset, limit=limit)))
        return answer["timers"]

    async def _advance(self, how: dict[str, object], dry_run: bool) -> Advanced:
        wanted = {**how, "dry_run": True} if dry_run else how
        return cast(Advanced, await self._control.post("clock/advance", wanted))
