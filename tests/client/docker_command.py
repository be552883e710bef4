"""A `docker` on the PATH that runs localsign without a container."""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("fake_docker.py")


@contextmanager
def with_docker(folder: Path) -> Iterator[None]:
    """Put it into `folder`, and that in front of the PATH."""
    program = folder / "docker"
    program.write_text(f"#!{sys.executable}\n{PROGRAM.read_text()}")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        yield
