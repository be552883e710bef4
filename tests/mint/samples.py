"""The workflows of the fixtures."""

import json

from tests.world import Json

from localsign.resources import fixtures_folder


def sample(name: str) -> Json:
    """The request that creates the workflow `name`."""
    path = fixtures_folder() / "mint" / "workflows" / f"{name}.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))
