"""The blocking colour of the Python face, and of its stories, made from the asynchronous one.

python -m tests.client.colours            writes what is not current
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENT = ROOT / "app" / "localsign" / "client"
STORIES = ROOT / "tests" / "client"

FOLDERS = {CLIENT / "aio": CLIENT / "sync", STORIES / "aio": STORIES / "sync"}
HEAD = "# Made from {source} by `make face`: change that instead.\n"
INIT = '"""The blocking colour, made from the asynchronous one by `make face`."""\n'

RULES = [
    (r'"AsyncOpening\[(\w+)\]"', r'"\1"'),
    (r"AsyncOpening\[(\w+)\]", r"\1"),
    (r"return AsyncOpening\((.*)\)$", r"return \1"),
    (
        r"^from localsign\.client\.blocking import AsyncBlocking, AsyncOpening$",
        "from localsign.client.blocking import Blocking",
    ),
    (r"^from localsign\.client\.blocking import AsyncOpening\n", ""),
    (r" An AsyncSandbox belongs to the event loop that started it\.", ""),
    (r"`async with`", "`with`"),
    (r"\basync (def|with|for)\b", r"\1"),
    (r"\bawait ", ""),
    (r"\basyncio\.run\((\w+)\((.*)\)\)$", r"\1(\2)"),
    (r"^import asyncio\n", ""),
    (r"\bAsync(?=[A-Z])", ""),
    (r"\b__a(enter|exit|iter|next)__", r"__\1__"),
    (r"\baclose\b", "close"),
    (r"\.aio\b", ".sync"),
    (r"\b(Async)?Iterator\b", "Iterator"),
    (r"\basynccontextmanager\b", "contextmanager"),
]


def blocking(source: str, name: str) -> str:
    """The blocking colour of a module, not yet formatted."""
    for pattern, replacement in RULES:
        source = re.sub(pattern, replacement, source, flags=re.M)
    return HEAD.format(source=name) + source


def formatted(texts: dict[Path, str]) -> dict[Path, str]:
    """`texts` as ruff writes them; their imports are sorted, too."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or "ruff"
    done = dict(texts)
    for path in texts:
        for command in (["check", "--select", "I", "--fix", "--quiet"], ["format", "--quiet"]):
            name = ["--stdin-filename", str(path), "-"]
            run = subprocess.run(
                [ruff, *command, *name], input=done[path], capture_output=True, text=True, cwd=ROOT, check=False
            )
            assert run.returncode == 0, f"{path}: {run.stderr}"
            done[path] = run.stdout
    return done


def wanted() -> dict[Path, str]:
    """Every module of the blocking colour, as it should be."""
    texts: dict[Path, str] = {}
    for source, target in FOLDERS.items():
        for path in sorted(source.glob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            made = target / path.name
            texts[made] = INIT if path.name == "__init__.py" else blocking(path.read_text(), name)
    return formatted(texts)


def stale() -> list[Path]:
    """The files that are not as they should be."""
    texts = wanted()
    there = {path for target in FOLDERS.values() for path in target.glob("*.py")}
    return sorted(path for path in texts.keys() | there if not path.exists() or path.read_text() != texts.get(path))


def write() -> list[Path]:
    """Bring all files up to date; those that were not."""
    for source, target in FOLDERS.items():
        for path in source.glob("*.py"):
            target.mkdir(exist_ok=True)
            (target / path.name).touch()  # ruff sorts by what is there
    texts, changed = wanted(), stale()
    for path in changed:
        if path in texts:
            path.write_text(texts[path])
        else:
            path.unlink()
    return changed


if __name__ == "__main__":
    for one in write():
        sys.stdout.write(f"{one.relative_to(ROOT)}\n")
