"""Fixtures of the faces: our own plugin, at the server that all tests share."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.faces.inner import modules_stay

from localsign import Sandbox

__all__ = ["modules_stay"]


@pytest.fixture(scope="session")
def localsign_server(server: Any) -> Iterator[Sandbox]:
    with Sandbox(server.url) as sandbox:
        yield sandbox
