"""The command line in this process, on a server of the tests."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.conftest import Server
from tests.world import World
from typer.testing import CliRunner

from localsign.cli.program import cli

NOWHERE = "http://127.0.0.1:9"


class Commands:
    """`localsign …` about one workspace; `ok` and `told` are for what must succeed."""

    def __init__(self, server: Server, world: World, folder: Path) -> None:
        self.server = server
        self.environment = {
            "LOCALSIGN_URL": server.url,
            "LOCALSIGN_WORKSPACE": world.name,
            "LOCALSIGN_STATE_FILE": str(folder / "none.json"),
            "LOCALSIGN_CONTROL_TOKEN": "",
        }

    def run(self, *words: str, given: str | None = None, **environment: str) -> Any:
        """What came of it: `exit_code`, `stdout`, `stderr`."""
        return CliRunner().invoke(cli, list(words), input=given, env=self.environment | environment)

    def ok(self, *words: str, **more: Any) -> str:
        """What it prints."""
        done = self.run(*words, **more)
        assert done.exit_code == 0, f"{done.stdout}{done.stderr}{done.exception!r}"
        return str(done.stdout)

    def told(self, *words: str, **more: Any) -> Any:
        """The JSON that it prints."""
        return json.loads(self.ok(*words, "--json", **more))

    def rows(self, *words: str) -> list[Sequence[str]]:
        """The table that it prints where nobody looks at it, without the names of its columns."""
        return [line.split("\t") for line in self.ok(*words).splitlines()[1:]]

    def refused(self, code: int, *words: str, **environment: str) -> str:
        """What it says when it ends with `code`."""
        done = self.run(*words, **environment)
        assert done.exit_code == code, f"{done.exit_code} {done.stdout}{done.stderr}{done.exception!r}"
        return str(done.stderr)
