"""`record`: what happened, as a test, an archive, a collection, a diagram, commands."""

import json
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from localsign.cli import apps
from localsign.cli.calls import Call, verb
from localsign.cli.completing import names_of_apis, names_of_operations, names_of_snapshots
from localsign.cli.exits import Exit, fail
from localsign.cli.webhooks import chosen

app = apps.single()
APPS = {"record": app}


class Kind(StrEnum):
    """What is made."""

    PYTEST = "pytest"
    POSTMAN = "postman"
    MERMAID = "mermaid"
    JSON = "json"
    HAR = "har"
    CURL = "curl"


_SUFFIXES = {".py": Kind.PYTEST, ".mmd": Kind.MERMAID, ".har": Kind.HAR, ".sh": Kind.CURL}
Api = Annotated[
    str | None, typer.Option(help="Only requests to this API, and no control calls.", autocompletion=names_of_apis)
]
Operation = Annotated[
    str | None, typer.Option(help="Only this operation; * stands for anything.", autocompletion=names_of_operations)
]
After = Annotated[
    str | None,
    typer.Option(
        help="After this snapshot was saved. It is written beside the file, with all its secrets, and the test "
        "begins with it.",
        autocompletion=names_of_snapshots,
    ),
]
_OF_JOURNAL = (Kind.HAR, Kind.CURL)
_WITH_WORLD = (Kind.PYTEST, Kind.JSON)


@verb(app, "record")
def record(
    call: Call,
    output: Annotated[Path | None, typer.Argument(help="The file to write. [default: standard output]")] = None,
    to: Annotated[
        Kind | None, typer.Option(help="What to make. [default: what the name of the file says, else a test]")
    ] = None,
    saved: Annotated[
        Path | None, typer.Option("--from", help="A recording that was saved with --to json, instead of a server.")
    ] = None,
    name: Annotated[str, typer.Option(help="What the test is called, after test_.")] = "recorded",
    api: Api = None,
    operation: Operation = None,
    since: Annotated[
        str | None, typer.Option(help="After the entry with this number, or from this instant on.")
    ] = None,
    after: After = None,
) -> None:
    """Turn what happened in a workspace into a test that passes again, or into something for another tool.

    Without --after, no secret, no token and no document is written: credentials come from the workspace in which the
    test runs.
    """
    kind = to or (_SUFFIXES.get(output.suffix, Kind.PYTEST) if output is not None else Kind.PYTEST)
    if not re.fullmatch(r"[a-z_][a-z0-9_]*", name):
        raise ValueError(f"--name {name}: must be of a-z, 0-9 and _")
    conditions = chosen(api=api, operation=operation, since=since)
    if after is not None and (kind not in _WITH_WORLD or saved is not None):
        raise ValueError("--after is for tests and recordings that are made of what a server has")
    if kind in _OF_JOURNAL:
        if saved is not None:
            raise ValueError(f"a recording has no {kind}: leave --from away, and a running server gives it")
        text, notes = _of_journal(call, kind, conditions), list[str]()
    else:
        given = (
            _saved(saved)
            if saved is not None
            else call.workspace.journal.recording(**conditions, **chosen(snapshot=after))
        )
        text, notes = _made(given, kind, name)
    for note in notes:
        typer.echo(f"localsign: {note}", err=True)
    if output is None:
        if after is not None:
            typer.echo(f"localsign: beside it belongs: localsign snapshot export {after} {after}.zip", err=True)
        typer.echo(text, nl=False)
        return
    output.write_text(text, "utf-8")
    told = {"written": str(output), "kind": kind.value, "notes": notes}
    if after is None:
        call.done(f"{output} is written.", **told)
    else:
        world = _beside(output, call, after)
        call.done(f"{output} is written, and {world}, which has the secrets of the world.", **told, world=str(world))


def _beside(output: Path, call: Call, snapshot: str) -> Path:
    """The file of the snapshot, beside what was made; readable for its owner only, as it holds secrets."""
    world = output.with_name(f"{snapshot}.zip")
    world.touch(0o600)
    world.write_bytes(call.workspace.snapshots.named(snapshot).archive())
    return world


def _of_journal(call: Call, kind: Kind, conditions: Any) -> str:
    journal = call.workspace.journal
    if kind is Kind.HAR:
        return json.dumps(journal.har(**conditions), ensure_ascii=False, indent=2) + "\n"
    return journal.curl(**conditions)


def _saved(path: Path) -> Any:
    try:
        return json.loads(sys.stdin.read() if str(path) == "-" else path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as error:
        fail(Exit.BAD_CONFIGURATION, f"{path} is no recording: {error}")


def _made(given: Any, kind: Kind, name: str) -> tuple[str, list[str]]:
    from pydantic import ValidationError

    from localsign.recording import mermaid, postman, pytest_file
    from localsign.recording.steps import Recording

    try:
        recording = Recording.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        fail(Exit.BAD_CONFIGURATION, f"this is no recording: {where}: {first['msg']}. Save one with --to json.")
    match kind:
        case Kind.POSTMAN:
            text = postman.collection(recording).model_dump_json(indent=2) + "\n"
        case Kind.MERMAID:
            text = mermaid.written(recording)
        case Kind.JSON:
            text = recording.model_dump_json(indent=2) + "\n"
        case _:
            text = pytest_file.written(recording, name)
    return text, recording.notes
