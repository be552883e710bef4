"""What each switch of Mint changes: a scenario gives an answer that differs with each value."""

from collections.abc import Callable

from tests.mint.flows import Mint, flow, id_of, step
from tests.mint.samples import sample
from tests.signer import Signer
from tests.world import World

WAIT = step("wait", "SuspendWorkflow")


def auto_publish(world: World) -> object:
    return Mint(world).create(flow(WAIT))["isPublished"]


def extensions(world: World) -> object:
    return world.api.get("/mint/secrets").status_code


def unknown_step_types(world: World) -> object:
    return world.api.post("/mint/workflows", json=flow(step("a", "Teleport"))).status_code


def automatic_cancel(world: World) -> object:
    """What the journey is after 2, 8, 31 and 91 days."""
    mint = Mint(world)
    started = mint.start(mint.create(flow(WAIT)))
    seen = []
    for days in (2, 6, 23, 60):
        world.advance(f"P{days}D")
        seen.append(mint.read(started)["status"])
    return seen


def return_url_life(world: World) -> object:
    """What the way back answers 61 seconds, 11 minutes and 61 minutes after the browser left."""
    mint = Mint(world)
    started = mint.start(mint.create(sample("contract-signing")))
    mint.act(started, "complete")
    url = world.api.post(f"/mint/journeys/{id_of(started)}/url", json={"timeToLive": 86_400}).json()["journeyUrl"]
    person = Signer(url)
    person.link = person.get().headers["location"]
    signing = Signer(person.get().headers["location"])
    back = signing.post({"action": "cancel"}).headers["location"]
    seen = []
    for wait in ("PT61S", "PT10M", "PT50M"):
        world.advance(wait)
        seen.append(person.request("GET", back).status_code)
    return seen


def zero_ttl(world: World) -> object:
    mint = Mint(world)
    started = mint.start(mint.create(flow(WAIT)))
    url = world.api.post(f"/mint/journeys/{id_of(started)}/url", json={"timeToLive": 0}).json()["journeyUrl"]
    return world.anonymous.get(url).status_code


def nothing_published(world: World) -> object:
    workflow = Mint(world).create(flow(WAIT))
    world.api.post(f"/mint/workflows/{workflow['id']}/unpublish")
    return world.api.post(f"/mint/workflows/{workflow['id']}/start", json={}).status_code


SCENARIOS: dict[str, Callable[[World], object]] = {
    "mint.auto-publish": auto_publish,
    "mint.automatic-cancel": automatic_cancel,
    "mint.extensions": extensions,
    "mint.nothing-published": nothing_published,
    "mint.return-url-life": return_url_life,
    "mint.unknown-step-types": unknown_step_types,
    "mint.zero-ttl": zero_ttl,
}
