"""Switches: what the vendors' documentation leaves open, by name, so that a world may choose otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from localsign.core.flaws import nearest


@dataclass(frozen=True)
class Switch:
    """One undocumented choice. `source` says what is known; `text` what the choice changes."""

    name: str
    default: str
    alternatives: tuple[str, ...]
    source: str
    text: str

    @property
    def values(self) -> tuple[str, ...]:
        """Every value that it can have, the default first."""
        return (self.default, *self.alternatives)

    def chosen(self, choices: Mapping[str, str], installation: Mapping[str, str]) -> str:
        """The value: the choice of the world, by `switch.<name>`; else the installation's; else the default."""
        return choices.get(f"switch.{self.name}") or installation.get(self.name) or self.default


TOKEN_CLOCK = Switch(
    "tokens.clock",
    default="wall",
    alternatives=("workspace",),
    source="Ours: client libraries check tokens against the clock of their machine.",
    text="The clock that access tokens, client assertions and webhook timestamps follow.",
)

# Those of the kernel; an API has its own in its manifest.
KERNEL = (TOKEN_CLOCK,)


def flaw_of_choice(known: Iterable[Switch], name: str, value: str | None) -> str | None:
    """Why the switch `name` cannot be `value`, if so; None takes a choice back, which always can be done."""
    switches = {one.name: one for one in known}
    if name not in switches:
        return f"is not a switch; {nearest(name, switches)}"
    if value is not None and value not in switches[name].values:
        return f"'{value}' is not one of {', '.join(switches[name].values)}"
    return None
