"""What the plugin tells beside outcomes: coverage of the vendors' APIs, tests that rest on guesses, habits."""

import json
from typing import Any

import pytest
from tests.faces.inner import alone, outcome, project
from tests.faces.test_plugin_reports import section

from localsign.testing.observing import portless

TESTS = """
    import httpx
    import pytest

    def client(localsign):
        known = localsign.credentials
        form = {"grant_type": "client_credentials", "scope": "signicat-api"}
        login = (known.client_id, known.client_secret)
        token = httpx.post(known.token_url, auth=login, data=form, verify=False).json()["access_token"]
        return httpx.Client(base_url=known.url, headers={"Authorization": f"Bearer {token}"}, verify=False)

    def test_markdown(localsign):
        with client(localsign) as http:
            answer = http.post("/sign/documents", headers={"Content-Type": "text/markdown"}, content=b"# A")
        assert answer.status_code == 200

    @pytest.mark.localsign(fixture="rental")
    def test_time_passes(localsign):
        with client(localsign) as http:
            assert http.get("/sign/signing-sessions").json()["total"] == 5
            localsign.clock.advance(days=60)
            for _ in range(2):
                assert http.post("/sign/signing-sessions", json=[{}]).status_code == 400
"""


@pytest.fixture
def at(server: Any) -> str:
    return f"--localsign-url={server.url}"


def test_coverage_lists_what_was_touched_and_what_never(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, TESTS)
    text = outcome(pytester.runpytest(at, "--localsign-cov", "-v"), passed=2)
    told = " ".join(section(text, "localsign coverage").split())
    assert "sign: 3 of " in told
    touched, never = told.split("operations touched: ")[1].partition("operations never touched: ")[::2]
    assert "platform.token" in touched
    assert "sign.upload_document" in told.partition("sign: 3 of ")[2].partition("never touched")[0]
    assert "platform.jwks" in never
    moved, still = told.split("transitions touched: ")[1].partition("transitions never touched: ")[::2]
    assert "signing session: BLOCKED → EXPIRED by expire, READY → EXPIRED by expire" in moved
    assert "READY → SIGNED by sign" in still
    assert "refusals touched: bad_request" in told
    assert "timers touched: sign." in told


def test_an_api_that_is_not_called_counts_only_if_asked_for(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, TESTS)
    text = outcome(pytester.runpytest(at, "--localsign-cov"), passed=2)
    assert "secure-share" not in section(text, "localsign coverage")
    text = outcome(pytester.runpytest(at, "--localsign-cov", "--localsign-cov-api=secure-share"), passed=2)
    assert "secure-share: 0 of 12 operations" in section(text, "localsign coverage")
    assert "0% of what there is was touched." in text


@pytest.mark.parametrize(("least", "code"), [("1", 0), ("99", 1)])
def test_too_little_coverage_fails_the_run(pytester: pytest.Pytester, at: str, least: str, code: int) -> None:
    project(pytester, TESTS)
    result = pytester.runpytest(at, f"--localsign-cov-fail-under={least}")
    assert ("FAIL: " in outcome(result, passed=2)) == bool(code)
    assert result.ret == code


def test_no_call_at_all_is_no_coverage(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, "def test_nothing(): pass")
    result = pytester.runpytest(at, "--localsign-cov-fail-under=1")
    assert result.ret == 1
    assert "FAIL: nothing was touched" in outcome(result, passed=1)


def test_an_api_that_is_none_is_refused(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, TESTS)
    result = pytester.runpytest(at, "--localsign-cov", "--localsign-cov-api=singn")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert "did you mean sign?" in result.stderr.str() + result.stdout.str()


def test_variants_tell_which_tests_rest_on_a_guess(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, TESTS)
    text = outcome(pytester.runpytest(at, "--localsign-variants"), passed=2)
    told = section(text, "localsign variants")
    heading = "sign.markdown, which is accept unless you choose\n"
    assert heading in told
    of_markdown = told.partition(heading)[2]
    assert "  refuse fails 1 test:\n    test_it.py::test_markdown\n      assert 4" in of_markdown
    assert " reruns of 2 tests: " in told
    assert max(map(len, told.splitlines())) <= 110


def test_a_test_that_has_made_the_choice_itself_does_not_rest_on_it(pytester: pytest.Pytester, at: str) -> None:
    chosen = TESTS.replace(
        "def test_markdown", '@pytest.mark.localsign(switches={"sign.markdown": "accept"})\n    def test_markdown'
    )
    project(pytester, chosen)
    text = outcome(pytester.runpytest(at, "--localsign-variants", "-k", "markdown"), passed=1, deselected=1)
    assert "sign.markdown, " not in text


