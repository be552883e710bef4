"""The manifest of Signing Today Web 2.0.0."""

from localsign.core.api import Api
from localsign.signing_today import account_control, account_switches, errors
from localsign.signing_today.lifecycle.people import ACCOUNT
from localsign.signing_today.routes import (
    account_pages,
    devices,
    identities,
    login,
    robot_accounts,
    services,
    unbuilt,
    users,
)

API = Api(
    name="signing-today",
    mount="/api",
    title="Signing Today Web",
    version="2.0.0",
    routers=(
        login.router,
        login.mine,
        users.router,
        users.creators,
        users.deleters,
        users.admins,
        identities.router,
        robot_accounts.router,
        devices.router,
        devices.mine,
        services.router,
        services.mine,
        services.superusers,
        services.admins,
        account_pages.router,
        unbuilt.router,
    ),
    render_error=errors.render,
    machines=(ACCOUNT,),
    control=account_control.router,
    switches=account_switches.SWITCHES,
)
