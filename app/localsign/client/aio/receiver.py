"""A receiver of the webhooks of a workspace."""

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

from localsign.client.aio.control import AsyncControl
from localsign.client.aio.http import AsyncClients
from localsign.client.blocking import AsyncBlocking
from localsign.client.errors import SandboxError
from localsign.client.receiving import ROBOT_HEADER, SIGNICAT, SIGNING_TODAY, Answer, Post, Received
from localsign.client.spelling import given

_Received = list[Received]


class AsyncReceiver:
    """Listens on this machine, verifies what comes, and answers as told; `async with` ends its subscriptions.

    What is not genuine is answered with 401. `received` has the genuine webhooks in order, `refused` the others.
    """

    def __init__(self, control: AsyncControl, http: AsyncClients, post: Post, reached_as: str) -> None:
        self._control = control
        self._http = http
        self._post = post
        self._reached_as = reached_as
        self._subscription: str | None = None
        self._robot: str | None = None
        self._configuration: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.url}: {len(self.received)} received, {len(self.refused)} refused>"

    @property
    def url(self) -> str:
        """Where events of the Signicat APIs are sent to."""
        return f"{self._origin}{SIGNICAT}"

    @property
    def robot_url(self) -> str:
        """Where robots of Signing Today send to, with the header of `robot_headers`."""
        return f"{self._origin}{SIGNING_TODAY}"

    @property
    def _origin(self) -> str:
        return f"http://{self._reached_as}:{self._post.port}"

    @property
    def robot_headers(self) -> dict[str, str]:
        return {ROBOT_HEADER: self._post.secret}

    @property
    def secret(self) -> str:
        """Under which events are signed."""
        return self._post.secret

    @property
    def subscription(self) -> str | None:
        """The id of its subscription, if it has one."""
        return self._subscription

    @property
    def received(self) -> _Received:
        """The genuine webhooks so far, in order."""
        return list(self._post.received)

    @property
    def refused(self) -> _Received:
        """Those that were not genuine; `flaw` says why."""
        return list(self._post.refused)

    def answer_with(self, *answers: Answer) -> None:
        """Answer the next genuine webhooks so, one after the other: a status, or what gives one. Then it is 204."""
        self._post.answer_with(answers)

    def clear(self) -> None:
        """Forget what came."""
        self._post.clear()

    async def wait(
        self,
        event: str | None = None,
        *,
        count: int = 1,
        timeout: float = 10.0,
        where: Callable[[Received], bool] | None = None,
        answered: int | None = None,
    ) -> _Received:
        """Every genuine webhook that matches, in order, as soon as there are `count`; WaitTimeoutError otherwise.

        Args:
            event: its name; `*` at its end stands for anything.
            count: how many must match.
            timeout: seconds of real time.
            where: what must hold for it.
            answered: the status that it got.
        """

        def missed(one: Received) -> Sequence[str]:
            flaws = [] if event is None or _fits(one.event, event) else ["event"]
            flaws += [] if answered is None or one.answered == answered else ["answered"]
            return flaws + ([] if where is None or where(one) else ["where"])

        words = "of any event" if event is None else f"of the event {event}"
        return await AsyncBlocking.run(self._post.wait, missed, count, timeout, words)

    # ---- its life

    async def start(self, events: Sequence[str], robot: str | None, config: dict[str, Any]) -> Self:
        """Listen, and make the workspace send."""
        await AsyncBlocking.run(self._post.start)
        try:
            if events:
                wanted = {"url": self.url, "secret": self.secret, **config}
                made = await self._control.post("webhooks/subscriptions", {"events": list(events), "config": wanted})
                self._subscription = made["id"]
                self._post.signature_header = made["config"]["signatureHeader"]
            if robot is not None:
                await self._employ(robot)
        except BaseException:
            await self.close()
            raise
        return self

    async def close(self) -> None:
        """End its subscriptions, and stop listening."""
        subscription, self._subscription = self._subscription, None
        robot, self._robot = self._robot, None
        try:
            if subscription is not None:
                await self._unsubscribe(subscription)
            if robot is not None:
                await self._http.signing_today(robot).put("/robot/configuration", json=self._configuration)
        finally:
            await AsyncBlocking.run(self._post.stop)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _unsubscribe(self, subscription: str) -> None:
        try:
            await self._control.delete(f"webhooks/subscriptions/{subscription}")
        except SandboxError as error:
            if error.status != 404:  # a reset has ended it, or the whole workspace is gone
                raise

    async def _employ(self, robot: str) -> None:
        """Make a robot send here, and remember what it did before."""
        http = self._http.signing_today(robot)
        answer = await http.get("/robot/configuration")
        if answer.is_success:
            self._configuration = answer.json()
            headers = {name: [value] for name, value in self.robot_headers.items()}
            wanted = {
                **self._configuration,
                "requestHeaders": {**(self._configuration.get("requestHeaders") or {}), **headers},
                "webhooks": given(dst=self.robot_url),
            }
            answer = await http.put("/robot/configuration", json=wanted)
        if not answer.is_success:
            raise SandboxError(f"{robot} cannot be made to send: {answer.status_code} {answer.text}")
        self._robot = robot


def _fits(event: str, wanted: str) -> bool:
    return event.startswith(wanted[:-1]) if wanted.endswith("*") else event == wanted
