"""A story of every API is recorded, and the file that was made of it passes in other worlds."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import Server
from tests.recording.replaying import exported, replay
from tests.recording.stories import STORIES, Story


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_recorded_story_passes_again(server: Server, story: Story) -> None:
    world = server.world()
    story(world, server)
    source = exported(world).text
    world.close()
    assert "\n# Entry" not in source, "there is nothing that could not be traced"
    replay(server, source)
    replay(server, source, seed="another")


def test_what_was_recorded_with_a_seed_passes_on_a_new_server(server: Server, tmp_path: Path) -> None:
    for story in STORIES:
        world = server.world(seed="7")
        story(world, server)
        source = exported(world).text
        world.close()
        assert '@pytest.mark.localsign(seed="7")\ndef test_recorded(' in source
        (tmp_path / f"test_{story.__name__}.py").write_text(source)
    words = ["-p", "localsign.pytest_plugin", "-p", "no:cacheprovider", "--strict-markers", "-W", "error", "-q"]
    others = {name: value for name, value in os.environ.items() if not name.startswith(("LOCALSIGN_", "PYTEST_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=tmp_path,
        env={**others, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(STORIES)} passed" in done.stdout
