"""A recording as a Mermaid sequence diagram: who asked what, and what followed."""

import re
from collections.abc import Iterator
from typing import Any

from localsign.recording.steps import Recording, Step, split

_LONGEST = 90
_ACT = re.compile(r"/act$")
_SPECIAL = re.compile(r"[;#:<>%{}\"`]")


def written(recording: Recording) -> str:
    """The diagram. Messages to people, webhooks and moves of machines stand where they happened."""
    steps = [step for step in recording.steps if step.number or step.takes]
    apis = dict.fromkeys(step.api or "none" for step in steps if step.kind == "request")
    lines = ["sequenceDiagram", "    autonumber", "    participant app as Your application"]
    lines += [f"    participant {_id(api)} as {_TITLES.get(api, api)}" for api in apis]
    if any(step.kind != "request" or _goes_out(step) for step in steps):
        lines.insert(3, "    actor test as Test, person, clock")
    for step in steps:
        lines += [f"    {line}" for line in _lines(step, list(apis))]
    return "\n".join(lines) + "\n"


_TITLES = {
    "platform": "Authentication",
    "sign": "Sign",
    "secure-share": "Secure Share",
    "mint": "Mint",
    "events": "Events",
    "signing-today": "Signing Today",
    "none": "No API",
}


def _lines(step: Step, apis: list[str]) -> Iterator[str]:
    target = _id(step.api or "none")
    if step.kind == "timer":
        yield f"Note over test: {_plain(step.operation)} became due"
    elif step.kind == "control":
        about = step.path.removeprefix("/_sandbox/v1/")
        api = about.partition("/")[0]
        target = _id(api) if _ACT.search(about) and api in apis else "test"
        yield f"test->>{target}: {_plain(_said(step, about))}"
        if step.status is not None and step.status >= 400:
            yield f"{target}--xtest: {step.status}"
    else:
        yield f"app->>{target}: {step.method} {_plain(step.path)}"
    for one in step.caused:
        yield from _followed(one, target if target != "test" or not apis else _id(apis[-1]))
    if step.kind == "request":
        arrow = "--x" if step.status is None or step.status >= 400 else "-->>"
        yield f"{target}{arrow}app: {step.status or 'no answer'}"


def _said(step: Step, about: str) -> str:
    value = step.sent.value if step.sent else None
    words = [str(one) for one in value.values() if isinstance(one, str | int)] if isinstance(value, dict) else []
    return " ".join([about if step.method == "POST" else f"{step.method} {about}", *words])


def _followed(change: dict[str, Any], target: str) -> Iterator[str]:
    if "machine" in change:
        moved = f"{change['from']} → {change['to']}" if "from" in change else str(change["to"])
        yield f"Note right of {target}: {_plain(str(change['machine']))} {_plain(moved)}"
    elif "sent" in change:
        yield f"{target}-)test: {change['sent']} {_plain(str(change['kind']))}"
    elif "queued" in change:
        yield f"{target}-)app: webhook {_plain(str(change['queued']))}"
    elif "decided" in change:
        yield f"Note over test: decided to {_plain(str(change['decided']))}"


def _goes_out(step: Step) -> bool:
    return any("sent" in one or "decided" in one for one in step.caused)


def _plain(text: str) -> str:
    """`text` as a label: variables by their names, and nothing that Mermaid reads otherwise."""
    shown = "".join(f"({piece})" if index % 2 else piece for index, piece in enumerate(split(text)))
    shown = " ".join(_SPECIAL.sub(" ", "".join(one if one.isprintable() else " " for one in shown)).split())
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _id(api: str) -> str:
    return "api_" + re.sub(r"\W", "_", api)
