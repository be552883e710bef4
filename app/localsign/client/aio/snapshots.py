"""Worlds kept aside."""

from typing import Any, cast

from localsign.client.aio.control import AsyncControl
from localsign.client.shapes.worlds import Difference, SnapshotShown
from localsign.client.spelling import query

ZIP = "application/zip"
_Shown = list[SnapshotShown]


class AsyncSnapshot:
    """A workspace as it was."""

    def __init__(self, control: AsyncControl, name: str) -> None:
        self._control = control
        self.name = name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"

    async def restore(self) -> None:
        """Make the workspace that again, its clock included."""
        await self._control.post(f"snapshots/{self.name}/restore")

    async def diff(self, to: "AsyncSnapshot | str | None" = None) -> Difference:
        """What has changed since, or what differs in another snapshot."""
        other = to.name if isinstance(to, AsyncSnapshot) else to
        return cast(Difference, await self._control.get(f"snapshots/{self.name}/diff", **query(to=other)))

    async def archive(self) -> bytes:
        """The whole world as a file, secrets and personal data included."""
        return (await self._control.ask("GET", f"v1/snapshots/{self.name}/archive")).content

    async def delete(self) -> None:
        await self._control.delete(f"snapshots/{self.name}")


class AsyncSnapshots:
    """The snapshots of a workspace, by name."""

    def __init__(self, control: AsyncControl) -> None:
        self._control = control

    async def save(self, name: str | None = None) -> AsyncSnapshot:
        """Keep the workspace as it is; the name is made up if not given."""
        made = await self._control.post("snapshots", {"name": name} if name is not None else None)
        return AsyncSnapshot(self._control, made["name"])

    def named(self, name: str) -> AsyncSnapshot:
        """One that is there already."""
        return AsyncSnapshot(self._control, name)

    async def get(self, name: str) -> SnapshotShown:
        return cast(SnapshotShown, await self._control.get(f"snapshots/{name}"))

    async def upload(self, name: str, archive: bytes) -> AsyncSnapshot:
        """Take in what `archive` of a snapshot gave, of this or another workspace."""
        made: Any = await self._control.ask("PUT", f"v1/snapshots/{name}/archive", content=archive, media_type=ZIP)
        return AsyncSnapshot(self._control, made.json()["name"])

    async def list(self) -> _Shown:
        return cast(_Shown, await self._control.get("snapshots"))
