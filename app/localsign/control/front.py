"""What a browser gets that asks for no API: a page that says what is here. Programs get the error as it is."""

from functools import partial
from typing import Any

from fastapi import Response

from localsign.apis import APIS
from localsign.core import pages
from localsign.core.errors import ApiError
from localsign.core.http import RenderError
from localsign.version import VERSION


def front(state: dict[str, Any], path: str) -> RenderError:
    """What shows that there is no API at `path`. At the root nothing is wrong, and the status is 200. Slow at first."""
    is_root = path.removeprefix(state["prefix"]) == "/"
    facts = {
        "workspace": state["workspace"].name,
        "base_url": state["base_url"],
        "control": f"{state['base_url']}/_sandbox",
        "apis": [entry.api for entry in APIS],
        "version": VERSION,
    }
    return partial(_page, is_root=is_root, facts=facts)


def _page(refusal: ApiError, _trace_id: str, *, is_root: bool, facts: dict[str, Any]) -> Response:
    status = 200 if is_root else refusal.status
    return pages.page("control/front.html", status, is_root=is_root, **facts)
