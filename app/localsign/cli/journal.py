"""`journal`: what was asked, what was answered, and why."""

from typing import Annotated, Any

import typer

from localsign.cli import apps, output
from localsign.cli.calls import Call, verb
from localsign.cli.completing import names_of_apis, names_of_operations
from localsign.cli.webhooks import chosen
from localsign.client.shapes.traffic import Entry, EntryKind

app = apps.group("Read what was asked, what was answered, and why.")
APPS = {"journal": app}
EntryId = Annotated[int, typer.Argument(help="The number of an entry.")]
Api = Annotated[str | None, typer.Option(help="An API: sign, mint, …", autocompletion=names_of_apis)]
Operation = Annotated[
    str | None, typer.Option(help="An operation; * stands for anything.", autocompletion=names_of_operations)
]
Status = Annotated[str | None, typer.Option(help="404, or 4xx.")]
Since = Annotated[str | None, typer.Option(help="The number of an entry, or an instant.")]
Kind = Annotated[EntryKind | None, typer.Option(help="Entries of this kind.")]
Caused = Annotated[str | None, typer.Option(help="A change: sign, package.completed, …")]


@verb(app, "list")
def list_(
    call: Call,
    api: Api = None,
    operation: Operation = None,
    status: Status = None,
    kind: Kind = None,
    caused: Caused = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(help="At most so many, 200 at most.")] = 20,
) -> None:
    """Entries, the newest last."""
    conditions = chosen(api=api, operation=operation, status=status, kind=kind, caused=caused, since=since)
    found = list(reversed(call.workspace.journal.list(limit=limit, **conditions)))
    if not call.tells(found):
        rows = [row_of(one) for one in found]
        output.table(["id", "at", "request", "status", "operation", "followed"], rows, "Nothing was asked.")


def row_of(entry: Entry) -> list[object]:
    request, answer, timer = entry["request"], entry["answer"], entry["timer"]
    asked = f"{request['method']} {request['path']}" if request else f"due: {timer['subject']}" if timer else ""
    changes = "; ".join(map(output.followed, entry["caused"]))
    return [entry["id"], entry["at"], asked, answer and answer["status"], entry["operation"], changes]


@verb(app)
def show(call: Call, id: EntryId) -> None:
    """One entry, as JSON."""
    output.as_json(call.workspace.journal.get(id))


@verb(app)
def explain(call: Call, id: EntryId) -> None:
    """Why an answer is what it is."""
    found = call.workspace.journal.explain(id)
    if call.tells(found):
        return
    typer.echo(found["sentence"])
    rule, source = found["rule"], found["source"]
    told: dict[str, Any] = {}
    if rule is not None:
        told |= {"rule": rule["detail"], "state": rule["state"], "allowed in": rule["allowed_in"]}
        told |= {"ways there": [" then ".join(way) for way in rule["ways"]]}
        told |= {"flaws": [f"{one['name']}: {one['value']}" for one in rule["flaws"]]}
    if source is not None:
        told |= {"source": f"{source['source']} ({source['evidence']})"}
    told |= {"nearest": [f"{one['method']} {one['path']}" for one in found["nearest"]]}
    output.fields({name: value for name, value in told.items() if value})


@verb(app)
def count(call: Call, api: Api = None, operation: Operation = None, status: Status = None, since: Since = None) -> None:
    """How many entries match."""
    found = call.workspace.journal.count(**chosen(api=api, operation=operation, status=status, since=since))
    if not call.tells(found):
        typer.echo(found["count"])


@verb(app)
def wait(
    call: Call,
    api: Api = None,
    operation: Operation = None,
    status: Status = None,
    since: Since = None,
    count: Annotated[int, typer.Option(help="As many.")] = 1,
    timeout: Annotated[float, typer.Option(help="Seconds, 60 at most.")] = 10,
) -> None:
    """Wait for requests. Ends with 10 when they have not come in time."""
    after = int(since) if since is not None and since.isdecimal() else since
    conditions = chosen(api=api, operation=operation, status=status, since=after)
    with output.busy("Waiting for requests"):
        found = call.workspace.journal.wait(count=count, timeout=timeout, **conditions)
    if not call.tells(found):
        output.table(["id", "at", "request", "status", "operation", "followed"], [row_of(one) for one in found])


@verb(app)
def unmatched(call: Call) -> None:
    """Requests that met no operation, with the nearest ones."""
    found = call.workspace.journal.unmatched()
    rows = [{**one, "nearest": [f"{near['method']} {near['path']}" for near in one["nearest"]]} for one in found]
    call.list(rows, ["id", "method", "path", "status", "nearest"], "Every request met an operation.", whole=found)


@verb(app)
def timeline(call: Call, since: Since = None) -> None:
    """What happened, in order, with an explanation of every refusal."""
    found = call.workspace.timeline(since=int(since) if since is not None else None)
    if call.as_json:
        from dataclasses import asdict

        call.tells(asdict(found))
    else:
        typer.echo(found.text)


@verb(app)
def clear(call: Call) -> None:
    """Empty it."""
    call.workspace.journal.clear()
    call.done("The journal is empty.", cleared=True)
