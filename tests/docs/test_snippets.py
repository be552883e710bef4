"""Every fenced block of README.md and docs/*.md does what it says, in the order of its page.

Shell blocks of a page run in one bash, Python blocks where they stand between them, in a folder with a copy
of fixtures/, beside a running server; so do blocks of other languages, where what runs them is installed. A curl
that is answered with an error fails. JSON, YAML and TOML are parsed. A comment right above a block can change two
things:

    <!-- not executed: the reason -->
    <!-- answers an error -->           (curl may be refused in this block)
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
DEFAULT_ADDRESS = re.compile(r"http://(127\.0\.0\.1|localhost):8480")
SECONDS_PER_PAGE = 240
MOST_NOT_EXECUTED = 4

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<language>[\w+-]*)[^`]*$")
OPT_OUT = re.compile(r"<!--\s*not executed:(?P<reason>.*?)-->")
ANSWERS_AN_ERROR = re.compile(r"<!--\s*answers an error\s*-->")
PARSED = {"json", "yaml", "toml"}
RECIPES = {  # what has to be installed, and how a file is run with it
    "java": ("javac", "java {file}"),
    "php": ("php", "php {file}"),
    "csharp": ("mcs", "mcs -r:System.Net.Http.dll -out:{file}.exe {file} && mono {file}.exe"),
}
RUN = {"bash", "console", "python", *RECIPES}
COUNTED = {"text", "mermaid", "http", "diff"}


class Server(Protocol):
    """What this module needs of the `server` fixture."""

    url: str


@dataclass(frozen=True)
class Block:
    page: Path
    line: int
    language: str
    text: str
    reason: str | None  # why it is not executed; None: it is
    answers_an_error: bool

    @property
    def place(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks_of(page: Path) -> list[Block]:
    blocks: list[Block] = []
    opening: re.Match[str] | None = None
    start, inside, above = 0, list[str](), ""
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if opening is None:
            if opening := FENCE.match(line):
                start, inside = number, []
            elif line.strip():
                above = line
        elif line.strip() == opening["ticks"]:
            comment = OPT_OUT.search(above)
            reason = comment["reason"].strip() if comment else None
            refused = ANSWERS_AN_ERROR.search(above) is not None
            blocks.append(Block(page, start, opening["language"], "\n".join(inside), reason, refused))
            opening, above = None, ""
        else:
            inside.append(line.removeprefix(opening["indent"]))
    assert opening is None, f"{page.name}:{start}: this block does not end"
    return blocks


BLOCKS = [block for page in PAGES if page.exists() for block in blocks_of(page)]


# --- commands that set up the machine, or never return: checked, not run ------------------------------------


def has_target(command: list[str]) -> bool:
    makefile = (ROOT / "Makefile").read_text()
    targets = [word for word in command[1:] if "=" not in word]
    return bool(targets) and all(re.search(rf"^{re.escape(word)}:", makefile, re.M) for word in targets)


def has_dockerfile(command: list[str]) -> bool:
    """`docker build` of this folder; `docker run` and `docker exec` of a port the image exposes."""
    text = (ROOT / "Dockerfile").read_text()
    ports = [word.rpartition(":")[2] for word in command if re.fullmatch(r"([\d.]+:)?\d+:\d+", word)]
    return all(f"EXPOSE {port}" in text for port in ports) and (command[1] != "build" or command[-1] == ".")


def has_services(command: list[str]) -> bool:
    """`docker compose up` of this folder, with services that it has."""
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    named = [after for word, after in pairwise(command) if word == "--exit-code-from"]
    return all(one in services for one in named)


def has_distribution(command: list[str]) -> bool:
    """What pip installs is this project, with extras that it has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [word for word in command[command.index("install") + 1 :] if not word.startswith("-")]
    names = [re.fullmatch(r"(?P<name>[\w.-]+?)(\[(?P<extras>[\w,-]+)\])?", word) for word in wanted]
    return all(
        name is not None
        and name["name"] in {project["name"], "."}
        and set((name["extras"] or "").split(",")) - {""} <= project["optional-dependencies"].keys()
        for name in names
    )


def has_options(command: list[str]) -> bool:
    """`localsign serve` blocks, so only its options are looked up in its help."""
    program = Path(sys.executable).with_name("localsign")
    text = subprocess.run([program, "serve", "--help"], capture_output=True, text=True, timeout=60, check=True)
    return all(word.partition("=")[0] in text.stdout for word in command if word.startswith("--"))


def always(command: list[str]) -> bool:
    return True


SET_UP: list[tuple[str, Callable[[list[str]], bool]]] = [
    (r"make [a-z]+", has_target),
    (r"docker (build|run|exec|stop) ", has_dockerfile),
    (r"docker compose up ", has_services),
    (r"(python3? -m )?pip install ", has_distribution),
    (r"(\S*/)?localsign serve\b", has_options),
    (r"python3? -m venv \S+$", always),
    (r"(\.|source) \S+/bin/activate$", always),
    (r"git clone ", always),
    (r"cd localsign$", always),
]


def check_of(command: str) -> Callable[[list[str]], bool] | None:
    """How a set-up command is checked; None for a command that is run."""
    bare = re.sub(r"^(\w+=\S* +)+", "", command)  # without the variables set in front of it
    return next((check for pattern, check in SET_UP if re.match(pattern, bare)), None)


