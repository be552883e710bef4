"""`snapshot`: a workspace kept aside."""

from pathlib import Path
from typing import Annotated

import typer

from localsign.cli import apps
from localsign.cli.calls import Call, verb
from localsign.cli.completing import names_of_snapshots

app = apps.group("Keep a workspace aside as it is, and make it that again.")
APPS = {"snapshot": app}
Name = Annotated[str, typer.Argument(help="A snapshot.", autocompletion=names_of_snapshots)]
_COLUMNS = ["name", "at", "size", "localsign"]


@verb(app)
def save(call: Call, name: Annotated[str | None, typer.Argument(help="Made up if not given.")] = None) -> None:
    """Keep the workspace as it is now, and print its name."""
    made = call.workspace.snapshot(name)
    if not call.tells({"name": made.name}):
        typer.echo(made.name)


@verb(app, "list")
def list_(call: Call) -> None:
    """The snapshots of the workspace."""
    call.list(call.workspace.snapshots.list(), _COLUMNS)


@verb(app)
def restore(call: Call, name: Name) -> None:
    """Make the workspace what it was."""
    call.workspace.restore(name)
    call.done(f"{call.workspace.name} is what it was in {name}.", restored=name)


@verb(app)
def diff(
    call: Call,
    name: Name,
    to: Annotated[
        str | None,
        typer.Option(help="Another snapshot. [default: the workspace now]", autocompletion=names_of_snapshots),
    ] = None,
) -> None:
    """What has changed since, by table."""
    found = call.workspace.snapshots.named(name).diff(to)
    rows = [{"table": one["table"], **one["counts"]} for one in found["tables"]]
    call.list(rows, ["table", "added", "removed", "changed"], "Nothing has changed.", whole=found)


@verb(app)
def delete(call: Call, name: Name) -> None:
    """Forget a snapshot."""
    call.workspace.snapshots.named(name).delete()
    call.done(f"{name} was deleted.", deleted=name)


@verb(app)
def export(call: Call, name: Name, file: Annotated[Path, typer.Argument(help="The archive to write.")]) -> None:
    """Write a snapshot to a file. It holds the whole world, with its secrets."""
    content = call.workspace.snapshots.named(name).archive()
    file.write_bytes(content)
    call.done(f"{file} holds {name}, with its secrets.", file=str(file), size=len(content))


@verb(app, "import")
def import_(
    call: Call,
    file: Annotated[Path, typer.Argument(help="An archive.")],
    name: Annotated[str, typer.Argument(help="What the snapshot is called here.")],
) -> None:
    """Take in a snapshot from a file."""
    call.workspace.snapshots.upload(name, file.read_bytes())
    call.done(f"{file} is the snapshot {name} now.", name=name)
