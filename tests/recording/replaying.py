"""A story told once, recorded, and told again by the file that was made of it, in another world."""

import ast
from pathlib import Path
from typing import Any

import httpx
from _pytest.assertion.rewrite import rewrite_asserts
from tests.conftest import Server
from tests.world import World

from localsign import Sandbox


def exported(world: World, kind: str = "pytest", **filters: Any) -> httpx.Response:
    answer = world.anonymous.get(f"/_sandbox/v1/journal/{kind}", params=filters)
    assert answer.status_code == 200, answer.text
    return answer


def replay(server: Server, source: str, seed: str | None = None, folder: Path = Path()) -> None:
    """Run what was made in a new workspace, as the fixture `localsign` gives it; the file would be in `folder`."""
    scope: dict[str, Any] = {"__file__": str(folder / "test_made.py")}
    tree = ast.parse(source.replace("@pytest.mark.localsign", "@(lambda **_: lambda test: test)"))
    rewrite_asserts(tree, source.encode(), "made")
    exec(compile(tree, "made", "exec"), scope)
    with Sandbox(url=server.url) as sandbox, sandbox.workspace(seed=seed) as workspace:
        scope["test_recorded"](workspace)
