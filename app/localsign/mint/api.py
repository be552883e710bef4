"""The manifest of Mint: one engine, and the faces on it that live under `/mint`."""

from localsign.core.aliases import aliases
from localsign.core.api import Api
from localsign.mint import errors, pages
from localsign.mint.control import router as control
from localsign.mint.current import extensions, routes
from localsign.mint.engine import journeys, runner
from localsign.mint.events import EVENTS, SENDER
from localsign.mint.lifecycle import JOURNEY, VERSION
from localsign.mint.listening import LISTENS
from localsign.mint.people import PEOPLE
from localsign.mint.switches import SWITCHES
from localsign.signicat.events import publish

API = Api(
    name="mint",
    mount="/mint",
    title="Signicat Mint API",
    version="1",
    routers=(
        routes.viewer,
        routes.editor,
        extensions.viewer,
        extensions.editor,
        extensions.uploads,
        aliases("mint", "/mint", routes.viewer, routes.editor),
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
    listens=LISTENS,
)
