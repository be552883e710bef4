"""A story told once, recorded, and told again by the file that was made of it, in another world."""

import ast
from types import SimpleNamespace
from typing import Any

import httpx
from _pytest.assertion.rewrite import rewrite_asserts
from tests.conftest import Server
from tests.world import NO_TLS, World


def exported(world: World, kind: str = "pytest", **filters: Any) -> httpx.Response:
    answer = world.anonymous.get(f"/_sandbox/v1/journal/{kind}", params=filters)
    assert answer.status_code == 200, answer.text
    return answer


def replay(server: Server, source: str, seed: str | None = None) -> None:
    """Run what was made in a new workspace."""
    world = server.world(seed=seed)
    scope: dict[str, Any] = {}
    code = source.replace("from localsign import Workspace\n", "Workspace = None\n")
    tree = ast.parse("\n".join(line for line in code.split("\n") if not line.startswith("@pytest.mark")))
    rewrite_asserts(tree, code.encode(), "made")
    exec(compile(tree, "made", "exec"), scope)
    http = SimpleNamespace(anonymous=world.anonymous, control=world.anonymous)
    scope["test_recorded"](SimpleNamespace(url=world.url, http=http, description=world.description))
    world.close()
