"""The manifest of the Events service."""

from localsign.core.api import Api
from localsign.core.deliveries import DELIVERY
from localsign.events import errors, routes
from localsign.events.control import router as control
from localsign.signicat.events import HEADER

API = Api(
    name="events",
    mount="/events-management",
    title="Signicat Events Management",
    version="1",
    routers=(routes.router,),
    render_error=errors.render,
    machines=(DELIVERY,),
    control=control,
    switches=(HEADER,),
    refusals=("too_many_subscriptions",),
)
