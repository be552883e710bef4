"""`start`, `stop`, `status`: a server in the background, one for each state file."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from localsign.cli import apps, output
from localsign.cli.calls import AsJson, Ca, Token, Url
from localsign.cli.exits import Exit, fail
from localsign.cli.finding import Running, address_of, state_file
from localsign.cli.usual import DataDir, Host, Port, Tls, TlsCert, TlsKey, TlsName, Workers

starting = apps.single()
stopping = apps.single()
asking = apps.single()
APPS = {"start": starting, "stop": stopping, "status": asking}

_TICK = 0.05
_LAST_LINES = 15
_ANNOUNCES = '"addresses"'
StateFile = Annotated[
    Path | None,
    typer.Option("--state-file", help="Where it is written which server runs. [default: a file of this user]"),
]


@starting.command("start")
def start(
    host: Host = None,
    port: Port = None,
    data_dir: DataDir = None,
    workers: Workers = None,
    tls: Tls = None,
    tls_name: TlsName = None,
    tls_cert: TlsCert = None,
    tls_key: TlsKey = None,
    state: StateFile = None,
    log: Annotated[
        Path | None, typer.Option("--log-file", help="What it says. [default: beside the state file]")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that it may take to become ready.", min=0)] = 30,
    as_json: AsJson = False,
) -> None:
    """Start a server in the background, and wait until it is ready. Flags win over LOCALSIGN_* in the environment."""
    path = state_file(state).absolute()
    log = (log or path.with_suffix(".log")).absolute()
    flags: list[tuple[str, object]] = [
        ("--host", host),
        ("--port", port),
        ("--data-dir", data_dir and data_dir.absolute()),
        ("--workers", workers),
        ("--tls", tls),
        *(("--tls-name", one) for one in tls_name or ()),
        ("--tls-cert", tls_cert),
        ("--tls-key", tls_key),
    ]
    words = [word for flag, value in flags if value is not None for word in (flag, str(value))]
    with _alone(path):
        running = Running.read(path)
        if running is not None and runs(running):
            fail(
                Exit.ALREADY_RUNS,
                f"one runs already at {running.url} (process {running.pid}). End it with: localsign stop",
            )
        with output.busy("Starting localsign"):
            running = _started(words, log, timeout)
        running.write(path)
    if as_json:
        output.as_json(_shown(running))
    else:
        typer.echo(f"localsign runs at {running.url} (process {running.pid}).")
        typer.echo(f"Its log is {running.log}. End it with: localsign stop")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Only one process at a time starts a server for a state file."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("w")
    except OSError as error:
        fail(Exit.BAD_CONFIGURATION, f"cannot write to {path.parent}: {error.strerror}. Choose another --state-file.")
    with lock:
        try:
            import fcntl
        except ImportError:  # a system without them
            pass
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _started(words: list[str], log: Path, timeout: float) -> Running:
    """A new server, as soon as it is ready."""
    from localsign.core.clock import wall
    from localsign.version import VERSION

    began = wall()
    with log.open("ab") as file:
        begins = file.tell()
        process = subprocess.Popen(
            [sys.executable, "-m", "localsign", "serve", "--json", *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    announced = _announced(process, log, begins, timeout)
    return Running(
        url=announced["url"],
        pid=process.pid,
        log=str(log),
        started_at=began.isoformat(timespec="seconds").replace("+00:00", "Z"),
        version=announced.get("version", VERSION),
        control_token=announced.get("control_token"),
        data_dir=announced.get("data_dir"),
    )


def _announced(process: "subprocess.Popen[bytes]", log: Path, begins: int, timeout: float) -> dict[str, Any]:
    """What it says when it is ready; it is ended if that takes too long."""
    import json

    deadline = time.monotonic() + timeout
    while True:
        said = log.read_bytes()[begins:].decode("utf-8", "replace")
        for line in said.splitlines(keepends=True):
            if line.startswith("{") and line.endswith("\n") and _ANNOUNCES in line:
                return dict(json.loads(line))
        code = process.poll()
        last = "\n".join(said.splitlines()[-_LAST_LINES:])
        if code is not None:
            known = code in set(Exit) and code != Exit.OK
            fail(Exit(code) if known else Exit.ERROR, f"it did not start:\n{last}" if last else "it did not start.")
        if time.monotonic() >= deadline:
            process.terminate()
            fail(Exit.NOT_READY, f"it was not ready within {timeout:g} s. Give it more time with --timeout.\n{last}")
        time.sleep(_TICK)


@stopping.command("stop")
def stop(
    state: StateFile = None,
    timeout: Annotated[float, typer.Option(help="Seconds that it may take to end.", min=0)] = 15,
    as_json: AsJson = False,
) -> None:
    """End the server in the background, and wait until it has ended."""
    path = state_file(state)
    running = Running.read(path)
    if running is None or not runs(running):
        path.unlink(missing_ok=True)
        fail(Exit.NOT_RUNNING, "none runs in the background. Start one with: localsign start")
    with output.busy("Stopping localsign"):
        os.kill(running.pid, signal.SIGTERM)
        deadline = time.monotonic() + timeout
        while is_alive(running.pid):
            if time.monotonic() >= deadline:
                fail(Exit.ERROR, f"process {running.pid} did not end within {timeout:g} s. Its log is {running.log}.")
            time.sleep(_TICK)
    path.unlink(missing_ok=True)
    if as_json:
        output.as_json({"stopped": running.pid, "url": running.url})
    else:
        typer.echo(f"The server at {running.url} has ended.")


@asking.command("status")
def status(
    url: Url = None, control_token: Token = None, ca: Ca = None, state: StateFile = None, as_json: AsJson = False
) -> None:
    """Say which server runs, and whether it is ready. Ends with 12 if none does."""
    from localsign.probe import refusal

    running = Running.read(state_file(state))
    if running is not None and not runs(running):
        running = None
    if url is None and state is not None and running is not None:
        url = running.url
    asked, token = address_of(url, control_token or (running.control_token if running else None))
    ready = refusal(asked, ca) is None
    told: dict[str, Any] = {"url": asked, "is_ready": ready}
    if running is not None and running.url == asked:
        told |= _shown(running)
    if ready:
        told |= _told_by(asked, token, ca)
    if as_json:
        output.as_json(told)
    else:
        output.fields({name: value for name, value in told.items() if value is not None})
    if not ready:
        raise typer.Exit(Exit.NOT_RUNNING)


def _told_by(url: str, token: str | None, ca: Path | None) -> dict[str, Any]:
    import httpx

    from localsign import Sandbox, SandboxError
    from localsign.client.transports import network

    found: dict[str, Any] = {}
    try:
        answer = httpx.get(f"{url}/_sandbox/health/ready", trust_env=False, verify=network(url, ca))
        found["version"] = answer.headers.get("X-Sandbox", "").partition("/")[2] or None
        with Sandbox(url=url, control_token=token, ca=ca) as sandbox:
            found["workspaces"] = [one["name"] for one in sandbox.workspaces()]
    except (SandboxError, httpx.HTTPError) as error:
        found["refused"] = str(error)
    return found


def _shown(running: Running) -> dict[str, Any]:
    return {
        "url": running.url,
        "pid": running.pid,
        "started_at": running.started_at,
        "version": running.version,
        "log": running.log,
        "data_dir": running.data_dir,
    }


def runs(running: Running) -> bool:
    """Whether it still runs: a process may have got the number of one that has ended."""
    try:
        return b"localsign" in Path(f"/proc/{running.pid}/cmdline").read_bytes()  # empty when it has ended
    except OSError:
        from localsign.probe import refusal

        return is_alive(running.pid) and refusal(running.url) is None


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has asked about does not."""
    if sys.platform == "win32":  # where signal 0 would interrupt it
        listed = subprocess.run(
            ["tasklist", "/NH", "/FI", f"PID eq {pid}"], capture_output=True, text=True, check=False
        )
        return str(pid) in listed.stdout.split()
    try:
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return False
    except (OSError, IndexError):
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # of somebody else
        return True
    return True
