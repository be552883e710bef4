"""The plugin under pytest-xdist: nothing is shared by accident, one server on request."""

from typing import Any

import pytest
from tests.client.docker_command import with_docker
from tests.faces.inner import alone, outcome, project

NOTE = """
    import os

    import pytest

    @pytest.mark.parametrize("turn", range(4))
    def test_note(localsign, localsign_server, turn):
        assert localsign.journal.count()["count"] == 0
        with open("seen", "a") as file:
            worker = os.environ["PYTEST_XDIST_WORKER"]
            server = localsign_server.server
            print(worker, type(server).__name__, localsign_server.url, localsign.name, file=file)

    def test_fails(localsign):
        localsign.http.sign.get("/signing-sessions")
        assert 0
"""


def workers(pytester: pytest.Pytester, *options: str) -> tuple[str, list[list[str]]]:
    """What two workers print, and what each test noted: its worker, kind of server, address and workspace."""
    project(pytester, NOTE).makeini("[pytest]\nfilterwarnings = error\n")
    result = alone(pytester, "-p", "xdist", "-n", "2", "--dist", "load", "-p", "localsign", *options)
    text = outcome(result, passed=4, failed=1)
    noted = [line.split() for line in (pytester.path / "seen").read_text().splitlines()]
    assert len({worker for worker, *_ in noted}) == 2
    assert len({name for *_, name in noted}) == 4
    return text, noted


def test_each_worker_has_a_server_of_its_own(pytester: pytest.Pytester) -> None:
    text, noted = workers(pytester)
    assert len({(worker, url) for worker, _, url, _ in noted}) == 2
    assert len({url for _, _, url, _ in noted}) == 2
    assert "GET /sign/signing-sessions → 200" in text


def test_workers_share_a_server_that_the_controller_starts_and_ends(pytester: pytest.Pytester) -> None:
    text, noted = workers(pytester, "--localsign-shared", "--localsign-keep-failed", "-o", "localsign_keep_dir=kept")
    assert {kind for _, kind, _, _ in noted} == {"Remote"}
    assert len({url for _, _, url, _ in noted}) == 1
    assert "Its server ends with this run" in text
    assert len(list((pytester.path / "kept").glob("test-fails-*.zip"))) == 1


def test_workers_that_share_a_container_know_how_it_reaches_them(pytester: pytest.Pytester) -> None:
    project(
        pytester,
        """
        def test_receiver(localsign, localsign_server):
            assert localsign_server.server.listen_on == "0.0.0.0"
            with localsign.webhooks.receiver("*") as receiver:
                assert receiver.url.startswith("http://host.docker.internal:")
        """,
    ).makeini("[pytest]\nfilterwarnings = error\n")
    with with_docker(pytester.path):
        shared = ("--localsign-mode=docker", "--localsign-shared")
        outcome(alone(pytester, "-p", "xdist", "-n", "1", "-p", "localsign", *shared), passed=1)


def test_workers_at_one_url_share_nothing_but_that(pytester: pytest.Pytester, server: Any) -> None:
    _, noted = workers(pytester, f"--localsign-url={server.url}")
    assert {url for _, _, url, _ in noted} == {server.url}


def test_without_workers_a_shared_server_is_an_ordinary_one(pytester: pytest.Pytester) -> None:
    project(pytester, "def test_one(localsign, localsign_server): print(type(localsign_server.server))")
    assert "Threaded" in outcome(pytester.runpytest("--localsign-shared", "-s"), passed=1)


def test_a_port_that_is_taken_is_told_with_what_to_do(pytester: pytest.Pytester, server: Any) -> None:
    project(
        pytester,
        "def test_one(localsign): pass",
        ini=f"localsign_address = {server.url.removeprefix('http://')}\n",
        conftest="""
        import pytest

        @pytest.fixture(scope="session")
        def pytestconfig(pytestconfig):
            pytestconfig.workerinput = {}  # as in a worker
            return pytestconfig
        """,
    )
    text = outcome(pytester.runpytest(), errors=1)
    assert "use port 0, or --localsign-shared" in text
