"""The command line. Each command is a face on the same Sandbox, or a client of a running server."""

import gc
import json
import os
import sys
from enum import IntEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from localsign.settings import Settings, SettingsError

cli = typer.Typer(
    help="A local, offline, stateful emulator of electronic-signing APIs.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

_Ca = Annotated[
    Path | None,
    typer.Option("--ca", help="PEM file of the authority to trust. Without it, a server on this machine is trusted."),
]
DEFAULT_URL = "http://127.0.0.1:8480"


class Exit(IntEnum):
    """The exit codes; they do not change."""

    OK = 0
    ERROR = 1
    USAGE = 2
    DRIFT = 3
    NOT_READY = 4
    BAD_CONFIGURATION = 5
    PORT_IN_USE = 6
    UNUSABLE_DATA = 7


def fail(code: Exit, sentence: str) -> NoReturn:
    """End with `code`, and say what to do."""
    typer.echo(f"localsign: {sentence}", err=True)
    raise typer.Exit(code)


def settings_or_fail(**flags: object) -> Settings:
    try:
        return Settings.from_environment(os.environ, **flags)
    except SettingsError as error:
        fail(Exit.BAD_CONFIGURATION, str(error))


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on. [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one. [default: 8480]")] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder in which workspaces are kept. Without it they live in memory.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Server processes. [default: 1]")] = None,
    tls: Annotated[str | None, typer.Option(help="self-signed: serve https with a certificate made now.")] = None,
    tls_name: Annotated[
        list[str] | None, typer.Option(help="A name or address for that certificate, besides those of this machine.")
    ] = None,
    tls_cert: Annotated[Path | None, typer.Option(help="Serve https with this certificate (PEM, with chain).")] = None,
    tls_key: Annotated[Path | None, typer.Option(help="The private key of --tls-cert (PEM).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the addresses as one JSON line.")] = False,
) -> None:
    """Start the server. Flags win over LOCALSIGN_* in the environment."""
    certificate = {"tls": tls, "tls_names": tls_name or None, "tls_cert": tls_cert, "tls_key": tls_key}
    settings = settings_or_fail(host=host, port=port, data_dir=data_dir, workers=workers, **certificate)
    from localsign.serving import CannotServeError, DataError, PortInUseError, run

    try:
        run(settings, as_json=as_json)
    except PortInUseError:
        fail(
            Exit.PORT_IN_USE,
            f"port {settings.port} of {settings.host} is in use. Stop what uses it, or take a free one with --port 0.",
        )
    except DataError as error:
        fail(Exit.UNUSABLE_DATA, str(error))
    except (CannotServeError, SettingsError) as error:
        fail(Exit.BAD_CONFIGURATION, str(error))


@cli.command()
def demo(
    url: Annotated[
        str | None, typer.Option(help="A running localsign. Without it, one is started for the demo.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where to write the signed PDF.")] = Path("signed.pdf"),
    control_token: Annotated[
        str | None, typer.Option(envvar="LOCALSIGN_CONTROL_TOKEN", help="The control token of that localsign.")
    ] = None,
    ca: _Ca = None,
) -> None:
    """Walk through one whole signing, and write the signed PDF."""
    import httpx

    from localsign.demo import walk
    from localsign.serving import serving

    try:
        if url is not None:
            walk(url, output, typer.echo, control_token, ca)
        else:
            alone = {"data_dir": None, "init_dir": None, "workers": 1}  # another process may serve from the folder
            with serving(settings_or_fail(host="127.0.0.1", port=0).model_copy(update=alone)) as address:
                walk(address, output, typer.echo, control_token)
    except httpx.TransportError as error:
        fail(Exit.ERROR, f"{url} cannot be reached ({error}). Is it running? Start it with: localsign serve")
    except (httpx.HTTPStatusError, OSError) as error:
        fail(Exit.ERROR, str(error))


@cli.command()
def wait(
    url: Annotated[str, typer.Option(help="The server to wait for.")] = DEFAULT_URL,
    timeout: Annotated[float, typer.Option(help="Seconds to wait.", min=0)] = 30,
    ca: _Ca = None,
) -> None:
    """Wait until a server is ready."""
    from localsign.probe import waited_for

    if (reason := waited_for(url, timeout, ca)) is not None:
        fail(
            Exit.NOT_READY,
            f"{url} was not ready within {timeout:g} s ({reason}). Look at its output, or give it more time with "
            "--timeout.",
        )
    typer.echo(f"{url} is ready.")


@cli.command()
def health(
    url: Annotated[
        str | None, typer.Option(help="The server to ask. Without it, the one that the environment configures.")
    ] = None,
    ca: _Ca = None,
) -> None:
    """Ask once whether a server is ready."""
    from localsign import probe

    raise typer.Exit(probe.health(url, ca))


@cli.command()
def openapi(
    name: Annotated[str | None, typer.Argument(help="The API whose document to print.")] = None,
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


@cli.command()
def version(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print the version."""
    from localsign.version import VERSION

    typer.echo(json.dumps({"version": VERSION}) if as_json else f"localsign {VERSION}")


def main() -> None:
    """The entry point of `localsign`."""
    gc.disable()  # while everything is imported there is nothing to collect; serving turns it on again
    try:
        cli()
    except KeyboardInterrupt:
        sys.exit(Exit.OK)
