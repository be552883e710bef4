"""What the fixtures of the plugin give a test, told by projects of their own beside a running server."""

from typing import Any

import httpx
import pytest
from tests.faces.inner import outcome, project
from tests.world import NO_TLS


def names(server: Any) -> set[str]:
    """The workspaces of a server."""
    answer = httpx.get(f"{server.url}/_sandbox/v1/workspaces", verify=NO_TLS)
    return {one["name"] for one in answer.json()}


@pytest.fixture
def at(server: Any) -> str:
    """The option that chooses our server."""
    return f"--localsign-url={server.url}"


def test_each_test_has_a_new_workspace_that_is_dropped(pytester: pytest.Pytester, server: Any, at: str) -> None:
    seen = pytester.path / "seen"
    project(
        pytester,
        f"""
        import pytest

        @pytest.mark.parametrize("turn", [1, 2])
        def test_alone(localsign, turn):
            assert localsign.journal.count()["count"] == 0
            assert localsign.http.sign.get("/signing-sessions").json()["total"] == 0
            text = {{"content": b"x", "headers": {{"Content-Type": "text/plain"}}}}
            assert localsign.http.sign.post("/documents", **text).is_success
            with open({str(seen)!r}, "a") as file:
                print(localsign.name, file=file)
        """,
    )
    outcome(pytester.runpytest(at), passed=2)
    used = seen.read_text().split()
    assert len(set(used)) == 2
    assert all(name.startswith("test-alone-") for name in used)
    assert not names(server).intersection(used)


def test_one_workspace_can_be_used_by_several_fixtures_of_a_test(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        @pytest.fixture
        def app(localsign):
            return localsign

        def test_same(app, localsign, localsign_module, localsign_async):
            assert app is localsign
            assert len({localsign.name, localsign_module.name, localsign_async.name}) == 3
        """,
    )
    outcome(pytester.runpytest(at), passed=1)


def test_the_worlds_of_a_module_are_copies_of_what_it_arranges_once(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        pytestmark = pytest.mark.localsign(lags={"packaging": "manual"})
        arranged = []

        @pytest.fixture(scope="module")
        def localsign_module_world(localsign_module_world):
            arranged.append(localsign_module_world.name)
            localsign_module_world.switches.set("sign.unknown-members", "ignore")
            return localsign_module_world

        @pytest.mark.parametrize("turn", [1, 2])
        def test_copies(localsign_module, turn):
            assert len(arranged) == 1
            assert localsign_module.name not in arranged
            switch = localsign_module.switches.get("sign.unknown-members")
            assert switch["value"] == "ignore"
            assert localsign_module.lags.get("packaging")["progression"] == "manual"
            localsign_module.switches.clear("sign.unknown-members")

        @pytest.mark.localsign(clock="2031-05-01T12:00:00Z")
        def test_what_its_own_marker_adds(localsign_module):
            assert localsign_module.clock.now().year == 2031

        @pytest.mark.localsign(seed=7)
        def test_a_copy_has_the_seed_of_its_world(localsign_module):
            pass
        """,
    )
    result = pytester.runpytest(at)
    assert "localsign_module is a copy: give seed and fixture to the module" in outcome(result, passed=3, errors=1)


def test_a_marker_says_what_the_world_begins_as(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        @pytest.mark.localsign(seed=7)
        class TestMarked:
            @pytest.mark.localsign(
                clock="2031-05-01T12:00:00Z",
                faults={"operation": "sign.list_signing_sessions", "status": 503, "times": 1},
                personas=[{"name": "Nora Berg", "key": "nora", "country": "NO"}],
                decisions={"default": {"action": "sign"}},
            )
            def test_all(self, localsign):
                assert localsign.clock.now().isoformat() == "2031-05-01T12:00:00+00:00"
                assert [one["operation"] for one in localsign.faults.list()] == ["sign.list_signing_sessions"]
                assert localsign.personas.get("nora")["name"] == "Nora Berg"
                assert localsign.decisions.default()["action"] == "sign"
                assert localsign.http.sign.get("/signing-sessions").status_code == 503

            @pytest.mark.parametrize("turn", [1, 2])
            def test_the_same_ids(self, localsign, turn, ids=[]):
                text = {"content": b"x", "headers": {"Content-Type": "text/plain"}}
                ids.append(localsign.http.sign.post("/documents", **text).json()["documentId"])
                assert len(set(ids)) == 1

        @pytest.mark.localsign(fixture="payroll")
        def test_a_fixture(localsign):
            assert localsign.http.secure_share.get("/shares").json()["data"]

        @pytest.mark.localsign(fixture="payroll", lags={"packaging": "manual"}, clock="2031-05-01T12:00:00Z")
        def test_a_fixture_and_more(localsign):
            assert localsign.http.secure_share.get("/shares").json()["data"]
            assert localsign.lags.get("packaging")["progression"] == "manual"

        @pytest.mark.localsign(fixture="payrol", clock="2031-05-01T12:00:00Z")
        def test_a_fixture_that_is_not_there(localsign):
            pass

        @pytest.mark.localsign(fautls=[])
        def test_a_mistake_is_told(localsign):
            pass
        """,
    )
    result = pytester.runpytest(at)
    text = outcome(result, passed=5, errors=2)
    assert "fautls: is not a known member; did you mean faults?" in text
    assert "there is no fixture 'payrol'; there are onboarding, payroll, purchase, rental" in text


def test_a_project_chooses_seed_and_settings(pytester: pytest.Pytester) -> None:
    project(
        pytester,
        """
        def test_chosen(localsign, localsign_server):
            token = localsign.http.anonymous.post(
                "/auth/open/connect/token",
                data={"grant_type": "client_credentials"},
                auth=(localsign.credentials.client_id, localsign.credentials.client_secret),
            )
            assert token.json()["expires_in"] == 45
            assert localsign.lags.get("packaging")["progression"] == "manual"
            with localsign_server.workspace(seed="ours") as twin:
                assert twin.credentials.client_secret == localsign.credentials.client_secret
        """,
        ini="localsign_seed = ours\nlocalsign_settings =\n  token_lifetime = 45\n  LOCALSIGN_PACKAGING_LAG=manual\n",
    )
    outcome(pytester.runpytest("--localsign-mode=asgi"), passed=1)


def test_fixtures_override_address_settings_and_seed(pytester: pytest.Pytester) -> None:
    project(
        pytester,
        """
        def test_chosen(localsign, localsign_server):
            assert localsign.url.startswith("http://localhost:")
            assert localsign_server.settings_seen == {"token_lifetime": 45}
        """,
        conftest="""
        import pytest

        @pytest.fixture(scope="session")
        def localsign_address():
            return "localhost:0"

        @pytest.fixture(scope="session")
        def localsign_settings(localsign_settings):
            return {**localsign_settings, "token_lifetime": 45}

        @pytest.fixture(scope="session")
        def localsign_server(localsign_server, localsign_settings):
            localsign_server.settings_seen = localsign_settings
            return localsign_server

        @pytest.fixture
        def localsign_seed():
            return 7
        """,
    )
    outcome(pytester.runpytest("--localsign-mode=thread"), passed=1)


def test_unittest_cases_have_worlds_as_well(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import unittest

        import pytest

        class TestOld(unittest.TestCase):
            @pytest.fixture(autouse=True)
            def world(self, localsign):
                self.localsign = localsign

            def test_it(self):
                self.assertEqual(self.localsign.journal.count()["count"], 0)
        """,
    )
    outcome(pytester.runpytest(at), passed=1)
