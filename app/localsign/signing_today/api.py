"""The manifest of Signing Today Web 2.0.0."""

from fastapi import APIRouter

from localsign.core.api import Api
from localsign.signing_today import (
    account_control,
    account_switches,
    actions,
    control,
    dst_switches,
    errors,
    events,
    pages,
    spelling,
)
from localsign.signing_today.lifecycle.dsts import TEMPLATE, TRANSACTION, TURN
from localsign.signing_today.lifecycle.people import ACCOUNT
from localsign.signing_today.people import PEOPLE
from localsign.signing_today.routes import (
    account_pages,
    creation,
    devices,
    dsts,
    identities,
    login,
    resources,
    robot_accounts,
    services,
    users,
)
from localsign.signing_today.seeds import SEEDS
from localsign.signing_today.service import downloads, flow

API = Api(
    name="signing-today",
    mount="/api",
    title="Signing Today Web",
    version="2.0.0",
    routers=(
        dsts.router,
        creation.router,
        resources.router,
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
        pages.router,
    ),
    render_error=errors.render,
    machines=(ACCOUNT, TRANSACTION, TEMPLATE, TURN),
    timers={flow.EXPIRY: flow.expire_due, downloads.DOWNLOAD: downloads.due, flow.BY_ITSELF: actions.sign_by_itself},
    control=APIRouter(routes=[*account_control.router.routes, *control.router.routes]),
    publish=events.publish,
    events=events.EVENTS,
    people=PEOPLE,
    seeds=SEEDS,
    switches=(*account_switches.SWITCHES, *dst_switches.SWITCHES, *spelling.SWITCHES),
    refusals=(
        "invalid_client",
        "invalid_grant",
        "invalid_request",
        "unsupported_grant_type",
    ),
)
