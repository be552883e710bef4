# Made from app/localsign/client/aio/snapshots.py by `make face`: change that instead.
"""Worlds kept aside."""

from typing import Any, cast

from localsign.client.shapes.worlds import Difference, SnapshotShown
from localsign.client.spelling import query
from localsign.client.sync.control import Control

ZIP = "application/zip"
_Shown = list[SnapshotShown]


class Snapshot:
    """A workspace as it was."""

    def __init__(self, control: Control, name: str) -> None:
        self._control = control
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    def restore(self) -> None:
        """Make the workspace that again, its clock included."""
        self._control.post(f"snapshots/{self.name}/restore")

    def diff(self, to: "Snapshot | str | None" = None) -> Difference:
        """What has changed since, or what differs in another snapshot."""
        other = to.name if isinstance(to, Snapshot) else to
        return cast(Difference, self._control.get(f"snapshots/{self.name}/diff", **query(to=other)))

    def archive(self) -> bytes:
        """The whole world as a file, secrets and personal data included."""
        return (self._control.ask("GET", f"v1/snapshots/{self.name}/archive")).content

    def delete(self) -> None:
        self._control.delete(f"snapshots/{self.name}")


class Snapshots:
    """The snapshots of a workspace, by name."""

    def __init__(self, control: Control) -> None:
        self._control = control

    def save(self, name: str | None = None) -> Snapshot:
        """Keep the workspace as it is; the name is made up if not given."""
        made = self._control.post("snapshots", {"name": name} if name is not None else None)
        return Snapshot(self._control, made["name"])

    def named(self, name: str) -> Snapshot:
        """One that is there already."""
        return Snapshot(self._control, name)

    def get(self, name: str) -> SnapshotShown:
        return cast(SnapshotShown, self._control.get(f"snapshots/{name}"))

    def upload(self, name: str, archive: bytes) -> Snapshot:
        """Take in what `archive` of a snapshot gave, of this or another workspace."""
        made: Any = self._control.ask("PUT", f"v1/snapshots/{name}/archive", content=archive, media_type=ZIP)
        return Snapshot(self._control, made.json()["name"])

    def list(self) -> _Shown:
        return cast(_Shown, self._control.get("snapshots"))
