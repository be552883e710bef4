"""`doctor`: whether everything is as it should be, and what to do where it is not."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from localsign.cli import apps, output
from localsign.cli.calls import AsJson, Ca, Token, Url
from localsign.cli.exits import Exit
from localsign.cli.finding import address_of
from localsign.core.clock import wall

app = apps.single()
APPS = {"doctor": app}

OLDEST = (3, 11)
LITTLE = 200 << 20  # bytes of a disk that is nearly full
SKEW = timedelta(seconds=5)
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock that is right is before this
SECONDS = 5.0
AGAIN = "Install localsign again: pip install --force-reinstall localsign"
ELSEWHERE = "Take another port: localsign start --port 0"


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True)
class Finding:
    """What was found, in a sentence, and what to do about it."""

    check: str
    level: Level
    sentence: str
    remedy: str = ""


@dataclass(frozen=True)
class Patient:
    """What is looked at."""

    url: str
    control_token: str | None
    ca: Path | None
    data_dir: Path | None


@app.command("doctor")
def doctor(
    url: Url = None,
    control_token: Token = None,
    ca: Ca = None,
    data_dir: Annotated[
        Path | None, typer.Option(envvar="LOCALSIGN_DATA_DIR", help="The folder in which workspaces are kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check this machine, the installation and the server. Ends with 1 if something is bad."""
    asked, token = address_of(url, control_token)
    patient = Patient(asked, token, ca, data_dir)
    with output.busy("Looking"):
        findings = [one for check in CHECKS for one in check(patient)]
    if as_json:
        output.as_json([asdict(one) for one in findings])
    else:
        output.table(["check", "", "what", "what to do"], [[*asdict(one).values()] for one in findings])
    if any(one.level is Level.BAD for one in findings):
        raise typer.Exit(Exit.ERROR)


# ---- this machine


def python(_: Patient) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        yield Finding("python", Level.BAD, f"Python {version} is too old.", "Use Python 3.11 or newer.")
    else:
        yield Finding("python", Level.OK, f"Python {version} at {sys.executable}.")


def disk(patient: Patient) -> Iterator[Finding]:
    folder = patient.data_dir or Path(tempfile.gettempdir())
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    told = f"{free >> 20} MiB are free in {folder}."
    if free < LITTLE:
        yield Finding("disk", Level.BAD, told, "Make room, or choose another --data-dir.")
    else:
        yield Finding("disk", Level.OK, told)


def data(patient: Patient) -> Iterator[Finding]:
    folder = patient.data_dir
    if folder is None:
        yield Finding("data folder", Level.OK, "Workspaces live in memory: no data folder is set.")
        return
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    if folder.exists() and not folder.is_dir():
        yield Finding("data folder", Level.BAD, f"{folder} is no folder.", "Choose another --data-dir.")
    elif not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        remedy = "Give this user the right to write there, or choose another --data-dir."
        yield Finding("data folder", Level.BAD, f"{there} cannot be written to.", remedy)
    else:
        yield Finding("data folder", Level.OK, f"{folder} can be written to.")


def clock(_: Patient) -> Iterator[Finding]:
    now = wall()
    if now < BUILT:
        remedy = "Set the clock: tokens and certificates would be of another time."
        yield Finding("clock", Level.BAD, f"The clock of this machine says {now:%Y-%m-%d %H:%M}.", remedy)
    else:
        yield Finding("clock", Level.OK, f"It is {now:%Y-%m-%d %H:%M:%S} UTC.")


def docker(_: Patient) -> Iterator[Finding]:
    program = shutil.which("docker")
    if program is None:
        yield Finding("docker", Level.OK, "No docker: only needed to run localsign in a container.")
        return
    try:
        done = subprocess.run(
            [program, "info", "-f", "{{.ServerVersion}}"], capture_output=True, text=True, timeout=SECONDS, check=False
        )
        version = done.stdout.strip() if done.returncode == 0 else ""
    except (OSError, subprocess.TimeoutExpired):
        version = ""
    if version:
        yield Finding("docker", Level.OK, f"Docker {version}.")
    else:
        yield Finding(
            "docker",
            Level.WARNING,
            "Docker is installed, and its engine does not answer.",
            "Start it, to run localsign in a container.",
        )


# ---- the installation


