"""A delivery whose body may have been read before, and what has to become of it."""

import logging
from typing import Any

import httpx
import pytest
from runflow_client.callbacks import Receiver

from .deliveries import SECRET, encode, signed
from .servers import PATH

BODY = encode()
LENGTH = {"Content-Length": str(len(BODY))}
GONE = 503
KEPT = 200

Stored = list[bytes]


def receiver(stored: Stored) -> Receiver:
    return Receiver(SECRET, lambda event, body: stored.append(body))


@pytest.fixture(scope="module")
def kept() -> Stored:
    """What all receivers of a module store."""
    return []


@pytest.fixture
def stored(kept: Stored) -> Stored:
    """The same, which is empty."""
    kept.clear()
    return kept


def check(
    response: httpx.Response, expected: int, stored: Stored, caplog: pytest.LogCaptureFixture
) -> None:
    assert response.status_code == expected, response.text
    assert stored == ([BODY] if expected == KEPT else [])
    told = [record for record in caplog.records if record.name == "runflow_client.callbacks"]
    assert len(told) == (expected == GONE)
    for record in told:
        assert record.levelno == logging.ERROR
        assert "read" in record.getMessage()
        assert "req_1" in record.getMessage()


def wsgi_environ(environ: dict[str, Any]) -> dict[str, Any]:
    """The environ of a signed request, with these members."""
    headers = {
        f"HTTP_{name.upper().replace('-', '_')}": value
        for name, value in signed(BODY).items()
        if name != "Content-Type"
    }
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": PATH,
        "CONTENT_TYPE": "application/json",
        **headers,
        **environ,
    }
