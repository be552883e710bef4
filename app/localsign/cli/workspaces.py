"""`workspaces`: every world of the server."""

from pathlib import Path
from typing import Annotated

import typer

from localsign.cli import apps
from localsign.cli.calls import Call, verb
from localsign.cli.completing import names_of_fixtures, names_of_workspaces

app = apps.group("List, make and drop workspaces.")
APPS = {"workspaces": app}
Name = Annotated[str, typer.Argument(help="A workspace.", autocompletion=names_of_workspaces)]


@verb(app, "list")
def list_(call: Call) -> None:
    """The names and addresses of all."""
    call.list(call.sandbox.workspaces(), ["name", "base_url"])


@verb(app)
def create(
    call: Call,
    name: Annotated[str | None, typer.Argument(help="Its name; made up if not given.")] = None,
    seed: Annotated[str | None, typer.Option(help="The same ids and secrets every time.")] = None,
    clock: Annotated[str | None, typer.Option(help="The instant at which its clock stands still.")] = None,
    fixture: Annotated[
        str | None, typer.Option(help="A seed document of localsign.", autocompletion=names_of_fixtures)
    ] = None,
    document: Annotated[Path | None, typer.Option("--from", help="A seed document of yours.")] = None,
) -> None:
    """Make one, and print its name."""
    made = call.sandbox.workspace(name, seed=seed, clock=clock, fixture=fixture, keep=True)
    try:
        if document is not None:
            made.seed(document)
    except BaseException:
        call.sandbox.drop(made.name)
        raise
    if not call.tells({"name": made.name, "base_url": made.url}):
        typer.echo(made.name)


@verb(app)
def drop(call: Call, name: Name) -> None:
    """End one, with all that is in it."""
    call.sandbox.attach(name)  # refused where there is none
    call.sandbox.drop(name)
    call.done(f"{name} has ended.", dropped=name)
