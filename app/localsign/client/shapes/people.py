"""What the control plane answers about people: decisions, personas, messages, and what was done for them."""

from typing import Any, Literal, NotRequired, TypedDict

Json = dict[str, Any]

DecisionState = Literal["waiting", "set", "acting", "acted", "refused", "commanded", "withdrawn"]
RungName = Literal["command", "queued_decision", "email", "persona", "workspace_default"]
Channel = Literal["email", "sms"]
MessageState = Literal["kept", "pending", "sending", "sent", "failed"]
Role = Literal["admin", "instructor", "signer"]


class PersonRule(TypedDict):
    action: str
    after: NotRequired[str | None]
    reason: NotRequired[str | None]


class Decision(TypedDict):
    """A queued decision. `used_for` is the object that it decided; null while it waits for one."""

    id: str
    action: str
    after: str | None
    reason: str | None
    api: str | None
    kind: str | None
    match: dict[str, str]
    details: Json
    created_at: str
    used_for: str | None
    used_at: str | None


class Person(TypedDict):
    name: str | None
    email: str | None
    phone: str | None
    national_id: str | None


class Asked(TypedDict):
    """An object that asked a person for something: which rung decided what, and what came of it."""

    api: str
    kind: str
    subject: str
    asked_at: str
    person: Person
    persona: str | None
    decided_by: RungName
    action: str
    due: str | None
    outcome: DecisionState
    ended_at: str | None


class AskingKind(TypedDict):
    """One kind of object that asks a person: which words a rule may have, and what it can be matched by."""

    api: str
    kind: str
    actions: list[str]
    attributes: list[str]


class Rung(TypedDict):
    rung: RungName
    used: bool
    why: str


class DecisionExplanation(TypedDict):
    """What was decided about one object, what came of it, and what every rung of the ladder said."""

    api: str
    kind: str
    subject: str
    asked_at: str
    person: Person
    persona: str | None
    decided_by: RungName
    action: str
    due: str | None
    outcome: str
    ended_at: str | None
    reason: str | None
    rungs: list[Rung]


class Persona(TypedDict):
    key: str
    name: str
    country: str
    national_id: str | None
    is_synthetic: bool
    email: str | None
    phone: str | None
    eids: list[str]
    rule: PersonRule | None
    is_built_in: bool


class Message(TypedDict):
    """A message. `state` and `failure` say what became of it at the relay."""

    id: str
    at: str
    api: str
    kind: str
    channel: Channel
    sender: str | None
    to: str
    subject: str | None
    text: str
    html: str | None
    language: str | None
    reference: str
    links: list[str]
    codes: list[str]
    state: MessageState
    failure: str | None


class Messages(TypedDict):
    """`total` messages match."""

    total: int
    messages: list[Message]


class Account(TypedDict):
    id: str
    username: str
    role: Role
    is_robot: bool
    automatic: bool
    is_enabled: bool


class NewAccount(TypedDict):
    """An account with what it takes to call as it."""

    id: str
    username: str
    role: Role
    is_robot: bool
    automatic: bool
    is_enabled: bool
    password: str
    lifetime_token: str | None


class SessionActed(TypedDict):
    """The session after the act, and what followed from it in order."""

    session: Json
    followed: list[Json]


class PackageActed(TypedDict):
    package_id: str
    state: str
    result_document_id: str | None
    followed: list[Json]


class RecipientActed(TypedDict):
    """The recipient after the act, and what followed from it in order."""

    recipient: Json
    state: str
    followed: list[Json]


class JourneyActed(TypedDict):
    """The journey after the act, an address that opens it, and what followed, in order."""

    journey: Json
    journeyUrl: str
    followed: list[Json]


class DstActed(TypedDict):
    """The DST after the act, and what followed from it in order."""

    dst: Json
    followed: list[Json]