# --- from blocks to one script ------------------------------------------------------------------------------


def commands_of(block: Block) -> str:
    """The shell text of a block; of a console block only what follows a prompt, however long."""
    if block.language != "console":
        return block.text
    kept, goes_on = list[str](), False
    for line in block.text.splitlines():
        if goes_on or line.startswith("$ "):
            kept.append(line.removeprefix("$ ").removeprefix("> "))
            goes_on = line.endswith("\\")
    return "\n".join(kept)


def shell_of(block: Block) -> str:
    """The block as it is run: without its set-up commands, each of which must hold."""
    kept = []
    for command in re.split(r"(?<!\\)\n", commands_of(block)):
        check = check_of(command)
        if check is None:
            kept.append(command)
            continue
        words = shlex.split(command.replace("\\\n", " "), comments=True)
        while "=" in words[0]:
            words.pop(0)
        assert check([word for word in words if word != "&"]), f"{block.place}: this does not work: {command}"
    return "\n".join(kept)


PRELUDE = """set -euo pipefail
refusals=--fail-with-body
curl() { # fails when the server answers an error, unless the block says that it does
  local word
  for word in "$@"; do
    if [[ $word == --fail* || $word =~ ^-[a-zA-Z]*f ]]; then command curl "$@"; return; fi
  done
  command curl $refusals "$@"
}
node() { # not everybody has it
  type -P node > /dev/null || { echo "node is not installed"; return 0; }
  command node "$@"
}
"""


def script_of(page: Path, folder: Path) -> str:
    """One script for a page; Python blocks become files beside it, run where they stand."""
    parts = [PRELUDE]
    for block in BLOCKS:
        if block.page != page or block.language not in RUN or block.reason is not None:
            continue
        parts.append(f"printf '\\n--- %s\\n' {shlex.quote(block.place)}")
        if block.language == "python":
            name = f"test_block_{block.line}.py"
            (folder / name).write_text(block.text + "\n")
            is_test = re.search(r"^(async )?def test_", block.text, re.M)
            runner = "-m pytest -q -p no:cacheprovider " if is_test else ""
            parts.append(f"{shlex.quote(sys.executable)} {runner}{name}")
        elif block.language in RECIPES:
            name = f"recipe_block_{block.line}.{block.language}"
            (folder / name).write_text(block.text + "\n")
            tool, command = RECIPES[block.language]
            missing = f"echo '{tool} is not installed'"
            parts.append(f"if type -P {tool} > /dev/null; then {command.format(file=name)}; else {missing}; fi")
        else:
            parts.append(f"refusals={'' if block.answers_an_error else '--fail-with-body'}")
            parts.append(shell_of(block))
    return "\n".join(parts) + "\n"


# --- the tests ----------------------------------------------------------------------------------------------


WITH_COMMANDS = [page for page in PAGES if any(b.page == page and b.language in RUN for b in BLOCKS)]


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_blocks_of_a_page_run(page: Path, server: Server, tmp_path: Path) -> None:
    for tool in ("bash", "curl"):
        if shutil.which(tool) is None and not os.environ.get("CI_REQUIRE_ALL"):
            pytest.skip(f"{tool} is not installed")
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / "page.sh").write_text(script_of(page, tmp_path))
    for file in (tmp_path / "page.sh", *tmp_path.glob("*_block_*")):
        file.write_text(DEFAULT_ADDRESS.sub(server.url, file.read_text()))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LOCALSIGN_")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
    environment["HOME"] = str(tmp_path)
    environment["NO_PROXY"] = environment["no_proxy"] = "127.0.0.1,localhost"
    done = subprocess.run(
        ["bash", "page.sh"],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS_PER_PAGE,
        check=False,
    )
    assert done.returncode == 0, f"the block after the last --- line failed ({done.returncode}):\n{done.stdout}"


def test_blocks_of_data_can_be_read() -> None:
    readers: dict[str, Callable[[str], object]] = {
        "json": json.loads,
        "yaml": yaml.safe_load,
        "toml": tomllib.loads,
    }
    unreadable = []
    for block in BLOCKS:
        if block.language in PARSED and block.reason is None:
            try:
                readers[block.language](block.text)
            except (ValueError, yaml.YAMLError) as error:
                unreadable.append(f"{block.place}: {error}")
    assert unreadable == []


def test_every_block_says_what_it_is() -> None:
    known = RUN | PARSED | COUNTED
    assert [f"{b.place}: '{b.language}'" for b in BLOCKS if b.language not in known] == [], sorted(known)


def test_few_blocks_are_not_executed_and_each_says_why() -> None:
    left_out = {block.place: block.reason for block in BLOCKS if block.reason is not None}
    assert [place for place, reason in left_out.items() if not reason] == [], "an empty reason is none"
    assert len(left_out) <= MOST_NOT_EXECUTED, left_out


def test_no_snippet_needs_jq() -> None:
    """The pages promise bash, curl and Python."""
    assert [b.place for b in BLOCKS if b.language in {"bash", "console"} and re.search(r"\bjq\b", b.text)] == []
