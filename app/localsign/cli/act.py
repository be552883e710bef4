"""`act`: what people do, through the same calls as tests."""

import json
from functools import cache
from typing import Annotated, Any

import typer

from localsign.cli import apps, output
from localsign.cli.calls import Call, verb

app = apps.group("Do what a person would do.")
sign = apps.group("The signer of a session, and packaging, of Sign v2.")
share = apps.group("The recipient of a share of Secure Share.")
mint = apps.group("Who does the steps of a Mint journey.")
today = apps.group("The person whose turn it is in a DST of Signing Today.")
APPS = {"act": app}
for _name, _api in {"sign": sign, "secure-share": share, "mint": mint, "signing-today": today}.items():
    app.add_typer(_api, name=_name)

With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        help="A member of the call: reason='too dear', signer.name='Kari Nordmann', data.months=6. "
        "A value that is JSON is read so.",
    ),
]


@cache
def _actions(path: str) -> list[str]:
    """The words that a call knows, from the OpenAPI document that is on this machine."""
    from localsign.resources import openapi_folder

    document = json.loads((openapi_folder() / "sandbox.json").read_text("utf-8"))
    call = document["paths"][f"/_sandbox/v1/{path}/act"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema = document["components"]["schemas"][call["$ref"].rpartition("/")[2]]
    return list(schema["properties"]["action"]["enum"])


def _action(path: str, words: str) -> Any:
    return typer.Argument(help=words, autocompletion=lambda: _actions(path))


Session = Annotated[str, typer.Argument(help="The id of the session.")]
Package = Annotated[str, typer.Argument(help="The id of the package.")]
Share = Annotated[str, typer.Argument(help="The id of the share.")]
Recipient = Annotated[str, typer.Argument(help="The id of the recipient.")]
Journey = Annotated[str, typer.Argument(help="The id of the journey.")]
Dst = Annotated[str, typer.Argument(help="The id of the DST.")]


@verb(sign, "session")
def session(
    call: Call,
    id: Session,
    action: Annotated[str, _action("sign/sessions/{sessionId}", "open, sign, reject, cancel or error.")],
    members: With = None,
) -> None:
    """Act as the signer of a session."""
    _tell(call, call.workspace.sign.session(id).act(action, **given(members)), "session")


@verb(sign, "package")
def package(
    call: Call,
    id: Package,
    action: Annotated[str, _action("sign/packages/{packageId}", "complete or fail.")],
) -> None:
    """End the lag of a package."""
    _tell(call, call.workspace.sign.package(id).act(action), "package")


@verb(share, "recipient")
def recipient(
    call: Call,
    share_id: Share,
    id: Recipient,
    action: Annotated[
        str,
        _action("secure-share/shares/{shareId}/recipients/{recipientId}", "open, authenticate, download, fail, …"),
    ],
    members: With = None,
) -> None:
    """Act as a recipient."""
    found = call.workspace.secure_share.share(share_id).recipient(id)
    _tell(call, found.act(action, **given(members)), "recipient")


@verb(mint, "journey")
def journey(
    call: Call,
    id: Journey,
    action: Annotated[str, _action("mint/journeys/{journeyId}", "complete, approve, reject, fail, cancel or open.")],
    members: With = None,
) -> None:
    """Act at the step of a journey that waits."""
    _tell(call, call.workspace.mint.journey(id).act(action, **given(members)), "journey")


@verb(today, "dst")
def dst(
    call: Call,
    id: Dst,
    action: Annotated[str, _action("signing-today/dsts/{dstId}", "fill, sign, decline, download or fail.")],
    members: With = None,
) -> None:
    """Act as the person whose turn it is."""
    _tell(call, call.workspace.signing_today.dst(id).act(action, **given(members)), "dst")


def given(members: list[str] | None) -> dict[str, Any]:
    """`signer.name=Kari` as `{"signer": {"name": "Kari"}}`. ValueError."""
    found: dict[str, Any] = {}
    for one in members or ():
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise ValueError(f"--with {one}: write it as name=value")
        *outer, last = name.split(".")
        inner = found
        for word in outer:
            inner = inner.setdefault(word, {})
            if not isinstance(inner, dict):
                raise ValueError(f"--with {one}: {word} has a value already")
        inner[last] = _value(value)
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _tell(call: Call, acted: Any, thing: str) -> None:
    """The state of the thing, and what followed."""
    if call.tells(acted):
        return
    found = acted.get(thing) or {}
    state = found.get("lifecycle", {}).get("state") or found.get("state") or found.get("status") or acted.get("state")
    typer.echo(f"{thing} {found.get('id', '')}: {state}" if state else f"{thing} {found.get('id', '')}".rstrip())
    for one in acted["followed"]:
        typer.echo(f"  {output.followed(one)}")
