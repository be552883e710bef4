"""Where the plugin has the server: every mode, what chooses it, and what cannot be."""

import sys
from pathlib import Path
from typing import Any

import pytest
from tests.faces.inner import outcome, project, refusal

LOOK = """
    def test_look(localsign, localsign_server):
        print("mode", type(localsign_server.server).__name__, localsign_server.url)
        assert localsign.http.sign.get("/signing-sessions").status_code == 200
"""


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        ((), "mode Threaded http://127.0.0.1:"),
        (("--localsign-mode=thread",), "mode Threaded http://127.0.0.1:"),
        (("--localsign-mode=asgi",), "mode InProcess http://localhost"),
        (("--localsign-mode=subprocess",), "mode Process http://127.0.0.1:"),
    ],
    ids=["default", "thread", "asgi", "subprocess"],
)
def test_a_server_is_started_where_one_wants_it(pytester: pytest.Pytester, option: Any, shown: str) -> None:
    project(pytester, LOOK)
    assert shown in outcome(pytester.runpytest("-s", *option), passed=1)


@pytest.mark.parametrize("by", ["option", "configuration", "environment", "mode and environment"])
def test_a_server_that_runs_is_used_at_its_url(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, server: Any, by: str
) -> None:
    project(pytester, LOOK, ini=f"localsign_url = {server.url}\n" if by == "configuration" else "")
    if "environment" in by:
        monkeypatch.setenv("LOCALSIGN_URL", server.url)
    options = {"option": [f"--localsign-url={server.url}"], "mode and environment": ["--localsign-mode=url"]}
    assert f"mode Remote {server.url}" in outcome(pytester.runpytest("-s", *options.get(by, [])), passed=1)


def test_the_command_line_wins_over_configuration_and_environment(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCALSIGN_URL", "http://127.0.0.1:9")
    project(pytester, LOOK, ini="localsign_mode = subprocess\n")
    assert "mode InProcess" in outcome(pytester.runpytest("-s", "--localsign-mode=asgi"), passed=1)


def test_a_container_is_started_from_the_image_that_is_configured(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = (Path(__file__).parents[1] / "client" / "fake_docker.py").read_text()
    program = pytester.path / "docker"
    program.write_text(f"#!{sys.executable}\n{fake}")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(pytester.path), prepend=":")
    project(pytester, LOOK, ini="localsign_image = registry.example/localsign:1\n")
    assert "mode Docker" in outcome(pytester.runpytest("-s", "--localsign-mode=docker"), passed=1)
    assert '"registry.example/localsign:1"]' in (pytester.path / "command.json").read_text()


@pytest.mark.parametrize(
    ("options", "ini", "words"),
    [
        (["--localsign-mode=cloud"], "", "invalid choice: 'cloud'"),
        (
            ["--localsign-mode=url"],
            "",
            "the mode url needs an address: give --localsign-url, localsign_url or LOCALSIGN_URL",
        ),
        (["--localsign-mode=thread", "--localsign-url=http://127.0.0.1:9"], "", "--localsign-url is for the mode url"),
        (["--localsign-mode=asgi", "--localsign-shared"], "", "the mode asgi has none"),
    ],
    ids=["unknown", "no url", "two", "shared asgi"],
)
def test_what_does_not_fit_is_refused_before_any_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: list[str], ini: str, words: str
) -> None:
    monkeypatch.delenv("LOCALSIGN_URL", raising=False)
    project(pytester, LOOK, ini=ini)
    assert words in refusal(pytester.runpytest(*options))


@pytest.mark.parametrize(
    ("ini", "words"),
    [
        ("localsign_mode = cloud\n", "localsign_mode is 'cloud', and must be one of thread, asgi"),
        ("localsign_address = everywhere\n", "localsign_address is 'everywhere', and must be host:port"),
        ("localsign_settings = fast\n", "localsign_settings has 'fast', and must have name=value"),
        ("localsign_settings = tokens=1\n", "tokens"),
        ("localsign_url = http://127.0.0.1:9\n", "http://127.0.0.1:9 cannot be reached"),
    ],
    ids=["mode", "address", "line", "name", "nobody"],
)
def test_a_configuration_that_cannot_work_says_why(pytester: pytest.Pytester, ini: str, words: str) -> None:
    project(pytester, LOOK, ini=ini)
    assert words in outcome(pytester.runpytest(), errors=1)
