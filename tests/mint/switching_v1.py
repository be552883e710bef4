"""What each switch of Mint v1 changes: a scenario gives an answer that differs with each value."""

from collections.abc import Callable

from tests.mint.flows import step
from tests.mint.v1_flows import V1
from tests.world import World


def csv_bom(world: World) -> object:
    return world.api.get("/mint/instances/csv").content[:3]


def form_files(world: World) -> object:
    v1 = V1(world)
    instance = v1.run(step("form", "Form", fields=["name"]))["id"]
    v1.newer.act(instance, "complete")
    [form] = v1.read(instance)["forms"]
    path = f"/mint/flows/forms/{form['formId']}/submissions/{form['submissionId']}/files"
    return world.api.get(path).headers["content-type"]


def lists(world: World) -> object:
    return [type(world.api.get(f"/mint/{path}").json()) for path in ("flows", "instances")]


SCENARIOS: dict[str, Callable[[World], object]] = {
    "mint.csv-bom": csv_bom,
    "mint.form-files": form_files,
    "mint.v1-lists": lists,
}
