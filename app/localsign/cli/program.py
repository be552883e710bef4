"""The verbs, and in which module each of them is. Only what is asked for is imported."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from localsign.cli.exits import Exit

VERBS = {
    "serve": ("serving", "Start the server, and stay with it."),
    "start": ("background", "Start a server in the background."),
    "stop": ("background", "Stop the server in the background."),
    "status": ("background", "Say which server runs."),
    "wait": ("serving", "Wait until a server is ready."),
    "health": ("serving", "Ask once whether a server is ready."),
    "doctor": ("doctor", "Check whether everything is as it should be."),
    "env": ("env", "Print addresses and credentials for a shell."),
    "demo": ("serving", "Walk through one whole signing, and write the signed PDF."),
    "workspaces": ("workspaces", "List, make and drop workspaces."),
    "reset": ("worlds", "Empty a workspace, or parts of it."),
    "seed": ("worlds", "Add what a seed document says."),
    "fork": ("worlds", "Copy a workspace as it is."),
    "snapshot": ("snapshots", "Keep a workspace aside, and make it that again."),
    "clock": ("clock", "Read the time of a workspace, and let it pass."),
    "act": ("act", "Do what a person would do: sign, reject, fill in, download, approve."),
    "webhooks": ("webhooks", "Subscribe, deliver, send again, forge."),
    "outbox": ("outbox", "Read the e-mails and text messages that would have been sent."),
    "journal": ("journal", "Read what was asked, what was answered, and why."),
    "record": ("record", "Turn what happened into a test, an archive, a collection, a diagram."),
    "faults": ("faults", "Let requests fail."),
    "switches": ("switches", "Choose what the documentation leaves open."),
    "openapi": ("openapi", "Print an OpenAPI document; or write, or check, the files that hold them."),
    "version": ("version", "Print the version."),
}


class Verbs(TyperGroup):
    """Commands that are imported when they are asked for: starting takes as long as one of them needs."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        return list(VERBS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module = import_module(f"localsign.cli.{VERBS[cmd_name][0]}")
        command = get_command(module.APPS[cmd_name])
        command.name = cmd_name
        command.short_help = VERBS[cmd_name][1]  # beside the name where a shell completes it
        return command

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is meant; of the others only names are known here, also to who mistyped."""
        known: Any = dict.fromkeys(VERBS)
        self.commands = known
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in VERBS.items()])


cli = typer.Typer(
    cls=Verbs,
    help="A local, offline, stateful emulator of electronic-signing APIs.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@cli.callback()
def _program() -> None:
    """A local, offline, stateful emulator of electronic-signing APIs."""


def run() -> None:
    """Do what the arguments of this process say."""
    try:
        cli()
    except KeyboardInterrupt:
        sys.exit(Exit.OK)
