"""The pytest plugin: the fixture `runflow_mock` gives each test a mock server of its own."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .server.mock_runflow import MockRunflow
    from .state.clock import Clock
    from .state.settings import Settings

# pytest loads this module in every project that has the distribution installed, with or without
# the extra `mock`. So nothing of the server is imported before a test asks for it.


@pytest.fixture
def runflow_mock_clock() -> "Clock":
    """Return the clock of `runflow_mock`; override it for another one.

    It advances by one second with each request, and jumps to what falls due next once no request
    has come for 20 real milliseconds. So runs end and callbacks are retried by themselves, and a
    client that polls fast sees the states of a run. Clients skip their pauses with it: see
    `MockRunflow.environment`. Override it by `SteppedClock()` for a clock that only `advance`
    moves, or `RealClock()` for real time.
    """
    from .state.clock import SteppedClock

    return SteppedClock(step=1.0, idle=0.02)


@pytest.fixture
def runflow_mock_settings() -> "Settings":
    """Return the settings of `runflow_mock`; override it for others."""
    from .state.settings import Settings

    return Settings()


@pytest.fixture
def runflow_mock(
    runflow_mock_clock: "Clock", runflow_mock_settings: "Settings", monkeypatch: pytest.MonkeyPatch
) -> "Iterator[MockRunflow]":
    """Start a mock Runflow with fresh state on its own port.

    `RUNFLOW_BASE_URL` and `RUNFLOW_API_KEY` point to it, and clients of this package skip their
    pauses there, those of other processes too that inherit the environment. A test that plans a
    fault or an outcome that never applies fails at its teardown: it has not tested what it means
    to.
    """
    from .server.mock_runflow import MockRunflow

    with MockRunflow(runflow_mock_clock, settings=runflow_mock_settings) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server
    refuse_unused(server.unused)


def refuse_unused(plans: list[str]) -> None:
    """Fail the test if it left plans that never applied."""
    if plans:
        pytest.fail(f"planned, but never used: {'; '.join(plans)}", pytrace=False)
