"""The manifest of Signing Today Web 2.0.0."""

from localsign.core.api import Api
from localsign.signing_today import errors
from localsign.signing_today.lifecycle.people import ACCOUNT
from localsign.signing_today.routes import login, unbuilt

API = Api(
    name="signing-today",
    mount="/api",
    title="Signing Today Web",
    version="2.0.0",
    routers=(login.router, login.mine, unbuilt.router),
    render_error=errors.render,
    machines=(ACCOUNT,),
)
