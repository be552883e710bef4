"""Reading a world's journal over HTTP."""

from typing import Any

from tests.world import Json, World


def entries(world: World, **filters: Any) -> list[Json]:
    """The entries that match, newest first."""
    answer = world.anonymous.get("/_sandbox/v1/journal", params={"limit": 200, **filters})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["entries"])


def newest(world: World, **filters: Any) -> Json:
    return entries(world, **filters)[0]


def operations(world: World, **filters: Any) -> list[str | None]:
    """The operations of the entries that match, oldest first."""
    return [entry["operation"] for entry in reversed(entries(world, **filters))]


def explained(world: World, entry: Json) -> Json:
    answer = world.control("GET", f"journal/{entry['id']}/explain")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def header(pairs: list[Json], name: str) -> str | None:
    return next((one["value"] for one in pairs if one["name"] == name), None)
