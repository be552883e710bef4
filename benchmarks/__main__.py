"""`make bench`: every figure of docs/performance.md in one run.

The server and the load run on different cores, and each rate is taken beside a FastAPI hello with a response
model (b), in turns, so that a machine that drifts drifts for both.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.signing import request, session_request, world_with_sessions
from localsign import Sandbox as Face
from localsign.core.house import House
from localsign.sandbox import Sandbox
from localsign.settings import Settings

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS_EACH", "2"))
MANY = 100_000


def main() -> None:
    with (
        server("-m", "uvicorn", "benchmarks.hello:app", "--port", "8701", "--no-access-log"),
        server("-m", "localsign", "serve", "--port", "8702") as localsign,
    ):
        wait_for("http://127.0.0.1:8701/")
        wait_for("http://127.0.0.1:8702/_sandbox/health/ready")
        time.sleep(2)  # until it is warm and idle
        memory = resident(localsign.pid)
        rates()
    lists()
    starting()
    in_process()
    reports()
    show("idle memory", f"{memory:.0f} MiB", "at most 130 MiB")


def show(what: str, figure: str, goal: str = "") -> None:
    print(f"{what:<44}{figure:<44}{goal}", flush=True)


# ---- over HTTP


def rates() -> None:
    """GET and create, in multiples of b."""
    world = world_with_sessions("http://127.0.0.1:8702", 1)
    reading = request(world, "GET", f"/sign/signing-sessions/{world.sessions[0]}")
    creating = request(world, "POST", "/sign/signing-sessions", [session_request(world)])
    taken: dict[str, list[float]] = {"b": [], "get": [], "create": []}
    for _ in range(ROUNDS):
        taken["b"].append(load(8701, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        taken["get"].append(load(8702, reading))
        taken["create"].append(load(8702, creating))
    show("FastAPI hello with a response model (b)", spread(taken["b"], "/s"))
    for name, what, goal in (
        ("get", "GET session", "at least 0.25 b"),
        ("create", "create a session", "at least 0.12 b"),
    ):
        ratios = [rate / base for rate, base in zip(taken[name], taken["b"], strict=True)]
        show(what, f"{spread(ratios, ' b', 3)}   {statistics.median(taken[name]):.0f}/s", goal)


def lists() -> None:
    """The 10 newest of few and of many, with the total, in turns; the server that is not asked is idle."""
    spent: dict[int, list[float]] = {100: [], MANY: []}
    with (
        server("-m", "localsign", "serve", "--port", "8703"),
        server("-m", "localsign", "serve", "--port", "8704"),
    ):
        asking = {}
        for port, count in ((8703, 100), (8704, MANY)):
            wait_for(f"http://127.0.0.1:{port}/_sandbox/health/ready")
            world = world_with_sessions(f"http://127.0.0.1:{port}", count)
            asking[count] = port, request(world, "GET", "/sign/signing-sessions?limit=10")
        for _ in range(ROUNDS):
            for count, (port, asked) in asking.items():
                spent[count].append(1000 / load(port, asked, connections=1))
    few, many = statistics.median(spent[100]), statistics.median(spent[MANY])
    ratio = statistics.median(a / b for a, b in zip(spent[MANY], spent[100], strict=True))
    show(f"list 10 newest of 100 and of {MANY:,}", f"{few:.2f} and {many:.2f} ms, {ratio:.2f} x", "at most 1.3 x")


def load(port: int, asked: bytes, connections: int = 8) -> float:
    """Answers per second, from the second core."""
    command = [*pinned(1), sys.executable, "-m", "benchmarks.load", f"127.0.0.1:{port}", str(SECONDS), str(connections)]
    result = subprocess.run(command, input=asked, capture_output=True, check=True)
    measured = json.loads(result.stdout)
    assert not measured["failed"], f"{measured['failed']:.0f} requests were refused"
    return float(measured["per_second"])


# ---- starting


def starting() -> None:
    """From nothing to ready, beside importing what it stands on."""
    imports, ready = [], []
    for _ in range(ROUNDS):
        imports.append(
            timed(
                lambda: subprocess.run(
                    [*pinned(0), sys.executable, "-c", "import fastapi, sqlmodel, uvicorn"], check=True
                )
            )
        )
        ready.append(timed(start_and_stop))
    ratio = statistics.median(a / b for a, b in zip(ready, imports, strict=True))
    figures = f"{statistics.median(ready):.2f} s, imports alone {statistics.median(imports):.2f} s, {ratio:.2f} x"
    show("ready", figures, "at most 1.5 x")


def start_and_stop() -> Callable[[], None]:
    process = subprocess.Popen(
        [*pinned(0), sys.executable, "-m", "localsign", "serve", "--port", "0", "--json"], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    address = json.loads(process.stdout.readline())["url"]
    assert httpx.get(f"{address}/_sandbox/health/ready").status_code == 200

    def stop() -> None:
        process.terminate()
        process.wait(10)
        process.stdout.close()  # type: ignore[union-attr]

    return stop


def timed(run: Callable[[], Any]) -> float:
    """Seconds; what `run` returns is called afterwards, if it can be."""
    start = time.perf_counter()
    after = run()
    spent = time.perf_counter() - start
    if callable(after):
        after()
    return spent


# ---- in process


def in_process() -> None:
    """A new workspace, and a signed PDF."""
    sandbox = Sandbox(Settings())
    sandbox.create()
    for what, pause in (("after a pause", 0.02), ("one after the other", 0.0)):
        spent = []
        for _ in range(200):
            time.sleep(pause)
            spent.append(timed(lambda: sandbox.create() and None) * 1000)
        show(f"new workspace, {what}", f"{statistics.median(spent):.2f} ms", "at most 3 ms")
    sandbox.close()
    worlds_of_tests()
    from localsign.core.clock import wall
    from localsign.core.sealing.pdf import Seal, seal_pdf
    from localsign.resources import fixtures_folder

    authority = House(Settings()).authority
    pdf = (fixtures_folder() / "documents" / "agreement.pdf").read_bytes()
    for number in range(35):
        if number == 5:
            spent = []
        seal = Seal("Ola Nordmann", str(number), wall(), number.to_bytes(32, "big"), "Signature1")
        spent.append(timed(lambda seal=seal: seal_pdf(authority, pdf, seal) and None) * 1000)  # type: ignore[misc]
    show("PAdES signature", f"{spread(spent, ' ms')}", "at most 80 ms")


def worlds_of_tests() -> None:
    """What a test waits for that asks for a workspace: made and dropped through the Python face, in each mode."""
    for mode in ("asgi", "thread", "subprocess"):
        made, dropped = [], []
        with Face(mode=mode) as sandbox:
            sandbox.workspace().close()
            time.sleep(2)  # until it is warm and idle
            for _ in range(100):
                time.sleep(0.02)  # a test
                begun = time.perf_counter()
                world = sandbox.workspace()
                made.append((time.perf_counter() - begun) * 1000)
                dropped.append(timed(lambda world=world: world.close()) * 1000)  # type: ignore[misc]
        show(f"workspace of a test, {mode}", f"{spread(made, ' ms', 1)}, dropped in {spread(dropped, ' ms', 1)}")


def reports() -> None:
    """All instances of a workspace that has very many, in a process of its own."""
    command = [*pinned(0), sys.executable, "-m", "benchmarks.reports", str(MANY)]
    for line in subprocess.run(command, capture_output=True, check=True).stdout.splitlines():
        one = json.loads(line)
        figures = f"{one['megabytes']} MB, first byte after {one['first_byte_s']} s, whole after {one['whole_s']} s"
        show(f"{one['report']} of {MANY:,} instances", f"{figures}, {one['memory_mib']} MiB", "at most 20 MiB")


# ---- help


@contextmanager
def server(*arguments: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A server on the first core."""
    process = subprocess.Popen(
        [*pinned(0), sys.executable, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


def pinned(core: int) -> list[str]:
    return ["taskset", "-c", str(core)] if sys.platform == "linux" and (os.cpu_count() or 1) > 1 else []


def wait_for(url: str) -> None:
    for _ in range(600):
        try:
            if httpx.get(url).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise SystemExit(f"{url} did not answer")


def resident(pid: int) -> float:
    """MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    [line] = [line for line in lines if line.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def spread(figures: list[float], unit: str, digits: int = 0) -> str:
    """The median, and the least and the most."""
    least, most = min(figures), max(figures)
    return f"{statistics.median(figures):.{digits}f}{unit} ({least:.{digits}f} to {most:.{digits}f})"


if __name__ == "__main__":
    main()
