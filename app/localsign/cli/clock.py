"""`clock`: the time of a workspace."""

from typing import TYPE_CHECKING, Annotated

import typer

from localsign.cli import apps, output
from localsign.cli.calls import Call, verb

if TYPE_CHECKING:
    from localsign.client.shapes.worlds import Advanced

app = apps.group("Read the time of a workspace, and let it pass.")
APPS = {"clock": app}
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]


@verb(app)
def show(call: Call) -> None:
    """What it shows, whether it stands still, what is due next."""
    call.one(call.workspace.clock.read())


@verb(app)
def advance(
    call: Call,
    by: Annotated[str | None, typer.Argument(help="How far, in ISO 8601: PT31M, P46D.")] = None,
    days: Annotated[float, typer.Option(help="Days.")] = 0,
    hours: Annotated[float, typer.Option(help="Hours.")] = 0,
    minutes: Annotated[float, typer.Option(help="Minutes.")] = 0,
    seconds: Annotated[float, typer.Option(help="Seconds.")] = 0,
    dry_run: DryRun = False,
) -> None:
    """Let time pass; what is due by then happens, and is told."""
    clock = call.workspace.clock
    with output.busy("Time passes"):
        passed = clock.advance(by, days=days, hours=hours, minutes=minutes, seconds=seconds, dry_run=dry_run)
    _tell(call, passed)


@verb(app, "set")
def set_(
    call: Call, to: Annotated[str, typer.Argument(help="An instant: 2031-01-01T00:00:00Z.")], dry_run: DryRun = False
) -> None:
    """Go forward to an instant."""
    _tell(call, call.workspace.clock.set(to, dry_run=dry_run))


@verb(app, "next")
def next_(call: Call, dry_run: DryRun = False) -> None:
    """Go to the next thing that is due."""
    _tell(call, call.workspace.clock.next(dry_run=dry_run))


@verb(app)
def freeze(call: Call, at: Annotated[str | None, typer.Argument(help="An instant. [default: now]")] = None) -> None:
    """Stand still."""
    _tell(call, call.workspace.clock.freeze(at))


@verb(app)
def run(call: Call) -> None:
    """Run on from where it stands."""
    _tell(call, call.workspace.clock.run())


@verb(app)
def real(call: Call) -> None:
    """Be the machine's clock again, unless that is backwards."""
    _tell(call, call.workspace.clock.real())


@verb(app)
def timers(call: Call) -> None:
    """What is going to happen, and what could not."""
    call.list(call.workspace.clock.timers(), ["kind", "subject", "state", "due", "failure"], "Nothing is due.")


def _tell(call: Call, passed: "Advanced") -> None:
    if call.tells(passed):
        return
    typer.echo(f"It is {passed['now']}.")
    fired = [
        [one["due"], one["kind"], one["subject"], "; ".join(map(output.followed, one["followed"]))]
        for one in passed["fired"]
    ]
    if fired:
        output.table(["due", "kind", "subject", "followed"], fired)
