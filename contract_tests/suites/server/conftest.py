"""A mock server on a stepped clock, and a client of the overlay behind a Tap."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from runflow_mock import MockRunflow, SteppedClock


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock(step=1.0)) as server:
        yield server
