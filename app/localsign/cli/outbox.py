"""`outbox`: messages to people."""

from enum import StrEnum
from typing import Annotated

import typer

from localsign.cli import apps, output
from localsign.cli.calls import Call, verb
from localsign.cli.completing import ids_of_messages
from localsign.cli.webhooks import chosen
from localsign.client.shapes import people

app = apps.group("Read the e-mails and text messages that would have been sent.")
APPS = {"outbox": app}
MessageId = Annotated[str, typer.Argument(help="The id of a message.", autocompletion=ids_of_messages)]
To = Annotated[str | None, typer.Option(help="An e-mail address or a phone number.")]
Kind = Annotated[str | None, typer.Option(help="What for; * stands for anything, as in share.*.")]
Channel = Annotated[people.Channel | None, typer.Option(help="How it was sent.")]
Text = Annotated[str | None, typer.Option(help="Part of the subject or the text.")]
_COLUMNS = ["id", "at", "channel", "to", "kind", "subject", "codes", "links"]


class Form(StrEnum):
    """How a message is shown."""

    TEXT = "text"
    HTML = "html"
    EML = "eml"


@verb(app, "list")
def list_(
    call: Call,
    to: To = None,
    kind: Kind = None,
    channel: Channel = None,
    text: Text = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
) -> None:
    """Messages, the newest first."""
    found = call.workspace.outbox.list(**chosen(to=to, kind=kind, channel=channel, text=text, limit=limit))
    call.list(found, _COLUMNS, "The outbox is empty.")


@verb(app)
def show(
    call: Call,
    id: MessageId,
    form: Annotated[Form, typer.Option("--format", help="The text, the page, or the whole e-mail.")] = Form.TEXT,
) -> None:
    """One message."""
    outbox = call.workspace.outbox
    if call.as_json:
        call.tells(outbox.get(id))
    else:
        shown = {Form.TEXT: outbox.text, Form.HTML: outbox.html, Form.EML: outbox.eml}[form](id)
        typer.echo(shown)


@verb(app)
def wait(
    call: Call,
    to: To = None,
    kind: Kind = None,
    channel: Channel = None,
    text: Text = None,
    count: Annotated[int, typer.Option(help="As many.")] = 1,
    timeout: Annotated[float, typer.Option(help="Seconds, 60 at most.")] = 10,
) -> None:
    """Wait for messages. Ends with 10 when they have not come in time."""
    conditions = chosen(to=to, kind=kind, channel=channel, text=text)
    with output.busy("Waiting for messages"):
        found = call.workspace.outbox.wait(count=count, timeout=timeout, **conditions)
    call.list(found, _COLUMNS)


@verb(app)
def delete(call: Call, id: MessageId) -> None:
    """Remove one message."""
    call.workspace.outbox.remove(id)
    call.done(f"{id} was removed.", deleted=id)


@verb(app)
def clear(call: Call) -> None:
    """Remove all messages."""
    call.workspace.outbox.clear()
    call.done("The outbox is empty.", cleared=True)
