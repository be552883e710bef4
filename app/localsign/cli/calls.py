"""Commands that ask a running server: which one, which workspace, and how to answer."""

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from localsign.cli import output
from localsign.cli.completing import names_of_workspaces
from localsign.cli.exits import Exit, fail
from localsign.cli.finding import address_of

if TYPE_CHECKING:
    from localsign import Sandbox, Workspace

Command = TypeVar("Command", bound=Callable[..., None])
DEFAULT = "default"

Url = Annotated[
    str | None,
    typer.Option("--url", envvar="LOCALSIGN_URL", help="The server. [default: that of `localsign start`]"),
]
WorkspaceName = Annotated[
    str,
    typer.Option(
        "--workspace", "-w", envvar="LOCALSIGN_WORKSPACE", help="The workspace.", autocompletion=names_of_workspaces
    ),
]
Token = Annotated[
    str | None,
    typer.Option("--control-token", envvar="LOCALSIGN_CONTROL_TOKEN", help="What the control plane asks for."),
]
Ca = Annotated[
    Path | None,
    typer.Option(
        "--ca",
        envvar="LOCALSIGN_CA",
        help="PEM file of the authority to trust. Without it, a server on this machine is trusted.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


class Call:
    """One command: the server and the workspace that it is about, and how it answers."""

    def __init__(
        self, url: str | None, workspace: str, control_token: str | None, as_json: bool, ca: Path | None = None
    ) -> None:
        self.url, self.control_token = address_of(url, control_token)
        self.as_json = as_json
        self._ca = ca
        self._name = workspace
        self._sandbox: Sandbox | None = None

    @property
    def sandbox(self) -> "Sandbox":
        """The server. SandboxError."""
        if self._sandbox is None:
            from localsign import Sandbox

            self._sandbox = Sandbox(url=self.url, control_token=self.control_token, ca=self._ca).start()
        return self._sandbox

    @cached_property
    def workspace(self) -> "Workspace":
        """The workspace. SandboxError."""
        return self.sandbox.default if self._name == DEFAULT else self.sandbox.attach(self._name)

    def close(self) -> None:
        if self._sandbox is not None:
            self._sandbox.close()

    # ---- answers

    def tells(self, data: Any) -> bool:
        """Whether JSON was asked for, which is then printed."""
        if self.as_json:
            output.as_json(data)
        return self.as_json

    def list(
        self, data: Sequence[Any], columns: Sequence[str], empty: str = "There is none.", whole: Any = None
    ) -> None:
        """A table of the members `columns`; as JSON the `whole` answer, where `data` is not all of it."""
        if not self.tells(data if whole is None else whole):
            output.table(columns, [[one.get(column) for column in columns] for one in data], empty)

    def one(self, data: Any, *members: str) -> None:
        """One thing, or these members of it."""
        if not self.tells(data):
            output.fields({name: data.get(name) for name in members or data})

    def done(self, sentence: str, **data: Any) -> None:
        """Something was done that has no answer."""
        if not self.tells(data or {"done": True}):
            typer.echo(sentence)


def verb(app: typer.Typer, name: str | None = None) -> Callable[[Command], Command]:
    """A command whose function gets a Call first; it has the options that all of them have."""

    def decorate(function: Command) -> Command:
        @wraps(function)
        def command(
            *, url: str | None, workspace: str, control_token: str | None, ca: Path | None, as_json: bool, **given: Any
        ) -> None:
            perform(Call(url, workspace, control_token, as_json, ca), lambda call: function(call, **given))

        own = list(inspect.signature(function).parameters.values())[1:]
        named = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own] + _COMMON
        vars(command)["__signature__"] = inspect.Signature(named)
        command.__annotations__ = {one.name: one.annotation for one in named}
        app.command(name)(command)
        return function

    return decorate


def perform(call: Call, what: Callable[[Call], None]) -> None:
    """Do it; what the server refuses is told in its words."""
    from localsign import SandboxError

    try:
        what(call)
    except SandboxError as error:
        fail(code_of(error), error.sentence)
    except ValueError as error:
        fail(Exit.USAGE, str(error))
    except BrokenPipeError:  # nobody reads on; nor is there anybody to tell of it, also not while this process ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        fail(Exit.ERROR, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    finally:
        call.close()


def code_of(error: Any) -> Exit:
    """How a command ends that met this SandboxError."""
    from localsign import WaitTimeoutError

    if isinstance(error, WaitTimeoutError):
        return Exit.TIMED_OUT
    return Exit.REFUSED if error.status is not None else Exit.UNREACHABLE


def _option(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_COMMON = [
    _option("url", Url, None),
    _option("workspace", WorkspaceName, DEFAULT),
    _option("control_token", Token, None),
    _option("ca", Ca, None),
    _option("as_json", AsJson, False),
]
