"""Words that a shell completes, by its own functions and what `localsign --install-completion` has given them."""

import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.world import World

BASH = """
source ~/.bashrc
COMP_WORDS=({words}) COMP_CWORD={last}
_localsign_completion localsign
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
FISH = "complete -C {line}"


@dataclass(frozen=True)
class Shell:
    """A shell of a user who has installed the completion, and who means one workspace of a server."""

    name: str
    environment: dict[str, str]

    def does(self, script: str) -> list[str]:
        done = subprocess.run(
            [self.name, "-c", script],
            cwd=self.environment["HOME"],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout.splitlines()

    def offers(self, *words: str, **environment: str) -> list[str]:
        """What it offers for the last of `words`."""
        shell = Shell(self.name, self.environment | environment)
        line = ["localsign", *words]
        if self.name == "bash":
            return [one for one in shell.does(BASH.format(words=shlex.join(line), last=len(line) - 1)) if one]
        found = shell.does(FISH.format(line=shlex.quote(" ".join(line))))
        return [one.partition("\t")[0] for one in found]


SHELLS = [name for name in ("bash", "fish") if shutil.which(name)]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, server: Server, world: World, tmp_path: Path) -> Shell:
    others = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")}
    own = {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path / ".config"),
        "XDG_DATA_HOME": str(tmp_path / ".local"),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{others['PATH']}",
        "LOCALSIGN_URL": server.url,
        "LOCALSIGN_WORKSPACE": world.name,
        "LOCALSIGN_STATE_FILE": str(tmp_path / "none.json"),
    }
    made = Shell(request.param, {**others, **own})
    installed = made.does("localsign --install-completion; true")
    assert f"{request.param} completion installed in " in installed[0]
    return made


def test_verbs_options_and_values_are_completed(shell: Shell, world: World) -> None:
    assert shell.offers("sn") == ["snapshot"]
    assert {"serve", "start", "workspaces", "act"} <= set(shell.offers(""))
    assert shell.offers("snapshot", "re") == ["restore"]
    assert set(shell.offers("start", "--tls")) == {"--tls", "--tls-name", "--tls-cert", "--tls-key"}
    assert shell.offers("record", "--to", "p") in (["pytest", "postman"], ["postman", "pytest"])
    assert shell.offers("faults", "add", "x", "--kind", "lo") == ["lost_answer"]
    assert set(shell.offers("act", "sign", "session", "x", "")) == {"open", "sign", "reject", "cancel", "error"}
    assert "secure-share" in shell.offers("journal", "list", "--api", "se")


def test_what_the_server_has_is_completed(shell: Shell, world: World) -> None:
    world.control("POST", "snapshots", {"name": "before"})
    fault = world.control("POST", "faults", {"operation": "sign.*"}).json()["id"]
    assert shell.offers("snapshot", "restore", "") == ["before"]
    assert world.name in shell.offers("clock", "show", "-w", world.name[:3])
    assert shell.offers("switches", "set", "sign.mark") == ["sign.markdown"]
    assert set(shell.offers("switches", "set", "sign.markdown", "")) == {"accept", "refuse"}
    assert shell.offers("faults", "add", "sign.upload") == ["sign.upload_document"]
    assert shell.offers("faults", "remove", "") == [fault]
    assert shell.offers("seed", "--fixture", "pay") == ["payroll"]


def test_a_server_that_is_not_there_has_no_words(shell: Shell) -> None:
    nobody = {"LOCALSIGN_URL": "http://127.0.0.1:9"}
    assert shell.offers("clock", "show", "-w", "x", **nobody) == []
    assert shell.offers("snapshot", "re", **nobody) == ["restore"]
