"""The routes that each API adds to the control plane, apart from the others: who needs one imports one."""

from dataclasses import replace

from fastapi import APIRouter

from localsign.apis import APIS, Entry
from localsign.control.errors import render
from localsign.core.api import Api


def added_by(entry: Entry) -> Api:
    """The manifest of what one API adds. It belongs to the control plane, and so do its evidence and its errors."""
    return Api(
        name="sandbox",
        mount="/_sandbox/v1",
        title="localsign: control plane",
        version="1",
        routers=(_router(entry),),
        render_error=render,
    )


def whole() -> Api:
    """The control plane with everything that is added to it, for who describes it."""
    from localsign.control.api import API

    added = APIRouter(prefix="/v1")
    for entry in APIS:
        if entry.control:
            added.include_router(_router(entry))
    return replace(API, routers=(*API.routers, added))


def _router(entry: Entry) -> APIRouter:
    assert entry.api.control is not None
    return entry.api.control
