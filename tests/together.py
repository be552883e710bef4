"""Which modules stay in one worker of `--dist loadgroup`, for what their fixtures cost. A plugin: see `conftest.py`.

xdist has a marker for this, which does nothing with pytest 9.2: it writes to a member that pytest no longer reads.
"""

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

TOGETHER = {
    "tests/faces/test_example.py": "the wheel, built and installed",
    "tests/house/test_wheel.py": "the wheel, built and installed",
    "tests/client/test_stories.py": "a server of each mode",
    "tests/control/test_isolation.py": "a world with everything in it",
    "tests/mint/test_mint_browser.py": "a browser for Mint",
    "tests/secure_share/test_site_browser.py": "a browser for Secure Share",
    "tests/sign/test_pages_browser.py": "a browser for Sign",
    "tests/signing_today/test_tray_browser.py": "a browser for Signing Today",
}


def group(nodeid: str) -> str:
    """What a test stays together with: its group, or itself alone."""
    return TOGETHER.get(nodeid.partition("::")[0], nodeid)


class Together(LoadScopeScheduling):  # type: ignore[misc]
    """Groups first, the largest ahead; then every other test for itself, in the order of its collection."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together | None:
    return Together(config, log) if config.getvalue("dist") == "loadgroup" else None
