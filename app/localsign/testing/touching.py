"""What tests touched of the emulated APIs: names, counted off against all that there is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from localsign.client.shapes.traffic import Entry
from localsign.client.shapes.worlds import Surface

KINDS = ("operations", "refusals", "states", "transitions", "events", "timers")
_SERVER_ERROR, _TOO_MANY = 500, 429
Named = dict[str, dict[str, set[str]]]  # kind → API → names


@dataclass
class Touched:
    """Names by kind and API, as `sign.create_document`, `session: READY → SIGNED by sign`, `signing-session.expired`.

    A state counts when something goes into or out of it, an event when it is announced, a timer when it runs.
    """

    names: Named = field(default_factory=lambda: {kind: {} for kind in KINDS})

    @classmethod
    def everything(cls, surface: Surface) -> Self:
        """All that can be touched."""
        found = cls()
        for operation in surface["operations"]:
            found.add("operations", operation["api"], operation["operation"])
        for refusal in surface["refusals"]:
            found.add("refusals", refusal["api"], refusal["code"])
        for state in surface["states"]:
            found.add("states", state["api"], f"{state['machine']}: {state['state']}")
        for row in surface["transitions"]:
            found.add("transitions", row["api"], _move(row["machine"], row["source"], row["target"], row["event"]))
        for event in surface["events"]:
            found.add("events", event["api"], event["event"])
        for timer in surface["timers"]:
            found.add("timers", timer["api"], timer["kind"])
        return found

    @classmethod
    def of(cls, entries: Iterable[Entry], surface: Surface) -> Self:
        """What these entries of a journal touched."""
        found = cls()
        owners = {row["machine"]: row["api"] for row in surface["states"]}
        announcers = {row["event"]: row["api"] for row in surface["events"]}
        for entry in entries:
            found._take(entry, owners, announcers)
        return found

    def _take(self, entry: Entry, owners: Mapping[str, str], announcers: Mapping[str, str]) -> None:
        api = entry["api"]
        if entry["kind"] == "request" and api is not None and entry["operation"]:
            self.add("operations", api, entry["operation"])
        if entry["kind"] == "request" and api is not None and (code := _refusal(entry)) is not None:
            self.add("refusals", api, code)
        for kind in entry["fired"]:
            self.add("timers", kind.partition(".")[0], kind)
        for one in entry["caused"]:
            self._follow(one, owners, announcers)

    def _follow(self, one: Mapping[str, Any], owners: Mapping[str, str], announcers: Mapping[str, str]) -> None:
        machine = str(one.get("machine"))
        if machine in owners:
            api = owners[machine]
            self.add("states", api, f"{machine}: {one['to']}")
            if "from" in one:
                self.add("states", api, f"{machine}: {one['from']}")
                self.add("transitions", api, _move(machine, one["from"], one["to"], one["event"]))
        announced = str(one.get("announced"))
        if announced in announcers:
            self.add("events", announcers[announced], announced)

    def add(self, kind: str, api: str, name: str) -> None:
        self.names[kind].setdefault(api, set()).add(name)

    def merge(self, other: "Touched") -> None:
        for kind, by_api in other.names.items():
            for api, names in by_api.items():
                self.names[kind].setdefault(api, set()).update(names)

    def apis(self) -> list[str]:
        """The APIs whose operations were called."""
        return sorted(self.names["operations"])

    def of_api(self, kind: str, api: str) -> set[str]:
        return self.names[kind].get(api, set())

    def as_json(self) -> dict[str, dict[str, list[str]]]:
        return {kind: {api: sorted(names) for api, names in by_api.items()} for kind, by_api in self.names.items()}

    @classmethod
    def from_json(cls, told: Mapping[str, Mapping[str, Sequence[str]]]) -> Self:
        return cls({kind: {api: set(names) for api, names in by_api.items()} for kind, by_api in told.items()})


def _move(machine: str, source: str, target: str, event: str) -> str:
    return f"{machine}: {source} → {target} by {event}"


def _refusal(entry: Entry) -> str | None:
    """How it was refused, by the names of the surface."""
    answer, refusal = entry["answer"], entry["refusal"]
    if answer is None:
        return "no_answer"
    if answer["status"] >= _SERVER_ERROR:
        return "server_error"
    if answer["status"] == _TOO_MANY:
        return "too_many_requests"
    return refusal["code"] if refusal is not None and not entry["faults"] else None


@dataclass(frozen=True)
class Share:
    """Of one kind in one API: what was touched, and what never was."""

    api: str
    kind: str
    touched: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def total(self) -> int:
        return len(self.touched) + len(self.missing)


@dataclass(frozen=True)
class Coverage:
    """How much of `apis` tests touched."""

    apis: tuple[str, ...]
    shares: tuple[Share, ...]

    @classmethod
    def of(cls, touched: Touched, everything: Touched, apis: Sequence[str] = ()) -> Self:
        """Of these APIs; of those that were called at all, if none are named."""
        chosen = tuple(apis or touched.apis())
        shares = []
        for api in chosen:
            for kind in KINDS:
                there = everything.of_api(kind, api)
                met = touched.of_api(kind, api) & there
                shares.append(Share(api, kind, tuple(sorted(met)), tuple(sorted(there - met))))
        return cls(chosen, tuple(share for share in shares if share.total))

    @property
    def percent(self) -> float:
        """Of all that there is of these APIs; 100 where there is nothing."""
        total = sum(share.total for share in self.shares)
        return 100 * sum(len(share.touched) for share in self.shares) / total if total else 100.0

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"percent": round(self.percent, 2), "apis": {}}
        for share in self.shares:
            kinds = found["apis"].setdefault(share.api, {})
            kinds[share.kind] = {"touched": list(share.touched), "never_touched": list(share.missing)}
        return found
