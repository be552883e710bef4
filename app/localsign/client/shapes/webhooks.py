"""What the control plane answers about webhooks."""

from typing import Literal, NotRequired, TypedDict

DeliveryState = Literal["QUEUED", "SENDING", "DELIVERED", "FAILED", "REFUSED", "CANCELLED"]
DeliveryKind = Literal["event", "test", "replay", "duplicate", "forgery"]
Forgery = Literal["bad_key", "unsigned", "altered", "stale"]


class Attempt(TypedDict):
    """One try: what was sent, and what came back. `at` is the moment of this workspace at which it was due."""

    number: int
    at: str
    milliseconds: int
    headers: dict[str, str]
    status: int | None
    error: str | None
    answer_headers: dict[str, str]
    answer: str
    is_answer_cut: bool


class AttemptMade(Attempt):
    """An attempt, of which delivery it was, and what became of that."""

    delivery: str
    event: str
    reference: str
    state: DeliveryState


class Delivered(TypedDict):
    """`is_settled`: nothing is due or under way. `attempts`: those that no `deliver` has told of before."""

    is_settled: bool
    attempts: list[AttemptMade]
    waiting: int
    next_due: str | None


class Delivery(TypedDict):
    """One webhook to one address. `body` is the very text that is sent; `due` the next attempt."""

    id: str
    state: DeliveryState
    kind: DeliveryKind
    api: str
    event: str
    reference: str
    subscription: str | None
    original: str | None
    url: str
    body: str
    queued_at: str
    due: str | None
    expires_at: str | None
    ended_at: str | None
    failure: str | None
    attempts: list[Attempt]


class DeliveryPage(TypedDict):
    offset: int
    limit: int
    total: int
    deliveries: list[Delivery]


class Deliveries(TypedDict):
    """`total` deliveries match."""

    total: int
    deliveries: list[Delivery]


class EventType(TypedDict):
    """An event that can be subscribed to. `mark` says how its name is known, `source` from where."""

    api: str
    id: str
    sender: str
    name: str
    mark: Literal["documented", "client", "inferred", "invented", "own"]
    source: str
    text: str


class SubscriptionConfig(TypedDict):
    url: str
    secret: NotRequired[str | None]
    signatureHeader: str
    retries: list[str]
    lifetime: str


class LastAnswer(TypedDict):
    """The receiver's newest answer; `code` is null where there was none."""

    code: int | None
    message: str | None
    timestamp: str


class Subscription(TypedDict):
    id: str
    name: str | None
    type: NotRequired[str]
    active: bool
    events: list[str]
    tags: list[str]
    config: SubscriptionConfig
    createdAt: str
    updatedAt: str
    lastResponse: LastAnswer | None


class TestEvent(TypedDict):
    """What was queued: the delivery by which the control plane knows it, and the id in the envelope."""

    deliveryId: str
    eventId: str
    eventName: str
