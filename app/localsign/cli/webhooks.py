"""`webhooks`: subscriptions, deliveries, and what can be done with them."""

from typing import Annotated, Any

import typer

from localsign.cli import apps, output
from localsign.cli.calls import Call, verb
from localsign.cli.completing import ids_of_deliveries, ids_of_subscriptions, names_of_events
from localsign.client.shapes.webhooks import DeliveryState, Forgery

app = apps.group("Subscribe, deliver, send again, forge.")
APPS = {"webhooks": app}
DeliveryId = Annotated[str, typer.Argument(help="The id of a delivery.", autocompletion=ids_of_deliveries)]
SubscriptionId = Annotated[str, typer.Argument(help="The id of a subscription.", autocompletion=ids_of_subscriptions)]
State = Annotated[DeliveryState | None, typer.Option(help="How far it has come.")]
Event = Annotated[
    str | None, typer.Option(help="The event, as in signing-session.completed.", autocompletion=names_of_events)
]
_COLUMNS = ["id", "state", "kind", "event", "reference", "url"]


def chosen(**conditions: Any) -> Any:
    """Those that were given."""
    return {name: value for name, value in conditions.items() if value is not None}


@verb(app, "list")
def list_(
    call: Call,
    state: State = None,
    event: Event = None,
    reference: Annotated[str | None, typer.Option(help="The id of what it is about.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
) -> None:
    """Deliveries, the newest first."""
    found = call.workspace.webhooks.list(**chosen(state=state, event=event, reference=reference, limit=limit))
    call.list(found, _COLUMNS, "Nothing was sent.")


@verb(app)
def show(call: Call, id: DeliveryId) -> None:
    """One delivery, with its attempts."""
    found = call.workspace.webhooks.get(id)
    if call.tells(found):
        return
    output.fields({name: value for name, value in found.items() if name != "attempts"})
    rows = [[one["number"], one["at"], one["status"], one["error"], one["answer"]] for one in found["attempts"]]
    if rows:
        output.table(["number", "at", "status", "error", "answer"], rows)


@verb(app)
def deliver(call: Call, timeout: Annotated[float, typer.Option(help="Seconds.")] = 10) -> None:
    """Send what is due, wait for it, and tell of the attempts."""
    with output.busy("Delivering"):
        found = call.workspace.webhooks.deliver(timeout)
    columns = ["delivery", "event", "number", "status", "state", "error"]
    call.list(found["attempts"], columns, "Nothing was due.", whole=found)


@verb(app)
def wait(
    call: Call,
    event: Event = None,
    state: State = None,
    reference: Annotated[str | None, typer.Option(help="The id of what it is about.")] = None,
    count: Annotated[int, typer.Option(help="As many.")] = 1,
    timeout: Annotated[float, typer.Option(help="Seconds, 60 at most.")] = 10,
) -> None:
    """Wait for deliveries. Ends with 10 when they have not come in time."""
    conditions = chosen(event=event, state=state, reference=reference)
    with output.busy("Waiting for webhooks"):
        found = call.workspace.webhooks.wait(count=count, timeout=timeout, **conditions)
    call.list(found, _COLUMNS)


@verb(app)
def replay(call: Call, id: DeliveryId) -> None:
    """Send the same event again, signed afresh."""
    call.one(call.workspace.webhooks.replay(id), *_COLUMNS)


@verb(app)
def duplicate(call: Call, id: DeliveryId) -> None:
    """Send the very same bytes again."""
    call.one(call.workspace.webhooks.duplicate(id), *_COLUMNS)


@verb(app)
def forge(
    call: Call,
    id: DeliveryId,
    how: Annotated[Forgery, typer.Option(help="What is wrong with it.")] = "bad_key",
    age: Annotated[str | None, typer.Option(help="Of a stale one: PT6M.")] = None,
) -> None:
    """Send what a receiver has to refuse."""
    call.one(call.workspace.webhooks.forge(id, how, age=age), *_COLUMNS)


@verb(app)
def subscriptions(call: Call) -> None:
    """The subscriptions."""
    found = call.workspace.webhooks.subscriptions()
    rows = [{**one, "url": one["config"]["url"]} for one in found]
    call.list(rows, ["id", "name", "active", "events", "url"], whole=found)


@verb(app)
def subscribe(
    call: Call,
    address: Annotated[str, typer.Argument(help="The URL to which webhooks are sent.")],
    events: Annotated[
        list[str] | None, typer.Argument(help="sender:name, name, or the beginning of one and *. [default: all]")
    ] = None,
    secret: Annotated[str | None, typer.Option(help="What they are signed with; made up if not given.")] = None,
    name: Annotated[str | None, typer.Option(help="What it is called.")] = None,
) -> None:
    """Subscribe, and print the id and the secret."""
    made = call.workspace.webhooks.subscribe(address, events or ["*"], **chosen(secret=secret, name=name))
    if not call.tells(made):
        output.fields({"id": made["id"], "events": made["events"], "secret": made["config"].get("secret")})


@verb(app)
def unsubscribe(call: Call, id: SubscriptionId) -> None:
    """End a subscription."""
    call.workspace.webhooks.unsubscribe(id)
    call.done(f"{id} has ended.", unsubscribed=id)


@verb(app, "test")
def send_test(
    call: Call,
    id: SubscriptionId,
    event: Annotated[
        str | None, typer.Argument(help="An event. [default: a test event]", autocompletion=names_of_events)
    ] = None,
) -> None:
    """Send a test event."""
    call.one(call.workspace.webhooks.send_test(id, event))


@verb(app)
def events(call: Call) -> None:
    """Every event that there is."""
    call.list(call.workspace.webhooks.events(), ["id", "api", "mark", "text"])
