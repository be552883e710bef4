"""What each switch of the Events service changes: a scenario gives an answer that differs with each value."""

from collections.abc import Callable

from tests.events.receiver import receiving, statuses, subscribe
from tests.world import World


def signature_header(world: World) -> object:
    with receiving() as receiver:
        subscribe(world, receiver.url)
        world.act(world.session(), "open")
        assert statuses(world) == [200]
        [call] = receiver.received
        return sorted(name for name in call.headers if name.endswith("-signature"))


SCENARIOS: dict[str, Callable[[World], object]] = {
    "events.signature-header": signature_header,
}
