"""The pytest plugin: `localsign` and its kin. Until a fixture is used, nothing but pytest is imported.

`docs/testing.md` tells how to use it. What the fixtures do is in `localsign.testing`.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from localsign.testing.keys import ENDED, LASTS, MODES, OBSERVER, VARIANT

if TYPE_CHECKING:
    from localsign import AsyncWorkspace, Sandbox, Workspace

MARKER = (
    "localsign(seed=None, fixture=None, document=None, **sections): what the test's workspace begins as; sections are "
    "those of a seed document, such as clock, faults, personas, decisions, switches, lags"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("localsign", "localsign: e-signing APIs for tests")
    group.addoption(
        "--localsign-mode",
        choices=MODES,
        help="Where localsign runs: in a thread (default), in process without a socket (asgi), in a process of its "
        "own, at --localsign-url, or in a container.",
    )
    group.addoption("--localsign-url", metavar="URL", help="A localsign that runs already; implies the mode url.")
    group.addoption(
        "--localsign-shared",
        action="store_true",
        help="With pytest-xdist: one localsign for all workers, instead of one for each.",
    )
    group.addoption(
        "--localsign-keep-failed",
        action="store_true",
        help="Keep the workspaces of failed tests; the report says where they are.",
    )
    group.addoption(
        "--localsign-cov",
        action="store_true",
        help="Tell what of the emulated APIs the tests touched, and what never: operations, refusals, states, "
        "transitions, events, moments of the clock.",
    )
    group.addoption(
        "--localsign-cov-api",
        action="append",
        metavar="API",
        help="Count this API, such as sign; several times for several. Default: those that tests call.",
    )
    group.addoption(
        "--localsign-cov-fail-under",
        type=float,
        metavar="PERCENT",
        help="Fail if less of these APIs was touched. Implies --localsign-cov.",
    )
    group.addoption(
        "--localsign-variants",
        action="store_true",
        help="Run each test again for every other way of each undocumented choice that it met, and tell which rest on "
        "one. Fails nothing.",
    )
    group.addoption(
        "--localsign-lint",
        action="store_true",
        help="Tell of habits of the application under test that would hurt against the real services. Fails nothing.",
    )
    group.addoption("--localsign-report", metavar="FILE", help="Write what these three options told as JSON.")
    parser.addini("localsign_mode", "As --localsign-mode.")
    parser.addini("localsign_url", "As --localsign-url.")
    parser.addini("localsign_address", "host:port to listen on; port 0 is a free one.", default="127.0.0.1:0")
    parser.addini("localsign_settings", "Settings of localsign, name=value, one a line.", type="linelist")
    parser.addini("localsign_image", "Image of the mode docker.", default="localsign")
    parser.addini("localsign_seed", "Seed of every workspace: the same ids in the same order.")
    parser.addini("localsign_keep_dir", "Where --localsign-keep-failed writes.", default=".localsign/failed")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    option = config.option
    if option.localsign_mode or option.localsign_url or option.localsign_shared:
        from localsign.testing.choices import check

        check(config)
    if option.localsign_cov_api:
        from localsign.testing.choices import check_apis

        check_apis(config)
    if option.localsign_cov_fail_under is not None:
        option.localsign_cov = True
    if option.localsign_cov or option.localsign_variants or option.localsign_lint or option.localsign_report:
        from localsign.testing.observing import VARIANTS, Observer

        observer = Observer(config)
        config.pluginmanager.register(observer, OBSERVER)
        if option.localsign_variants:
            from localsign.testing.variants import Variants

            config.pluginmanager.register(Variants(observer.learnt), VARIANTS)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """A worker of pytest-xdist is about to start: tell it of the shared server."""
    if node.config.option.localsign_shared:
        from localsign.testing.shared import tell

        tell(node)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    item.config.stash[LASTS] = True


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    item.config.stash[LASTS] = nextitem is not None


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    stash = item.config.stash
    stash[LASTS] = None
    if report.failed and VARIANT not in item.stash and (ENDED in stash or _has_world(item)):
        from localsign.testing.reports import add_sections

        add_sections(report, item)
    if ENDED in stash:
        from localsign.testing.endings import finish

        report.sections += [("localsign", said) for said in finish(item.config)]
    return report


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """What fixtures end from here on, no report tells of."""
    stash = session.config.stash
    stash[LASTS] = None
    if ENDED in stash:  # somebody interrupted it
        from localsign.testing.endings import finish

        finish(session.config)


def _has_world(item: pytest.Item) -> bool:
    return any(name.startswith("localsign") for name in getattr(item, "fixturenames", ()))


# ---- what a project may override


@pytest.fixture(scope="session")
def localsign_address(pytestconfig: pytest.Config) -> str:
    """`host:port` to listen on; port 0 is a free one. Override it, or set `localsign_address` in the configuration."""
    return str(pytestconfig.getini("localsign_address"))


@pytest.fixture(scope="session")
def localsign_settings(pytestconfig: pytest.Config) -> dict[str, Any]:
    """Settings of the server, by the names of docs/settings.md in lower case: `{"token_lifetime": 60}`."""
    from localsign.testing.choices import settings_of

    return settings_of(pytestconfig)


@pytest.fixture(scope="session")
def localsign_seed(pytestconfig: pytest.Config) -> str | int | None:
    """Seed of every workspace, so that ids and secrets come out the same; None draws them anew."""
    return pytestconfig.getini("localsign_seed") or None


# ---- what a test asks for


@pytest.fixture(scope="session")
def localsign_server(
    pytestconfig: pytest.Config, localsign_address: str, localsign_settings: dict[str, Any]
) -> "Iterator[Sandbox]":
    """The server of this run, or of this worker: a `localsign.Sandbox`."""
    from localsign.testing.servers import server

    with server(pytestconfig, localsign_address, localsign_settings) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def localsign_async_server(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> "Iterator[Sandbox]":
    """The server of `localsign_async`: in this process, without a socket, unless a server elsewhere was chosen."""
    from localsign.testing.choices import Choice
    from localsign.testing.servers import server

    if Choice.of(pytestconfig).mode != "thread":
        yield request.getfixturevalue("localsign_server")
        return
    address, settings = map(request.getfixturevalue, ("localsign_address", "localsign_settings"))
    with server(pytestconfig, address, settings, mode="asgi") as sandbox:
        yield sandbox


@pytest.fixture
def localsign(
    request: pytest.FixtureRequest, localsign_server: "Sandbox", localsign_seed: str | int | None
) -> "Iterator[Workspace]":
    """A new workspace, a world of its own; dropped afterwards."""
    from localsign.testing.worlds import new_world

    with new_world(request, localsign_server, localsign_seed) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def localsign_module_world(
    request: pytest.FixtureRequest, localsign_server: "Sandbox", localsign_seed: str | int | None
) -> "Iterator[Workspace]":
    """What the tests of a module begin with. Override it to arrange that once: `localsign_module` is a copy of it."""
    from localsign.testing.worlds import new_world

    with new_world(request, localsign_server, localsign_seed) as workspace:
        yield workspace


@pytest.fixture
def localsign_module(request: pytest.FixtureRequest, localsign_module_world: "Workspace") -> "Iterator[Workspace]":
    """A copy of `localsign_module_world` for this test alone; dropped afterwards."""
    from localsign.testing.worlds import forked_world

    with forked_world(request, localsign_module_world) as workspace:
        yield workspace


@pytest.fixture
def localsign_async(
    request: pytest.FixtureRequest, localsign_async_server: "Sandbox", localsign_seed: str | int | None
) -> "Iterator[AsyncWorkspace]":
    """A new workspace for asynchronous tests, whichever plugin runs those; dropped afterwards."""
    from localsign.testing.asynchronous import async_twin
    from localsign.testing.worlds import new_world

    with new_world(request, localsign_async_server, localsign_seed) as workspace:
        yield async_twin(workspace)
