"""The events that an API tells the outside of, as its manifest lists them."""

from dataclasses import dataclass

from localsign.core.evidence import Mark


@dataclass(frozen=True)
class Event:
    """One event. `mark` and `source` say how its name is known; `text` what has happened.

    `api` and `sender` are filled in from the manifest that it stands in.
    """

    name: str
    mark: Mark = "invented"
    source: str = "ours: the vendor's name is not known"
    text: str = ""
    api: str = ""
    sender: str = ""

    @property
    def id(self) -> str:
        """`sender:name`, by which one subscribes to it."""
        return f"{self.sender}:{self.name}" if self.sender else self.name
