"""Where the worlds of an installation are: in its data folder, or, but for their bytes, in memory."""

import shutil
import tempfile
from itertools import count
from pathlib import Path

LEFT = "left"  # in the folder of a world: nobody has opened it since its server ended
SCRATCH = "scratch"  # of a data folder: worlds that are only tried out, are being made, or are being removed


class Folders:
    """The folders of worlds by name. Those that are kept come and go whole, by one move."""

    def __init__(self, data_dir: Path | None) -> None:
        self._kept = data_dir and data_dir / "workspaces"
        self._scratch = data_dir and data_dir / SCRATCH
        self._memory: tempfile.TemporaryDirectory[str] | None = None
        self._made = count()

    @property
    def are_kept(self) -> bool:
        return self._kept is not None

    def of(self, name: str) -> Path:
        """The folder of a world that is kept, or of a new one in memory."""
        if self._kept is not None:
            return self._kept / name
        if self._memory is None:
            self._memory = tempfile.TemporaryDirectory(prefix="localsign-")
        return Path(self._memory.name) / f"{name}-{next(self._made)}"

    def aside(self) -> Path:
        """A new folder that no name leads to; beside the worlds, so that it can be moved and its files linked."""
        if self._scratch is None:
            return self.of("scratch")
        self._scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self._scratch))

    def lock(self, name: str) -> Path | None:
        """A file for processes to keep one another out by; None where no other process has these worlds."""
        return self._scratch and self._scratch / name

    def holds(self, name: str) -> bool:
        """Whether there is a world of this name on disk."""
        return self._kept is not None and (self._kept / name / "world.db").exists()

    def names(self) -> list[str]:
        """The worlds on disk, sorted."""
        return [] if self._kept is None else sorted(path.parent.name for path in self._kept.glob("*/world.db"))

    def changed_at(self) -> int | None:
        """Another value whenever a world came or went; None where none is kept."""
        return self._kept.stat().st_mtime_ns if self._kept is not None and self._kept.is_dir() else None

    def remove(self, folder: Path) -> None:
        """Remove a folder with everything in it; one of a kept world at once, whatever happens on the way."""
        if self._kept is not None and folder.parent == self._kept:
            if not folder.exists():
                return
            try:
                gone = self.aside()
                folder = folder.rename(gone / folder.name)
            except FileNotFoundError:
                return
            except OSError:  # no space left for another folder: without its database there is no world
                (folder / "world.db").unlink(missing_ok=True)
                shutil.rmtree(folder, ignore_errors=True)
                return
            shutil.rmtree(gone, ignore_errors=True)
        else:
            shutil.rmtree(folder, ignore_errors=True)

    def tidy(self) -> None:
        """Remove what a server left that was killed; for when nobody else has the folder."""
        if self._scratch is not None and self._kept is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            for folder in self._kept.glob("*/"):
                if not (folder / "world.db").exists():
                    shutil.rmtree(folder, ignore_errors=True)

    def mark_left(self) -> None:
        """Tell worlds that an earlier server left from those that processes of this one make."""
        for name in self.names():
            (self.of(name) / LEFT).touch()

    def close(self) -> None:
        """Forget the worlds in memory."""
        if self._memory is not None:
            self._memory.cleanup()
            self._memory = None
