"""`version`."""

import json
from typing import Annotated

import typer

from localsign.cli import apps

app = apps.single()
APPS = {"version": app}


@app.command("version")
def version(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print the version."""
    from localsign.version import VERSION

    typer.echo(json.dumps({"version": VERSION}) if as_json else f"localsign {VERSION}")
