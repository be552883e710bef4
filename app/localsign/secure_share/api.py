"""The manifest of Secure Share API v1."""

from localsign.core.api import Api
from localsign.secure_share import errors, pages, routes
from localsign.secure_share.control import router as control
from localsign.secure_share.events import EVENTS, SENDER
from localsign.secure_share.lifecycle import RECIPIENT, SHARE
from localsign.secure_share.people import PEOPLE
from localsign.secure_share.seeds import SEEDS
from localsign.secure_share.service import shares
from localsign.secure_share.switches import SWITCHES
from localsign.signicat.events import publish

API = Api(
    name="secure-share",
    mount="/secure-share",
    title="Signicat Secure Share API",
    version="v1",
    routers=(routes.router, pages.router),
    render_error=errors.render,
    machines=(SHARE, RECIPIENT),
    timers={"secure-share.expire": shares.expire_due},
    control=control,
    switches=SWITCHES,
    people=PEOPLE,
    publish=publish,
    events=EVENTS,
    sender=SENDER,
    seeds=SEEDS,
    refusals=(
        "gone",
        "not_notified",
        "nothing_to_download",
        "payload_too_large",
    ),
)
