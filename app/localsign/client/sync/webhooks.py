# Made from app/localsign/client/aio/webhooks.py by `make face`: change that instead.
"""Webhooks: who is subscribed, what was sent, and a receiver of one's own."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Unpack, cast
from uuid import UUID

from localsign.client.receiving import Answer, Post
from localsign.client.servers.server import Server
from localsign.client.shapes.asking import (
    DeliveryConditions,
    DeliveryFilters,
    Duration,
    SubscriptionChanges,
    SubscriptionMembers,
)
from localsign.client.shapes.webhooks import (
    Delivered,
    Deliveries,
    Delivery,
    DeliveryPage,
    EventType,
    Forgery,
    Subscription,
    TestEvent,
)
from localsign.client.spelling import duration, given, query
from localsign.client.sync.control import SECONDS_TO_ANSWER, Control
from localsign.client.sync.http import Clients
from localsign.client.sync.receiver import Receiver

_Deliveries = list[Delivery]
_CONFIG = {
    "url": "url",
    "secret": "secret",
    "signature_header": "signatureHeader",
    "retries": "retries",
    "lifetime": "lifetime",
}


class Webhooks:
    """The webhooks of a workspace, of all APIs."""

    def __init__(self, control: Control, http: Clients, server: Server) -> None:
        self._control = control
        self._http = http
        self._server = server

    def receiver(
        self,
        *events: str,
        robot: str | None = None,
        answers: Sequence[Answer] = (),
        secret: str | None = None,
        tolerance: timedelta | None = timedelta(minutes=5),
        retries: Sequence[Duration] | None = None,
        lifetime: Duration | None = None,
        signature_header: str | None = None,
        listen_on: str | None = None,
        reached_as: str | None = None,
    ) -> Receiver:
        """A real HTTP server on this machine that takes the workspace's webhooks, verifies them, and keeps them.

        Args:
            events: what to subscribe to: all events of the Signicat APIs, unless a `robot` is given.
            robot: an account of Signing Today whose DSTs to hear of, such as `robot`.
            answers: the statuses of its first answers, such as `500, 500`; see `answer_with`.
            secret: made up if not given.
            tolerance: how far the time in an event may be from this machine's; None does not look.
            retries: the times between attempts, such as `["PT10S", "PT1M"]`.
            lifetime: how long after an event there are attempts.
            signature_header: where the signature is.
            listen_on: the address to listen on: loopback, or every address where the server is in a container.
            reached_as: the name by which the server calls this machine.
        """
        config = given(retries=retries, lifetime=lifetime, signatureHeader=signature_header)
        wanted = events or (() if robot else ("*",))
        post = Post(secret or secrets.token_urlsafe(24), listen_on or self._server.listen_on, tolerance)
        post.answer_with(answers)
        receiver = Receiver(self._control, self._http, post, reached_as or self._server.reached_as)
        return receiver.start(wanted, robot, config)

    # ---- subscriptions to the events of the Signicat APIs

    def events(self) -> list[EventType]:
        """Every event that can be subscribed to, and how its name is known."""
        return cast(list[EventType], self._control.get("events"))

    def subscribe(
        self, url: str, events: Sequence[str] = ("*",), **members: Unpack[SubscriptionMembers]
    ) -> Subscription:
        """Send `events` to `url`: `signature-api:signing-session.completed`, `signature-api:*`, or `*`."""
        wanted = {"events": list(events), **_nested({"url": url, **members})}
        return cast(Subscription, self._control.post("webhooks/subscriptions", wanted))

    def subscriptions(self) -> list[Subscription]:
        return cast(list[Subscription], self._control.get("webhooks/subscriptions"))

    def change(self, subscription_id: UUID | str, **members: Unpack[SubscriptionChanges]) -> Subscription:
        """Change what is given."""
        path = f"webhooks/subscriptions/{subscription_id}"
        return cast(Subscription, self._control.patch(path, _nested(members)))

    def unsubscribe(self, subscription_id: UUID | str) -> None:
        self._control.delete(f"webhooks/subscriptions/{subscription_id}")

    def send_test(
        self, subscription_id: UUID | str, event: str | None = None, data: Mapping[str, Any] | None = None
    ) -> TestEvent:
        """Queue a test event."""
        wanted = given(eventName=event, eventData=data)
        path = f"webhooks/subscriptions/{subscription_id}/test"
        return cast(TestEvent, self._control.post(path, wanted or None))

    # ---- deliveries

    def get(self, delivery_id: UUID | str) -> Delivery:
        """One webhook to one address, with its attempts."""
        return cast(Delivery, self._control.get(f"webhooks/deliveries/{delivery_id}"))

    def wait(self, *, count: int = 1, timeout: float = 10.0, **conditions: Unpack[DeliveryConditions]) -> _Deliveries:
        """Every webhook that matches, the oldest first, as soon as there are `count`; WaitTimeoutError otherwise."""
        answer = self._control.wait("webhooks/wait", given(**conditions), count, timeout)
        return cast(Deliveries, answer)["deliveries"]

    def deliver(self, timeout: float = 10.0) -> Delivered:
        """Wait until nothing is due or under way, and tell of the attempts since the last time."""
        path = "v1/webhooks/deliver"
        answer = self._control.ask("POST", path, {"timeout": timeout}, timeout=timeout + SECONDS_TO_ANSWER)
        return cast(Delivered, answer.json())

    def replay(self, delivery_id: UUID | str) -> Delivery:
        """Send the same event again, with a fresh timestamp and signature."""
        return cast(Delivery, self._control.post(f"webhooks/deliveries/{delivery_id}/replay"))

    def duplicate(self, delivery_id: UUID | str) -> Delivery:
        """Send the very same bytes again."""
        return cast(Delivery, self._control.post(f"webhooks/deliveries/{delivery_id}/duplicate"))

    def forge(self, delivery_id: UUID | str, how: Forgery, *, age: Duration | None = None) -> Delivery:
        """Send what a receiver has to refuse: `bad_key`, `unsigned`, `altered`, or `stale` (signed `age` ago)."""
        wanted = {"how": how} if age is None else {"how": how, "age": duration(age)}
        return cast(Delivery, self._control.post(f"webhooks/deliveries/{delivery_id}/forge", wanted))

    def list(self, **filters: Unpack[DeliveryFilters]) -> _Deliveries:
        """The webhooks that match, the newest first."""
        return cast(DeliveryPage, self._control.get("webhooks/deliveries", **query(**filters)))["deliveries"]


def _nested(members: Mapping[str, Any]) -> dict[str, Any]:
    """Members of a subscription, with those of its `config` in there."""
    config = {spelled: members[name] for name, spelled in _CONFIG.items() if name in members}
    outer = {name: value for name, value in members.items() if name not in _CONFIG}
    return given(**outer, config=config or None)
