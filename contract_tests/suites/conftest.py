"""What all suites share: few certificates, so that HTTP clients cost little, and a browser."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import certifi
import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

END = "-----END CERTIFICATE-----\n"


@pytest.fixture(scope="session", autouse=True)
def few_certificates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Trust one authority instead of 140.

    Every HTTP client reads all of them, which takes longer than most tests. No test reaches a
    server that they vouch for; tests of TLS name an authority of their own.
    """
    with open(certifi.where(), encoding="ascii") as bundle:
        first = bundle.read().partition(END)[0] + END
    path = tmp_path_factory.mktemp("certificates") / "one.pem"
    path.write_text(first, encoding="ascii")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(path))
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


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
