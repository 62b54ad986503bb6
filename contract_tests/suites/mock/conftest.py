"""Fixtures of these tests: a server on a stepped clock, a client, a receiver of callbacks."""

from collections.abc import Iterator

import httpx
import pytest
from runflow_mock import MockRunflow, SteppedClock

from ..processes import without_trio
from .receiver import Receiver

__all__ = ["api", "mock", "receiver", "without_trio"]


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock()) as server:
        yield server


@pytest.fixture
def api(mock: MockRunflow) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    with httpx.Client(
        base_url=mock.base_url, headers=headers, trust_env=False, timeout=30
    ) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    listening = Receiver().start()
    yield listening
    listening.stop()
