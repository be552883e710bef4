"""What the oldest Python goes without in CI: the newest runs all of it. A plugin: see `conftest.py`.

`long.txt` names the tests, or whole modules, that take half a second or more, or two seconds with all their
parameters, by `--durations=0`. Every module has others, but for those that it names as a whole.
"""

from pathlib import Path

import pytest

NAMES = (Path(__file__).with_name("long.txt")).read_text().split()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark them, before `-m` chooses."""
    names = set(NAMES)
    for item in items:
        test = item.nodeid.partition("[")[0]
        if test in names or test.partition("::")[0] in names:
            item.add_marker(pytest.mark.long)
