"""Settings: from the environment, each by one name, refused with a sentence that helps."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from localsign.settings import PREFIX, Settings, SettingsError


def read(**environment: str) -> Settings:
    return Settings.from_environment({PREFIX + name: value for name, value in environment.items()})


def refusal(**environment: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**environment)
    return str(caught.value)


def test_nothing_given_means_the_defaults() -> None:
    assert read() == Settings()
    settings = Settings()
    assert (settings.host, settings.port, settings.data_dir, settings.workers) == ("127.0.0.1", 8480, None, 1)
    assert (settings.client_id, settings.client_secret) == ("localsign", "localsign-secret")
    assert (settings.token_lifetime, settings.max_document_bytes) == (600, 50 * 1024 * 1024)


def test_the_environment_is_read(tmp_path: Path) -> None:
    settings = read(PORT="0", DATA_DIR=str(tmp_path), TOKEN_LIFETIME="42", SEED="7", PACKAGING_LAG="after:PT5S")
    assert (settings.port, settings.data_dir, settings.token_lifetime) == (0, tmp_path, 42)
    assert (settings.seed, settings.packaging_lag) == ("7", "after:PT5S")


def test_an_empty_variable_counts_as_none() -> None:
    assert read(PORT="", DATA_DIR="") == Settings()


def test_other_variables_are_nobodys_business() -> None:
    assert Settings.from_environment({"PATH": "x", "LOCALSIGNPORT": "x", "localsign_port": "x"}) == Settings()


def test_flags_win_over_the_environment_unless_they_are_none() -> None:
    environment = {"LOCALSIGN_PORT": "1", "LOCALSIGN_HOST": "::1"}
    settings = Settings.from_environment(environment, port=2, host=None)
    assert (settings.port, settings.host) == (2, "::1")


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("PROT", "PORT"), ("DATADIR", "DATA_DIR"), ("TOKEN_LIFE_TIME", "TOKEN_LIFETIME"), ("port", "PORT")],
)
def test_an_unknown_setting_is_refused_with_a_suggestion(wrong: str, right: str) -> None:
    text = refusal(**{wrong: "1"})
    assert text.startswith(f"{PREFIX}{wrong} is not a setting of localsign.")
    if wrong.isupper():
        assert f"Did you mean {PREFIX}{right}?" in text


def test_a_setting_like_nothing_is_refused_with_the_list() -> None:
    text = refusal(ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ="1")
    assert all(PREFIX + name.upper() in text for name in Settings.model_fields)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "x"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("WORKERS", "0"),
        ("WORKERS", "65"),
        ("TOKEN_LIFETIME", "0"),
        ("TOKEN_LIFETIME", "3601"),
        ("MAX_DOCUMENT_BYTES", "0"),
        ("MAX_BODY_BYTES", "1023"),
        ("MAX_WORKSPACES", "0"),
        ("PUBLIC_URL", "sign.test"),
        ("PUBLIC_URL", "https://sign.test/path"),
        ("PACKAGING_LAG", "soon"),
        ("PACKAGING_LAG", "after:P"),
        ("PACKAGING_LAG", "after:5"),
        ("PACKAGING_LAG", "reads:0"),
        ("SWITCHES", "sign.url-renewal"),
        ("SWITCHES", "=never"),
        ("LOG_LEVEL", "loud"),
        ("EGRESS_ALLOW", "http://hooks.test"),
        ("EGRESS_ALLOW", "hooks.test/path"),
        ("EGRESS_ALLOW", "a.*"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(name: str, value: str) -> None:
    text = refusal(**{name: value})
    assert text.startswith(f"{PREFIX}{name} is ")
    assert value in text
    assert text.endswith(".")
    assert not re.search("Input|String|Value error|valid", text)  # the words of a library


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CONTROL_TOKEN", "short"),
        ("CONTROL_TOKEN", "with space"),
        ("CONTROL_TOKEN", "åäöåäöåäö"),
        ("SMTP_URL", "smtp://me:hush@/x"),
    ],
)
def test_a_bad_secret_is_refused_without_being_repeated(name: str, value: str) -> None:
    text = refusal(**{name: value})
    assert text.startswith(f"{PREFIX}{name} must be ")
    assert value not in text


def test_all_that_is_wrong_is_said_at_once() -> None:
    text = refusal(PORT="x", WORKERS="0")
    assert (
        text == "LOCALSIGN_PORT is 'x', and must be a whole number. LOCALSIGN_WORKERS is '0', and must be at least 1."
    )


@pytest.mark.parametrize("host", ["hooks.test", "hooks.test:8443", "*.example.com", "*", "*:80", "::1", "[::1]:80"])
def test_every_kind_of_host_can_be_allowed(host: str) -> None:
    assert read(EGRESS_ALLOW=f"a.test, {host}").egress_allow == ("a.test", host)


def test_a_bad_flag_is_refused_like_a_variable() -> None:
    with pytest.raises(SettingsError, match="LOCALSIGN_PORT is 70000"):
        Settings.from_environment({}, port=70000)


@given(st.integers(0, 65535))
def test_every_port_is_read(port: int) -> None:
    assert read(PORT=str(port)).port == port


def test_settings_do_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().port = 1  # type: ignore[misc]


def test_several_workers_need_a_folder() -> None:
    """Processes share worlds through files; in memory each would have its own."""
    answer = subprocess.run(
        [sys.executable, "-m", "localsign", "serve", "--workers", "2", "--port", "0"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 5, answer.stderr
    assert "LOCALSIGN_DATA_DIR" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_settings_can_be_handed_on_through_the_environment() -> None:
    given = Settings(
        data_dir=Path("kept"),
        workers=2,
        switches={"sign.url-renewal": "never", "a": "b"},
        egress_allow=("hooks.test:8443", "*.example.com"),
    )
    assert Settings.from_environment(given.environment()) == given
    assert Settings.from_environment(Settings().environment()) == Settings()


@pytest.mark.parametrize(
    ("name", "value"), [("SMTP_URL", "http://me:hidden@host"), ("CONTROL_TOKEN", "hidden"), ("CLIENT_SECRET", "")]
)
def test_what_is_wrong_with_a_secret_is_said_without_it(name: str, value: str) -> None:
    flags = {} if value else {"client_secret": value}
    with pytest.raises(SettingsError) as refusal:
        Settings.from_environment({f"LOCALSIGN_{name}": value}, **flags)
    assert f"LOCALSIGN_{name} must " in str(refusal.value)
    assert "hidden" not in str(refusal.value)
