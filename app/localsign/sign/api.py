"""The manifest of Sign API v2."""

from localsign.core.api import Api
from localsign.sign import actions, errors, pages, routes
from localsign.sign.control import router as control
from localsign.sign.events import EVENTS, SENDER
from localsign.sign.lifecycle import COLLECTION, DOCUMENT, PACKAGE, SESSION
from localsign.sign.people import PEOPLE
from localsign.sign.seeds import SEEDS
from localsign.sign.service import documents, sessions
from localsign.sign.switches import SWITCHES
from localsign.signicat.events import publish

API = Api(
    name="sign",
    mount="/sign",
    title="Signicat Sign API v2",
    version="0.0.1",  # of the reference that localsign follows
    routers=(routes.router, pages.router),
    render_error=errors.render,
    machines=(SESSION, DOCUMENT, COLLECTION, PACKAGE),
    timers={
        "sign.orphan": documents.orphan_due,
        "sign.purge": documents.purge_due,
        "sign.archive": actions.archive_due,
        "sign.session_due": sessions.due,
        "sign.package": actions.package_due,
    },
    control=control,
    switches=SWITCHES,
    people=PEOPLE,
    publish=publish,
    events=EVENTS,
    sender=SENDER,
    seeds=SEEDS,
    refusals=(
        "document_deleted",
        "signer_mismatch",
        "unsupported_media_type",
    ),
)
