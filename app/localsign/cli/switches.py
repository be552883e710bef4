"""`switches`: what the vendor's documentation leaves open."""

from typing import Annotated, Any

import typer

from localsign.cli import apps, output
from localsign.cli.calls import Call, verb
from localsign.cli.completing import names_of_switches, values_of_switch

app = apps.group("Choose what the vendor's documentation leaves open.")
APPS = {"switches": app}
Name = Annotated[str, typer.Argument(help="A switch.", autocompletion=names_of_switches)]


@verb(app, "list")
def list_(
    call: Call,
    chosen: Annotated[bool, typer.Option("--chosen", help="Only those that are not at their default.")] = False,
) -> None:
    """Every switch, and who chose its value."""
    found: list[Any] = [one for one in call.workspace.switches.list() if not chosen or one["value"] != one["default"]]
    rows = [{**one, "values": [one["default"], *one["alternatives"]]} for one in found]
    call.list(rows, ["name", "value", "chosen_by", "values"], "Every switch is at its default.", whole=found)


@verb(app)
def show(call: Call, name: Name) -> None:
    """One switch: what it changes, and what is known."""
    found = call.workspace.switches.get(name)
    if not call.tells(found):
        output.fields(dict(found))


@verb(app, "set")
def set_(
    call: Call,
    name: Name,
    value: Annotated[str, typer.Argument(help="What to choose.", autocompletion=values_of_switch)],
) -> None:
    """Choose for this workspace."""
    found = call.workspace.switches.set(name, value)
    if not call.tells(found):
        typer.echo(f"{found['name']} is {found['value']}.")


@verb(app)
def clear(call: Call, name: Name) -> None:
    """Take the choice of this workspace back."""
    found = call.workspace.switches.clear(name)
    if not call.tells(found):
        typer.echo(f"{found['name']} is {found['value']} ({found['chosen_by']}).")
