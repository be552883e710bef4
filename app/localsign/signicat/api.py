"""The manifest of the platform's authentication host."""

from localsign.core.api import Api
from localsign.signicat import errors, routes
from localsign.signicat.control import router as control
from localsign.signicat.seeds import SEEDS
from localsign.signicat.switches import SWITCHES

API = Api(
    name="platform",
    mount="/auth/open",
    title="Signicat platform: authentication",
    version="1",
    routers=(routes.router,),
    render_error=errors.render,
    control=control,
    switches=SWITCHES,
    seeds=SEEDS,
    refusals=(
        "invalid_client",
        "invalid_request",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
    ),
)
