"""`faults`: requests that fail, and rates that are limited."""

from typing import Annotated

import typer

from localsign.cli import apps
from localsign.cli.calls import Call, verb
from localsign.cli.completing import ids_of_faults, names_of_operations, operations_with_limits
from localsign.cli.webhooks import chosen
from localsign.client.shapes.traffic import FaultKind

app = apps.group("Let requests fail, and limit their rate.")
APPS = {"faults": app}
_COLUMNS = ["id", "operation", "kind", "status", "times", "seen", "hits"]
Operation = Annotated[
    str, typer.Argument(help="An operation: sign.get_document, sign.*, or *.", autocompletion=names_of_operations)
]


@verb(app, "list")
def list_(call: Call) -> None:
    """The faults."""
    call.list(call.workspace.faults.list(), _COLUMNS, "There is no fault.")


@verb(app)
def add(
    call: Call,
    operation: Operation,
    kind: Annotated[FaultKind, typer.Option(help="How they fail.")] = "error",
    status: Annotated[int | None, typer.Option(help="Of an error. [default: 503]")] = None,
    code: Annotated[str | None, typer.Option(help="Of an error.")] = None,
    detail: Annotated[str | None, typer.Option(help="Of an error.")] = None,
    retry_after: Annotated[int | None, typer.Option(help="Seconds, of an error.")] = None,
    latency: Annotated[str | None, typer.Option(help="PT2S; 60 seconds at most.")] = None,
    after: Annotated[int | None, typer.Option(help="So many requests pass first.")] = None,
    every: Annotated[int | None, typer.Option(help="Then every such one fails.")] = None,
    times: Annotated[int | None, typer.Option(help="At most so many fail.")] = None,
    probability: Annotated[float | None, typer.Option(help="Of each of them: 0 to 1.")] = None,
) -> None:
    """Let requests of an operation fail, and print the id of the fault."""
    members = chosen(
        status=status,
        code=code,
        detail=detail,
        retry_after=retry_after,
        latency=latency,
        after=after,
        every=every,
        times=times,
        probability=probability,
    )
    made = call.workspace.faults.add(operation, kind, **members)
    if not call.tells(made):
        typer.echo(made["id"])


@verb(app)
def remove(
    call: Call, id: Annotated[str, typer.Argument(help="The id of a fault.", autocompletion=ids_of_faults)]
) -> None:
    """Remove a fault."""
    call.workspace.faults.remove(id)
    call.done(f"{id} was removed.", removed=id)


@verb(app)
def clear(call: Call) -> None:
    """Remove all faults."""
    call.workspace.faults.clear()
    call.done("There is no fault.", cleared=True)


@verb(app)
def limits(call: Call) -> None:
    """The limits of rates."""
    call.list(
        call.workspace.rate_limits.list(), ["operation", "requests", "per", "used", "refused"], "There is no limit."
    )


@verb(app)
def limit(
    call: Call,
    operation: Operation,
    requests: Annotated[int, typer.Argument(help="So many.")],
    per: Annotated[str, typer.Argument(help="In such a time.")] = "PT1M",
) -> None:
    """Limit the rate of an operation."""
    call.one(call.workspace.rate_limits.set(operation, requests, per))


@verb(app)
def unlimit(
    call: Call,
    operation: Annotated[str, typer.Argument(help="An operation that has one.", autocompletion=operations_with_limits)],
) -> None:
    """Take a limit back."""
    call.workspace.rate_limits.remove(operation)
    call.done(f"{operation} has no limit.", removed=operation)
