"""Switches: every undocumented choice has a name, and choosing otherwise changes what a client sees."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest
from tests.conftest import Server, serve
from tests.events.switching import SCENARIOS as EVENTS
from tests.mint.switching import SCENARIOS as MINT
from tests.mint.switching_v1 import SCENARIOS as MINT_V1
from tests.platform.switching import SCENARIOS as PLATFORM
from tests.secure_share.switching import SCENARIOS as SECURE_SHARE
from tests.sign.switching import SCENARIOS as SIGN
from tests.signing_today.account_switching import SCENARIOS as SIGNING_TODAY_ACCOUNTS
from tests.signing_today.dst_switching import SCENARIOS as SIGNING_TODAY_DSTS
from tests.world import World, refused

from localsign.apis import switches
from localsign.core.switches import Switch
from localsign.sandbox import Sandbox
from localsign.settings import Settings, SettingsError

# A switch without a scenario here fails: an API adds its own module and one line.
SCENARIOS = {
    **EVENTS,
    **MINT,
    **MINT_V1,
    **PLATFORM,
    **SECURE_SHARE,
    **SIGN,
    **SIGNING_TODAY_ACCOUNTS,
    **SIGNING_TODAY_DSTS,
}

SWITCHES = switches()


def choose(world: World, name: str, value: str) -> None:
    answer = world.control("PUT", f"switches/{name}", {"value": value})
    assert answer.status_code == 200, answer.text
    assert (answer.json()["value"], answer.json()["chosen_by"]) == (value, "workspace")


def test_every_switch_has_a_scenario_and_a_story() -> None:
    assert {one.name for one in SWITCHES} == SCENARIOS.keys()
    assert len({one.name for one in SWITCHES}) == len(SWITCHES)
    for one in SWITCHES:
        assert one.alternatives
        assert len(set(one.values)) == len(one.values)
        assert one.text.endswith(".")
        assert one.source.endswith(".")


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda one: one.name)
def test_every_value_of_a_switch_changes_what_a_client_sees(server: Server, switch: Switch) -> None:
    seen = []
    for value in switch.values:
        world = server.world()
        if value != switch.default:
            choose(world, switch.name, value)
        seen.append(SCENARIOS[switch.name](world))
        server.sandbox.delete(world.name)
        world.close()
    assert len({repr(one) for one in seen}) == len(seen), seen


# ---- reading and choosing


def test_every_switch_is_listed_with_what_is_known(world: World) -> None:
    listed = world.control("GET", "switches").json()
    assert [one["name"] for one in listed] == sorted(one.name for one in SWITCHES)
    for one in listed:
        assert (one["value"], one["chosen_by"]) == (one["default"], "default")
        assert world.control("GET", f"switches/{one['name']}").json() == one


def test_a_choice_is_taken_back(world: World) -> None:
    choose(world, "sign.url-renewal", "never")
    cleared = world.control("DELETE", "switches/sign.url-renewal").json()
    assert (cleared["value"], cleared["chosen_by"]) == ("on_read", "default")


def test_a_choice_is_of_one_workspace_and_outlives_a_reset(server: Server, world: World) -> None:
    other = server.world()
    choose(world, "sign.url-renewal", "never")
    world.control("POST", "reset")
    assert world.control("GET", "switches/sign.url-renewal").json()["value"] == "never"
    assert other.control("GET", "switches/sign.url-renewal").json()["value"] == "on_read"
    other.close()


def test_several_are_chosen_at_once_or_none(world: World) -> None:
    wanted = {"sign.url-renewal": "never", "sign.markdown": "refuse"}
    answer = world.control("PUT", "switches", {"switches": wanted})
    assert {one["name"]: one["value"] for one in answer.json() if one["chosen_by"] == "workspace"} == wanted
    bad = {"sign.url-renewal": None, "sign.markdwon": "accept", "tokens.clock": "sundial"}
    body = refused(
        world.control("PUT", "switches", {"switches": bad}), 400, "switches.sign.markdwon", "switches.tokens.clock"
    )
    assert "did you mean sign.markdown?" in body["detail"]
    assert world.control("GET", "switches/sign.url-renewal").json()["value"] == "never"


@pytest.mark.parametrize(("method", "body"), [("GET", None), ("PUT", {"value": "x"}), ("DELETE", None)])
def test_an_unknown_switch_is_a_404_that_names_the_nearest(world: World, method: str, body: object) -> None:
    answer = world.control(method, "switches/sign.url-renewel", body)
    assert "did you mean sign.url-renewal?" in refused(answer, 404)["detail"]


@pytest.mark.parametrize("value", ["", "nevr", "NEVER", 1, None, ["never"], "\ud800"])
def test_an_unknown_value_is_refused_and_changes_nothing(world: World, value: object) -> None:
    answer = world.anonymous.put(
        "/_sandbox/v1/switches/sign.url-renewal",
        content=json.dumps({"value": value}),
        headers={"Content-Type": "application/json"},
    )
    refused(answer, 400, "value")
    assert world.control("GET", "switches/sign.url-renewal").json()["value"] == "on_read"


# ---- the installation


@pytest.fixture(scope="module")
def strange() -> Iterator[Server]:
    yield from serve(Settings(switches={"sign.markdown": "refuse"}))


def test_the_installation_chooses_for_all_and_a_workspace_otherwise(strange: Server) -> None:
    world = strange.world()
    shown = world.control("GET", "switches/sign.markdown").json()
    assert (shown["value"], shown["chosen_by"]) == ("refuse", "installation")
    assert SCENARIOS["sign.markdown"](world) == 400
    choose(world, "sign.markdown", "accept")
    assert SCENARIOS["sign.markdown"](world) == 200
    world.close()


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"sign.markdwon": "refuse"}, "sign.markdwon is not a switch; did you mean sign.markdown?"),
        ({"sign.markdown": "no"}, "sign.markdown 'no' is not one of accept, refuse"),
    ],
)
def test_the_installation_is_checked_at_start(chosen: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError, match="LOCALSIGN_SWITCHES") as refusal:
        Sandbox(Settings(switches=chosen))
    assert sentence in str(refusal.value)


def test_the_command_line_says_which_switch_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCALSIGN_SWITCHES", "sign.url-renewal=nevr")
    done = subprocess.run(
        [sys.executable, "-m", "localsign", "serve", "--port", "0"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 5
    assert done.stderr == "localsign: LOCALSIGN_SWITCHES: sign.url-renewal 'nevr' is not one of on_read, never.\n"
