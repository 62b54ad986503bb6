"""What all suites share: a browser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


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
