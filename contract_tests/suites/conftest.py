"""What all suites share: no plan of the mock server is left over, a browser, and little to look at
for the garbage collector.
"""

import gc
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from runflow_mock.pytest_plugin import refuse_unused

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


def pytest_collection_finish() -> None:
    """Keep what was loaded and collected away from the garbage collector, which would look through
    all of it each time: a second for each test that calls it.
    """
    gc.freeze()


@pytest.fixture(autouse=True)
def every_plan_applied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose planned fault or outcome never applied: it has not tested what it means to.

    `@pytest.mark.plans_left` is for tests in which a plan must not apply.
    """
    yield
    if request.node.get_closest_marker("plans_left") is None:
        given = request.node.funcargs or {}  # None where the run was interrupted
        servers = [one for one in given.values() if hasattr(one, "unused")]
        refuse_unused([plan for server in servers for plan in server.unused])


@pytest.fixture(scope="session")
def opened_chromium() -> "Iterator[Chrome]":
    """Open a browser without a window."""
    from .chromium import open_chromium  # few suites need what it loads

    with open_chromium() as browser:
        yield browser


@pytest.fixture
def chromium(opened_chromium: "Chrome") -> "Iterator[Chrome]":
    """Return the browser as it was opened."""
    from .chromium import leave

    yield opened_chromium
    leave(opened_chromium)
