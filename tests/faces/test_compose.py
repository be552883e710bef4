"""compose.yaml: three names, and what it takes that links lead people to the right one."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from tests.faces.processes import free_port

from localsign.serving import serving
from localsign.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "compose"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]


def test_the_three_have_names_of_their_own() -> None:
    assert SERVICES.keys() == {"app", "browser", "localsign"}
    own = SERVICES["localsign"]
    internal = urlsplit(SERVICES["app"]["environment"]["LOCALSIGN_URL"])
    public = urlsplit(own["environment"]["LOCALSIGN_PUBLIC_URL"].removeprefix("${PUBLIC_URL:-").removesuffix("}"))
    assert (internal.hostname, internal.port) == ("localsign", 8480)
    assert (public.hostname, public.port) == ("sign.test", 8480)
    assert own["networks"]["default"]["aliases"] == ["sign.test"], "the browser's name leads to the same server"


def test_its_settings_are_settings() -> None:
    given = SERVICES["localsign"]["environment"]
    plain = {name: value.partition(":-")[2].removesuffix("}") for name, value in given.items()}
    assert all(plain.values())
    assert Settings.from_environment(plain).public_url == "http://sign.test:8480"
    assert all(name.startswith(PREFIX) for name in given)


def test_each_begins_when_the_one_before_is_healthy_and_localsign_is_hardened() -> None:
    assert SERVICES["app"]["depends_on"] == {"localsign": {"condition": "service_healthy"}}
    assert SERVICES["browser"]["depends_on"] == {"app": {"condition": "service_healthy"}}
    own = SERVICES["localsign"]
    assert own["read_only"] is True
    assert own["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in own["security_opt"]
    assert all(port.startswith("127.0.0.1:") for port in own["ports"])
    [volume] = own["volumes"]
    assert volume == "worlds:/data"
    assert COMPOSE["volumes"].keys() == {"worlds"}


def test_the_images_and_files_are_there() -> None:
    [base] = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("ARG BASE=")]
    for name in ("app", "browser"):
        assert f"ARG BASE={SERVICES[name]['image']}" == base, "one base, which is there already"
        assert SERVICES[name]["volumes"] == ["./docs/examples/compose:/example:ro"]
        assert (EXAMPLE / Path(SERVICES[name]["command"][-1]).name).is_file()


def test_the_browser_is_led_to_the_public_name() -> None:
    """The scripts of the example, with two names that this machine has: 127.0.0.1 is called, localhost is opened."""
    port, own = free_port(), free_port()
    direct = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    with serving(Settings(port=port, public_url=f"http://localhost:{port}")) as url:
        assert url == f"http://127.0.0.1:{port}"
        app = subprocess.Popen(
            [sys.executable, EXAMPLE / "app.py"],
            env={**direct, "LOCALSIGN_URL": url, "PORT": str(own)},
            stderr=subprocess.DEVNULL,
        )
        try:
            said = _opened(direct | {"APP_URL": f"http://127.0.0.1:{own}"})
        finally:
            app.terminate()
            app.wait(30)
    assert said.startswith(f"http://localhost:{port}/sign/ shows "), said


def _opened(environment: dict[str, str]) -> str:
    latest = time.monotonic() + 20
    while True:
        done = subprocess.run(
            [sys.executable, EXAMPLE / "browser.py"],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        if "refused" not in done.stderr or time.monotonic() > latest:
            return done.stdout + done.stderr
