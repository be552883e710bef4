"""Figures in Prometheus' text format, of the installation and of a workspace."""

import re

import httpx
import pytest
from tests.conftest import Server
from tests.world import World, unknown_id

from localsign.version import VERSION

SAMPLE = re.compile(
    r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[\d.]+(?:e-?\d+)?)'
)
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def parsed(answer: httpx.Response) -> Samples:
    """The samples, which must be what the format allows: after HELP and TYPE of their metric, each once."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.text.endswith("\n")
    samples: Samples = {}
    family, kind = "", ""
    for line in answer.text.splitlines():
        if line.startswith("# HELP "):
            assert line.split(" ", 3)[2] != family
            family = line.split(" ", 3)[2]
        elif line.startswith("# TYPE "):
            assert line.split(" ")[2] == family
            kind = line.split(" ")[3]
            assert kind in {"counter", "gauge", "histogram"}
        else:
            match = SAMPLE.fullmatch(line)
            assert match, line
            suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
            assert match[1] in {family + suffix for suffix in suffixes}
            key = match[1], frozenset(LABEL.findall(match[2] or ""))
            assert key not in samples
            samples[key] = float(match[3])
    return samples


def of(samples: Samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0)


def test_requests_are_counted_by_operation_and_class_of_status(world: World) -> None:
    for _ in range(3):
        world.api.get("/sign/signing-sessions")
    world.api.get(f"/sign/signing-sessions/{unknown_id()}")
    world.api.get("/sign/nowhere")
    samples = parsed(world.anonymous.get("/_sandbox/metrics"))
    name = "localsign_requests_total"
    assert of(samples, name, api="sign", operation="list_signing_sessions", status="2xx") == 3
    assert of(samples, name, api="sign", operation="get_signing_session", status="4xx") == 1
    assert of(samples, name, api="none", operation="none", status="4xx") == 1
    assert of(samples, name, api="platform", operation="token", status="2xx") == 1


def test_durations_are_a_histogram(world: World) -> None:
    for _ in range(3):
        world.api.get("/sign/signing-sessions")
    samples = parsed(world.anonymous.get("/_sandbox/metrics"))
    labels = {"api": "sign", "operation": "list_signing_sessions"}
    name = "localsign_request_duration_seconds"
    buckets = sorted(
        (float(dict(told)["le"]), value)
        for (one, told), value in samples.items()
        if one == f"{name}_bucket" and set(labels.items()) <= told
    )
    assert [value for _, value in buckets] == sorted(value for _, value in buckets)
    assert buckets[-1] == (float("inf"), 3)
    assert of(samples, f"{name}_count", **labels) == 3
    assert 0 < of(samples, f"{name}_sum", **labels) < 60


def test_timers_are_counted_by_what_became_of_them(server: Server, world: World) -> None:
    world.session()
    samples = parsed(world.anonymous.get("/_sandbox/metrics"))
    assert of(samples, "localsign_timers", state="waiting") >= 1
    assert of(samples, "localsign_timers", state="failed") == 0
    assert of(samples, "localsign_journal_entries") == 4
    assert of(samples, "localsign_journal_bytes") > 0


def test_the_installation_counts_all_workspaces(server: Server, world: World) -> None:
    url = f"{server.url}/_sandbox/metrics"
    name, labels = "localsign_requests_total", {"api": "sign", "operation": "upload_document", "status": "2xx"}
    before = parsed(httpx.get(url))
    other = server.world()
    world.upload()
    other.upload()
    during = parsed(httpx.get(url))
    world.control("DELETE", f"workspaces/{other.name}")
    other.close()
    after = parsed(httpx.get(url))
    assert of(during, name, **labels) >= of(before, name, **labels) + 2
    assert of(after, name, **labels) >= of(during, name, **labels)  # a counter never falls
    assert of(after, "localsign_info", version=VERSION) == 1
    assert of(after, "localsign_workspaces") >= of(after, "localsign_workspaces_open") >= 1


def test_the_header_names_a_workspace_as_well(server: Server, world: World) -> None:
    answer = httpx.get(f"{server.url}/_sandbox/metrics", headers={"X-Sandbox-Workspace": world.name})
    assert {dict(labels).get("operation") for _, labels in parsed(answer)} == {"token", None}


def test_health_is_not_counted(world: World) -> None:
    world.anonymous.get("/_sandbox/health/ready")
    assert "ready" not in world.anonymous.get("/_sandbox/metrics").text


def test_a_workspace_that_is_deleted_meanwhile_does_not_matter(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = server.sandbox.create()
    opened = [*server.sandbox.opened()]
    server.sandbox.delete(gone.name)
    monkeypatch.setattr(server.sandbox, "opened", lambda: opened)
    assert gone in opened
    assert of(parsed(httpx.get(f"{server.url}/_sandbox/metrics")), "localsign_workspaces") > 0
