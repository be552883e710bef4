"""Reports of very many instances: how soon they begin, how long they take, how much memory the server needs for them.

`python -m benchmarks.reports 100000` prints a line of JSON for each. The instances are copies of one of four steps,
put into the database by themselves, because to run so many takes longer than to measure.
"""

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from localsign.asgi import create_app
from localsign.core.work import Work
from localsign.mint.models import Journey, LogRecord
from localsign.sandbox import Sandbox
from localsign.settings import Settings

_AT_ONCE = 1000


def main() -> None:
    count = int(sys.argv[1])
    sandbox = Sandbox(Settings())
    with serving(sandbox) as url:
        api = logged_in(url)
        run_one(api)
        with sandbox.default.work() as work:
            copy(work, count - 1)
        take(api, "/mint/instances/pdf?limit=100")  # what is imported and cached once
        for kind in ("csv", "pdf"):
            print(json.dumps({"report": kind, **take(api, f"/mint/instances/{kind}")}), flush=True)
    sandbox.close()


@contextmanager
def serving(sandbox: Sandbox) -> Iterator[str]:
    """A server in this process, so that the memory of both can be seen."""
    app = create_app(sandbox)
    app.build()
    running = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", ws="none"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    while not running.started:
        thread.join(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(10)


def logged_in(url: str) -> httpx.Client:
    form, client = {"grant_type": "client_credentials"}, ("localsign", "localsign-secret")
    token = httpx.post(f"{url}/auth/open/connect/token", data=form, auth=client).json()["access_token"]
    return httpx.Client(base_url=url, timeout=600, headers={"Authorization": f"Bearer {token}"})


def run_one(api: httpx.Client) -> None:
    steps = [{"id": f"step-{number}", "type": "SetVariable", "properties": {}} for number in range(4)]
    links = [{"sourceStepId": f"step-{number}", "targetStepId": f"step-{number + 1}"} for number in range(3)]
    made = api.post("/mint/flows", json={"title": "Onboarding", "steps": steps, "connections": links}).json()
    api.post(f"/mint/flows/{made['definitionId']}/publish").raise_for_status()
    started = api.post(
        f"/mint/flows/{made['definitionId']}/execute", json={"input": {"correlationId": "order-1"}}
    ).json()
    while api.get(f"/mint/instances/{started['instanceId']}").json()["status"] != "Finished":
        time.sleep(0.05)


def copy(work: Work, count: int) -> None:
    """So many more of the one instance there is, each with its log."""
    [instance], log = values(work, Journey), values(work, LogRecord)
    for start in range(0, count, _AT_ONCE):
        numbers = range(start, min(start + _AT_ONCE, count))
        ids = [work.new_id() for _ in numbers]
        moments = [instance["created_at"] + timedelta(seconds=number) for number in numbers]
        names = [f"Customer {number}" for number in numbers]
        made = zip(ids, moments, names, strict=True)
        work.insert(Journey, *({**instance, "id": one, "created_at": at, "name": name} for one, at, name in made))
        work.insert(LogRecord, *({**line, "id": work.new_id(), "journey_id": one} for one in ids for line in log))


def values(work: Work, model: Any) -> list[dict[str, Any]]:
    names = [one.key for one in model.__table__.c if one.key != "seq"]
    return [{name: getattr(row, name) for name in names} for row in work.everything(model)]


def take(api: httpx.Client, path: str) -> dict[str, float]:
    """Read a report and keep nothing of it."""
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    before, size, first = memory("VmRSS"), 0, 0.0
    start, spent = time.perf_counter(), time.process_time()
    with api.stream("GET", path) as answer:
        answer.raise_for_status()
        for piece in answer.iter_raw():
            first = first or time.perf_counter() - start
            size += len(piece)
    return {
        "first_byte_s": round(first, 2),
        "whole_s": round(time.perf_counter() - start, 1),
        "cpu_s": round(time.process_time() - spent, 1),
        "megabytes": round(size / 1e6, 1),
        "memory_mib": round((memory("VmHWM") - before) / 1024, 1),
    }


def memory(name: str) -> int:
    """KiB."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    [line] = [line for line in lines if line.startswith(f"{name}:")]
    return int(line.split()[1])


if __name__ == "__main__":
    main()
