"""Few certificates, so that HTTP clients cost little."""

from collections.abc import Iterator
from typing import Final

import certifi
import pytest

END: Final = "-----END CERTIFICATE-----\n"


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
