"""Figures in Prometheus' text format: counting requests, and writing figures down."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]


class Meter:
    """How many requests there were, of which operation, with which class of status, and how long they took.

    `operation` is the value of `X-Sandbox-Operation`; empty where a request met none.
    """

    def __init__(self) -> None:
        self._counts: dict[tuple[bytes, int], int] = {}
        self._spent: dict[
            bytes, list[float]
        ] = {}  # operation to sum of seconds, then one count for each bound and more

    def observe(self, operation: bytes, status: int, seconds: float) -> None:
        key = operation, status // 100
        self._counts[key] = self._counts.get(key, 0) + 1
        spent = self._spent.get(operation)
        if spent is None:
            spent = self._spent[operation] = [0.0] * (len(BOUNDS) + 2)
        spent[0] += seconds
        spent[bisect_left(BOUNDS, seconds) + 1] += 1

    def families(self) -> list["Family"]:
        """The figures so far."""
        counted = Family("localsign_requests_total", "counter", "Requests, by operation and class of status.")
        for (operation, status), count in sorted(self._counts.copy().items()):
            counted.add(count, {**_named(operation), "status": f"{status}xx" if status else "none"})
        spent = Family("localsign_request_duration_seconds", "histogram", "How long requests took.")
        for operation, (total, *buckets) in sorted(self._spent.copy().items()):
            below = 0.0
            for bound, many in zip((*map(_figure, BOUNDS), "+Inf"), buckets, strict=True):
                below += many
                spent.add(below, {**_named(operation), "le": bound}, "_bucket")
            spent.add(total, _named(operation), "_sum")
            spent.add(below, _named(operation), "_count")
        return [counted, spent]


def _named(operation: bytes) -> Labels:
    api, _, name = operation.partition(b";")[0].decode().partition(".")
    return {"api": api or "none", "operation": name or "none"}


@dataclass
class Family:
    """One metric: its samples are suffix, labels and value."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    text: str
    samples: list[tuple[str, Labels, float]] = field(default_factory=list)

    def add(self, value: float, labels: Labels | None = None, suffix: str = "") -> None:
        self.samples.append((suffix, labels or {}, value))


def gauge(name: str, text: str, value: float) -> Family:
    """A metric of one sample."""
    return Family(name, "gauge", text, [("", {}, value)])


def exposition(families: Iterable[Family]) -> str:
    """The text that Prometheus reads."""
    lines = []
    for family in families:
        lines += [f"# HELP {family.name} {family.text}", f"# TYPE {family.name} {family.kind}"]
        for suffix, labels, value in family.samples:
            told = ",".join(f'{name}="{_escaped(one)}"' for name, one in labels.items())
            lines.append(f"{family.name}{suffix}{f'{{{told}}}' if told else ''} {_figure(value)}")
    return "\n".join(lines) + "\n"


def _figure(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
