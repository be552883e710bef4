"""A story of every API is recorded, and the file that was made of it passes in other worlds."""

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


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_a_recorded_story_passes_with_its_seed(server: Server, story: Story) -> None:
    world = server.world(seed="7")
    story(world, server)
    source = exported(world).text
    world.close()
    assert '@pytest.mark.localsign(seed="7")\ndef test_recorded(' in source
    replay(server, source, seed="7")
