"""`reset`, `seed`, `fork`: a workspace as a whole."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from localsign.cli import apps
from localsign.cli.calls import Call, verb
from localsign.cli.completing import names_of_fixtures

resetting = apps.single()
seeding = apps.single()
forking = apps.single()
APPS = {"reset": resetting, "seed": seeding, "fork": forking}
_SCOPES = ("data", "journal", "faults", "outbox", "clock", "all")


@verb(resetting, "reset")
def reset(
    call: Call,
    scopes: Annotated[
        list[str] | None,
        typer.Argument(
            help="What to empty: data, journal, faults, outbox, clock, all. [default: the first five]",
            autocompletion=lambda: list(_SCOPES),
        ),
    ] = None,
) -> None:
    """Empty the workspace, or parts of it. Credentials stay good."""
    workspace = call.workspace
    workspace.reset(*scopes or ())
    call.done(f"{workspace.name} was reset.", workspace=workspace.name, scope=scopes or list(_SCOPES[:5]))


@verb(seeding, "seed")
def seed(
    call: Call,
    document: Annotated[
        Path | None, typer.Argument(help="A seed document in YAML or JSON; - for standard input.")
    ] = None,
    fixture: Annotated[
        str | None, typer.Option(help="One that comes with localsign.", autocompletion=names_of_fixtures)
    ] = None,
    lists: Annotated[bool, typer.Option("--list", help="List those that come with localsign.")] = False,
) -> None:
    """Add to the workspace what a seed document says, and print what was made."""
    if lists:
        call.list(call.sandbox.fixtures(), ["name", "description"])
        return
    if (document is None) == (fixture is None):
        raise ValueError("give a seed document, or the name of one with --fixture")
    made = call.workspace.seed(_content(document, fixture))
    rows = [
        {"workspace": one["workspace"], "section": thing["section"], "name": thing["name"] or "", "id": thing["id"]}
        for one in made
        for thing in one["made"]
    ]
    call.list(rows, ["workspace", "section", "name", "id"], "Nothing was made.", whole=made)


def _content(document: Path | None, fixture: str | None) -> Path | str:
    if fixture is not None:
        from localsign.resources import fixtures_folder

        found = sorted((fixtures_folder() / "seeds").glob(f"{fixture}.y*ml"))
        if not found:
            names = sorted(path.stem for path in (fixtures_folder() / "seeds").glob("*.y*ml"))
            raise ValueError(f"there is no fixture '{fixture}'. There are: {', '.join(names)}.")
        return found[0]
    assert document is not None
    return sys.stdin.read() if str(document) == "-" else document


@verb(forking, "fork")
def fork(
    call: Call, name: Annotated[str | None, typer.Argument(help="The name of the copy; made up if not given.")] = None
) -> None:
    """Copy the workspace as it is, and print the name of the copy."""
    made = call.workspace.fork(name, keep=True)
    if not call.tells({"name": made.name, "base_url": made.url}):
        typer.echo(made.name)
