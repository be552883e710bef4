"""compose.yaml, read as Compose reads it, and against what it speaks of: settings, files, names and the Dockerfile."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from localsign.settings import Settings

compose_spec = pytest.importorskip("compose_spec", reason="there is no build of it for this machine")

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "compose.yaml").read_text()
FILLED = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", TEXT)  # with every variable unset
SERVICES: dict[str, Any] = yaml.safe_load(FILLED)["services"]


def test_it_follows_the_specification() -> None:
    read = compose_spec.PyCompose.from_yaml(FILLED)
    assert sorted(read.service_names()) == sorted(SERVICES) == ["app", "browser", "localsign"]


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("depends_on:", "depend_on:"),
        ("service_healthy", "service_heathy"),
        ("stop_grace_period: 10s", "stop_grace_period: ten"),
        ("cap_drop: [ALL]", "cap_drop: ALL"),
        ("volumes:\n  worlds:", "volums:\n  worlds:"),
    ],
)
def test_what_does_not_follow_it_is_found(right: str, wrong: str) -> None:
    assert right in FILLED
    with pytest.raises(ValueError, match=r"line \d+"):
        compose_spec.PyCompose.from_yaml(FILLED.replace(right, wrong))


def test_every_variable_has_a_default() -> None:
    assert set(re.findall(r"\$\{(\w+):-", TEXT)) == {"PUBLIC_URL", "LOCALSIGN_CONTROL_TOKEN"}
    assert "$" not in FILLED


def test_its_settings_are_ones_that_localsign_takes() -> None:
    settings = Settings.from_environment(SERVICES["localsign"]["environment"])
    assert settings.public_url is not None
    assert settings.control_token is not None


def test_its_names_lead_to_services_and_ports() -> None:
    app, browser, localsign = (SERVICES[name] for name in ("app", "browser", "localsign"))
    names = {"localsign", *localsign["networks"]["default"]["aliases"]}
    for url in (app["environment"]["LOCALSIGN_URL"], localsign["environment"]["LOCALSIGN_PUBLIC_URL"]):
        assert urlsplit(url).hostname in names
        assert urlsplit(url).port == Settings().port
    assert browser["environment"]["APP_URL"] == f"http://app:{app['environment']['PORT']}"
    assert f":{app['environment']['PORT']}/" in app["healthcheck"]["test"][-1]
    assert localsign["ports"] == [f"127.0.0.1:{Settings().port}:{Settings().port}"], "on this machine only"


def test_what_it_runs_is_there() -> None:
    [base] = re.findall(r"^ARG BASE=(\S+)$", (ROOT / "Dockerfile").read_text(), re.M)
    for name in ("app", "browser"):
        service = SERVICES[name]
        assert service["image"] == base, "no second image is needed"
        [(folder, place, mode)] = [one.split(":") for one in service["volumes"]]
        assert mode == "ro"
        script = Path(service["command"][-1])
        assert (ROOT / folder / script.relative_to(place)).is_file()