def files(_: Patient) -> Iterator[Finding]:
    from localsign.resources import fixtures_folder, openapi_folder

    samples, documents = fixtures_folder() / "documents", openapi_folder()
    for name, path in (("samples", samples / "agreement.pdf"), ("documents", documents / "sandbox.json")):
        if path.is_file():
            yield Finding(name, Level.OK, f"They are in {path.parent}.")
        else:
            yield Finding(
                name,
                Level.BAD,
                f"{path} is missing.",
                "Install localsign again: pip install --force-reinstall localsign",
            )


def fonts(_: Patient) -> Iterator[Finding]:
    """The font of stamps and reports comes with a library."""
    try:
        import reportlab
    except ImportError:
        yield Finding(
            "fonts",
            Level.BAD,
            "reportlab is missing.",
            "Install localsign again: pip install --force-reinstall localsign",
        )
        return
    found = sorted((Path(reportlab.__file__).parent / "fonts").glob("Vera*.ttf"))
    if found:
        yield Finding("fonts", Level.OK, f"{len(found)} fonts for stamps and reports.")
    else:
        yield Finding(
            "fonts",
            Level.BAD,
            "The fonts of reportlab are missing.",
            "Install it again: pip install --force-reinstall reportlab",
        )


# ---- the server


def server(patient: Patient) -> Iterator[Finding]:
    import httpx

    from localsign.client.transports import network
    from localsign.version import VERSION

    try:
        trusted = network(patient.url, patient.ca)
        answer = httpx.get(f"{patient.url}/_sandbox/health/ready", trust_env=False, timeout=SECONDS, verify=trusted)
    except OSError as error:
        told = f"{patient.ca} cannot be read as PEM: {error}"
        yield Finding("server", Level.BAD, told, "Name the authority of the server: --ca, or LOCALSIGN_CA.")
        return
    except httpx.HTTPError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            told = f"The certificate of {patient.url} is not trusted."
            yield Finding("server", Level.BAD, told, "Name the authority of the server: --ca, or LOCALSIGN_CA.")
            return
        yield from _nobody(patient.url)
        return
    theirs = answer.headers.get("X-Sandbox", "")
    if not theirs.startswith("localsign/"):
        yield Finding(
            "server",
            Level.BAD,
            f"Something else than localsign answers at {patient.url}.",
            "Take another port: localsign start --port 0",
        )
        return
    if answer.status_code != httpx.codes.OK:
        yield Finding("server", Level.WARNING, f"The server at {patient.url} is not ready yet.", "Wait: localsign wait")
    else:
        yield Finding("server", Level.OK, f"The server at {patient.url} is ready.")
    version = theirs.partition("/")[2]
    if version == VERSION:
        yield Finding("version", Level.OK, f"It is localsign {version}, as this command.")
    else:
        remedy = "Start the server anew, or install the same version on both sides."
        yield Finding("version", Level.WARNING, f"It is localsign {version}, this command {VERSION}.", remedy)
    yield from _skew(answer.headers.get("Date", ""))
    yield from _control(patient)


def _nobody(url: str) -> Iterator[Finding]:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    with socket.socket(socket.AF_INET6 if ":" in (parts.hostname or "") else socket.AF_INET) as one:
        one.settimeout(SECONDS)
        is_taken = one.connect_ex((parts.hostname or "127.0.0.1", port)) == 0
    if is_taken:
        yield Finding(
            "server",
            Level.BAD,
            f"Something listens on port {port} and does not speak HTTP.",
            "Take another port: localsign start --port 0",
        )
    else:
        yield Finding(
            "server", Level.WARNING, f"Nobody answers at {url}; port {port} is free.", "Start a server: localsign start"
        )


def _skew(date: str) -> Iterator[Finding]:
    if not date:
        return
    skew = abs(parsedate_to_datetime(date) - wall())
    if skew > SKEW:
        remedy = "Set both clocks: client libraries check tokens with theirs."
        yield Finding(
            "clocks",
            Level.WARNING,
            f"The server's clock differs from this one by {skew.total_seconds():.0f} s.",
            remedy,
        )


def _control(patient: Patient) -> Iterator[Finding]:
    from localsign import Sandbox, SandboxError

    try:
        with Sandbox(url=patient.url, control_token=patient.control_token, ca=patient.ca) as sandbox:
            count = len(sandbox.workspaces())
    except SandboxError as error:
        yield Finding(
            "control",
            Level.BAD,
            error.message,
            "Give the token of the server: --control-token, or LOCALSIGN_CONTROL_TOKEN.",
        )
    else:
        yield Finding("control", Level.OK, f"The control plane answers; workspaces: {count}.")


CHECKS: list[Callable[[Patient], Iterator[Finding]]] = [python, clock, disk, data, docker, files, fonts, server]
