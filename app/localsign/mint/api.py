"""The manifest of Mint: one engine, and the faces on it that live under `/mint`."""

from localsign.core.aliases import aliases
from localsign.core.api import Api
from localsign.mint import errors, pages
from localsign.mint.control import router as control
from localsign.mint.current import extensions, routes
from localsign.mint.engine import journeys, runner
from localsign.mint.events import EVENTS, SENDER
from localsign.mint.lifecycle import JOURNEY, VERSION
from localsign.mint.people import PEOPLE
from localsign.mint.seeds import SEEDS
from localsign.mint.switches import SWITCHES
from localsign.mint.v1 import file_routes, flow_routes, instance_routes, report_routes, template_routes
from localsign.signicat.events import publish

# Literal paths in front of those that an id would match.
V1 = (
    report_routes.router,
    file_routes.viewer,
    file_routes.editor,
    flow_routes.viewer,
    flow_routes.editor,
    instance_routes.viewer,
    instance_routes.editor,
    template_routes.viewer,
    template_routes.editor,
)

API = Api(
    name="mint",
    mount="/mint",
    title="Signicat Mint API",
    version="1",
    routers=(
        aliases("mint", "/mint", routes.viewer, routes.editor),  # in front: one is literal where another has an id
        routes.viewer,
        routes.editor,
        extensions.viewer,
        extensions.editor,
        extensions.uploads,
        aliases("mint", "/mint", *V1),  # in front: some are literal where v1 has an id
        *V1,
        pages.router,
        pages.public,
    ),
    render_error=errors.render,
    machines=(JOURNEY, VERSION),
    timers={
        "mint.run": runner.due,
        "mint.cancel": journeys.cancel_due,
        "mint.forget": journeys.forget_due,
    },
    control=control,
    switches=SWITCHES,
    people=PEOPLE,
    publish=publish,
    events=EVENTS,
    sender=SENDER,
    seeds=SEEDS,
)
