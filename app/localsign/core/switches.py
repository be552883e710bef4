"""Switches: what the vendors' documentation leaves open, by name, so that a world may choose otherwise."""

from dataclasses import dataclass


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