def test_a_test_that_fails_is_not_run_again(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        def test_fails(localsign):
            localsign.http.sign.get("/signing-sessions")
            with open("runs", "a") as file:
                print("run", file=file)
            assert 0
        """,
    )
    text = outcome(pytester.runpytest(at, "--localsign-variants"), failed=1)
    assert (pytester.path / "runs").read_text() == "run\n"
    assert "0 reruns of 0 tests: 0 on none." in text


def test_fixtures_of_a_module_stay_up_between_reruns(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest

        @pytest.fixture(scope="module")
        def opened():
            with open("opened", "a") as file:
                print("open", file=file)

        def test_one(localsign, opened):
            localsign.http.sign.post("/documents", headers={"Content-Type": "text/markdown"}, content=b"# A")

        def test_two(localsign_module, opened):
            assert localsign_module.http.sign.get("/signing-sessions").status_code == 200
        """,
    )
    outcome(pytester.runpytest(at, "--localsign-variants"), passed=2)
    # once for both, and once for the reruns of the last one, after which it had been closed
    assert (pytester.path / "opened").read_text() == "open\n" * 2


def test_habits_of_the_client_are_told_and_fail_nothing(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, TESTS)
    result = pytester.runpytest(at, "--localsign-lint")
    told = section(outcome(result, passed=2), "localsign lint")
    assert "refused-call-repeated: POST /sign/signing-sessions was refused with 400" in told
    assert "seen in test_it.py::test_time_passes" in told
    assert result.ret == 0


def test_a_client_without_bad_habits(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, "def test_one(localsign): localsign.http.sign.get('/signing-sessions')")
    text = outcome(pytester.runpytest(at, "--localsign-lint"), passed=1)
    assert "Nothing to say about the client." in section(text, "localsign lint")


def test_one_test_with_a_forged_webhook_speaks_for_its_receiver(pytester: pytest.Pytester, at: str) -> None:
    project(
        pytester,
        """
        import pytest
        from tests.events.receiver import receiving

        @pytest.mark.parametrize("is_forged", [True, False])
        def test_hooks(localsign, is_forged):
            with receiving() as receiver:
                listening = localsign.webhooks.subscribe(receiver.url, ["*"])
                localsign.webhooks.send_test(listening["id"], "signing-session.completed")
                localsign.webhooks.deliver()
                if is_forged:
                    receiver.answers = [401]
                    [sent] = localsign.webhooks.list()
                    localsign.webhooks.forge(sent["id"], "bad_key")
                    localsign.webhooks.deliver()
        """,
    )
    text = outcome(pytester.runpytest(at, "--localsign-lint", "-k", "False"), passed=1, deselected=1)
    assert "webhook-verification-untested" in section(text, "localsign lint")
    text = outcome(pytester.runpytest(at, "--localsign-lint"), passed=2)
    assert "Nothing to say about the client." in section(text, "localsign lint")


def test_a_workspace_that_the_test_has_dropped_is_noted(pytester: pytest.Pytester, at: str) -> None:
    project(pytester, "def test_one(localsign): localsign.sandbox.drop(localsign.name)")
    text = outcome(pytester.runpytest(at, "--localsign-lint"), passed=1)
    assert "1 workspaces could not be looked at: test_it.py::test_one" in text


def test_two_workers_tell_what_one_tells(pytester: pytest.Pytester) -> None:
    project(pytester, TESTS).makeini("[pytest]\nfilterwarnings = error\n")
    wanted = ("--localsign-cov", "--localsign-lint", "-k", "test_", "-p", "localsign")
    told = []
    for index, how in enumerate((("-p", "no:xdist"), ("-p", "xdist", "-n", "2", "--dist", "load"))):
        outcome(alone(pytester, *wanted, *how, f"--localsign-report=report/{index}.json"), passed=2)
        told.append(json.loads((pytester.path / f"report/{index}.json").read_text()))
    assert told[0] == told[1]
    assert told[0]["coverage"]["percent"] > 1
    assert told[0]["coverage"]["apis"]["sign"]["operations"]["touched"] == [
        "sign.create_signing_session",
        "sign.list_signing_sessions",
        "sign.upload_document",
    ]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "host.docker.internal"])
def test_a_receiver_on_this_machine_is_the_same_at_another_port(host: str) -> None:
    assert portless(f"http://{host}:1/hooks") == portless(f"http://{host}:2/hooks")
    assert portless("http://elsewhere.test:1/hooks") == "http://elsewhere.test:1/hooks"
