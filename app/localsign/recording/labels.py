"""Names for what must not be shown. The same value has the same name, wherever in a recording it stands."""

import keyword
import re

from localsign.recording.steps import HOST, ORIGIN, URL, variable

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 40
# What the tests and collections that are made call something else.
TAKEN = frozenset(
    {URL, ORIGIN, HOST}
    | {"answer", "base64", "control", "credentials", "hmac", "http", "httpx", "json", "localsign", "pytest", "said"}
)


def snake(name: str) -> str:
    """`name` as a variable may be called."""
    words = "_".join(_WORD.findall(name[:200])).lower()[:_LONGEST].strip("_")
    return words if words[:1].isalpha() else "value"


class Names:
    """Every name once."""

    def __init__(self) -> None:
        self._taken = set(TAKEN) | set(keyword.kwlist)

    def new(self, wanted: str) -> str:
        name, number = wanted, 1
        while name in self._taken:
            number += 1
            name = f"{wanted}_{number}"
        self._taken.add(name)
        return name


class Labels:
    """What is shown instead of secrets: variables. `raw` has what they stand for, and never leaves the server."""

    def __init__(self, names: Names) -> None:
        self.raw: dict[str, str] = {}
        self._names = names
        self._known: dict[str, str] = {}

    def mask(self, name: str, value: str) -> str:
        if value not in self._known:
            self._known[value] = self._names.new(snake(name))
            self.raw[self._known[value]] = value
        return variable(self._known[value])

    def of(self, value: str) -> str | None:
        """The name of a value that was hidden before."""
        return self._known.get(value)
