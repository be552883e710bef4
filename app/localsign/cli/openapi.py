"""`openapi`: the documents of all APIs."""

from typing import Annotated

import typer

from localsign.cli import apps
from localsign.cli.completing import names_of_documents
from localsign.cli.exits import Exit, fail

app = apps.single()
APPS = {"openapi": app}


@app.command("openapi")
def openapi(
    name: Annotated[
        str | None, typer.Argument(help="The API whose document to print.", autocompletion=names_of_documents)
    ] = None,
    write: Annotated[bool, typer.Option("--write", help="Bring the files in openapi/ up to date.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Fail if a file is not what the code says.")] = False,
) -> None:
    """Print an OpenAPI document; or write, or check, the files that hold them."""
    from localsign import openapi as documents

    if write:
        changed = documents.write()
        typer.echo(f"Written: {', '.join(changed)}." if changed else "Every document is up to date.")
    elif check:
        if stale := documents.stale():
            fail(
                Exit.DRIFT,
                f"{', '.join(stale)}: the file is not what the code says. Write it: localsign openapi --write",
            )
        typer.echo("Every document is up to date.")
    elif name is None:
        typer.echo("\n".join(documents.names()))
    elif name not in documents.names():
        fail(Exit.USAGE, f"there is no document '{name}'. There are: {', '.join(documents.names())}.")
    else:
        typer.echo(documents.text(name), nl=False)
