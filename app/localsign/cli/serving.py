"""`serve`, `wait`, `health`, `demo`: a server in the foreground, one to wait for, one to see at work."""

import os
from pathlib import Path
from typing import Annotated

import typer

from localsign.cli import apps
from localsign.cli.calls import Ca
from localsign.cli.exits import Exit, fail
from localsign.cli.usual import DEFAULT_URL, DataDir, Host, Port, Tls, TlsCert, TlsKey, TlsName, Workers
from localsign.settings import Settings, SettingsError

serving = apps.single()
waiting = apps.single()
asking = apps.single()
demonstrating = apps.single()
APPS = {"serve": serving, "wait": waiting, "health": asking, "demo": demonstrating}


def settings_or_fail(**flags: object) -> Settings:
    try:
        return Settings.from_environment(os.environ, **flags)
    except SettingsError as error:
        fail(Exit.BAD_CONFIGURATION, str(error))


@serving.command("serve")
def serve(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    tls: Tls = None,
    tls_name: TlsName = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
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


@demonstrating.command("demo")
def demo(
    url: Annotated[
        str | None, typer.Option(help="A running localsign. Without it, one is started for the demo.")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where to write the signed PDF.")] = Path("signed.pdf"),
    control_token: Annotated[
        str | None, typer.Option(envvar="LOCALSIGN_CONTROL_TOKEN", help="The control token of that localsign.")
    ] = None,
    ca: Ca = None,
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


@waiting.command("wait")
def wait(
    url: Annotated[str, typer.Option(help="The server to wait for.")] = DEFAULT_URL,
    timeout: Annotated[float, typer.Option(help="Seconds to wait.", min=0)] = 30,
    ca: Ca = None,
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


@asking.command("health")
def health(
    url: Annotated[
        str | None, typer.Option(help="The server to ask. Without it, the one that the environment configures.")
    ] = None,
    ca: Ca = None,
) -> None:
    """Ask once whether a server is ready."""
    from localsign import probe

    raise typer.Exit(probe.health(url, ca))
