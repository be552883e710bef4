"""`env`: what an application under test has to know, as a shell sets it."""

import shlex
from enum import StrEnum
from typing import Annotated

import typer

from localsign.cli import apps
from localsign.cli.calls import Call, verb
from localsign.cli.completing import names_of_accounts

app = apps.single()
APPS = {"env": app}


class Shell(StrEnum):
    BASH = "bash"
    FISH = "fish"
    POWERSHELL = "powershell"
    DOTENV = "dotenv"


@verb(app, "env")
def env(
    call: Call,
    shell: Annotated[Shell, typer.Option(help="How it is written; bash is for zsh and sh as well.")] = Shell.BASH,
    account: Annotated[
        str, typer.Option(help="The account of Signing Today.", autocompletion=names_of_accounts)
    ] = "admin",
) -> None:
    """Print addresses and credentials of a workspace, for `eval "$(localsign env)"`."""
    workspace = call.workspace
    known = workspace.credentials
    today = known.signing_today
    person = today.account(account)
    found = {
        "LOCALSIGN_URL": call.sandbox.url,
        "LOCALSIGN_WORKSPACE": workspace.name,
        **known.environment(),
        "LOCALSIGN_SIGNING_TODAY_URL": f"{known.url}/api",
        "LOCALSIGN_SIGNING_TODAY_CLIENT_ID": today.client_id,
        "LOCALSIGN_SIGNING_TODAY_CLIENT_SECRET": today.client_secret,
        "LOCALSIGN_SIGNING_TODAY_USERNAME": person.username,
        "LOCALSIGN_SIGNING_TODAY_PASSWORD": person.password or "",
    }
    if call.control_token is not None:
        found["LOCALSIGN_CONTROL_TOKEN"] = call.control_token
    if not call.tells(found):
        for name, value in found.items():
            typer.echo(written(shell, name, value))


def written(shell: Shell, name: str, value: str) -> str:
    """A line that sets a variable."""
    match shell:
        case Shell.FISH:
            quoted = value.replace("\\", "\\\\").replace("'", "\\'")
            return f"set -gx {name} '{quoted}'"
        case Shell.POWERSHELL:
            quoted = value.replace("'", "''")
            return f"$env:{name} = '{quoted}'"
        case Shell.DOTENV:
            quoted = value.replace("\\", "\\\\").replace('"', '\\"')
            return f'{name}="{quoted}"'
        case _:
            return f"export {name}={shlex.quote(value)}"
