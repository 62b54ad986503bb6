"""Handles: hold on to a run by its id, wait for it now or in another process."""

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from typing import Final
from uuid import UUID

from .drivers import AsyncDriver, AsyncListener, Driver, Listener
from .flows import Update
from .run_flows import RunFlows
from .runs import AsyncRun, Run

DEFAULT_WAIT: Final = 600.0
"""Seconds that a wait lasts unless told otherwise."""


class RunHandle:
    """A run by its id, of a synchronous client. `run` is its last known state, None before it was first read."""

    def __init__(self, flows: RunFlows[Run], driver: Driver, run_id: UUID, run: Run | None = None) -> None:
        self._flows = flows
        self._driver = driver
        self._id = run_id
        self._fresh = run is not None
        self.run = run

    @property
    def id(self) -> str:
        """The run's id: keep it, and `client.runs.attach(id)` finds the run again from anywhere."""
        return str(self._id)

    def refresh(self) -> Run:
        """Read the run now. Raises NotFound, other ApiErrors and TransportError."""
        self.run = self._driver.drive(self._flows.get(self._id))
        return self.run

    def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,
        *,
        raise_on_failure: bool = True,
        on_update: Listener | None = None,
    ) -> Run:
        """Wait until the run has ended, at most `timeout` seconds (None: for ever), and give it back.

        `on_update` is called with the Run at every change of status or progress. Raises RunFailed and RunCanceled
        unless `raise_on_failure` is False, WaitTimeout when time is up (the run goes on), ApiError when the server
        refuses to be asked. A partly succeeded run is given back: `is_partial` tells.
        """
        flow = self._flows.wait(
            self._id, self.run, timeout=timeout, raise_on_failure=raise_on_failure, fresh=self._fresh
        )
        self.run = self._driver.drive(flow, on_update)
        return self.run

    def updates(self, timeout: float | None = DEFAULT_WAIT) -> Iterator[Run]:
        """The run at every change of status or progress, the last one ended. Raises as `wait` does, but not for failed runs."""
        flow = self._flows.wait(self._id, self.run, timeout=timeout, raise_on_failure=False, fresh=self._fresh)
        with closing(self._driver.steps(flow)) as steps:
            for step in steps:
                if isinstance(step, Update) and isinstance(step.state, Run):
                    self.run = step.state
                    yield step.state

    def __repr__(self) -> str:
        return f"RunHandle({self.id!r}, status={self.run.status if self.run else None!r})"


class AsyncRunHandle:
    """A run by its id, of an asynchronous client. `run` is its last known state, None before it was first read."""

    def __init__(
        self, flows: RunFlows[AsyncRun], driver: AsyncDriver, run_id: UUID, run: AsyncRun | None = None
    ) -> None:
        self._flows = flows
        self._driver = driver
        self._id = run_id
        self._fresh = run is not None
        self.run = run

    @property
    def id(self) -> str:
        """The run's id: keep it, and `client.runs.attach(id)` finds the run again from anywhere."""
        return str(self._id)

    async def refresh(self) -> AsyncRun:
        """Read the run now. Raises NotFound, other ApiErrors and TransportError."""
        self.run = await self._driver.drive(self._flows.get(self._id))
        return self.run

    async def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,  # the deadline of the run, not of the task
        *,
        raise_on_failure: bool = True,
        on_update: AsyncListener | None = None,
    ) -> AsyncRun:
        """Wait until the run has ended, as RunHandle.wait does. `on_update` may be a coroutine function."""
        flow = self._flows.wait(
            self._id, self.run, timeout=timeout, raise_on_failure=raise_on_failure, fresh=self._fresh
        )
        self.run = await self._driver.drive(flow, on_update)
        return self.run

    async def updates(self, timeout: float | None = DEFAULT_WAIT) -> AsyncIterator[AsyncRun]:
        """The run at every change of status or progress, as RunHandle.updates gives it."""
        flow = self._flows.wait(self._id, self.run, timeout=timeout, raise_on_failure=False, fresh=self._fresh)
        async with aclosing(self._driver.steps(flow)) as steps:
            async for step in steps:
                if isinstance(step, Update) and isinstance(step.state, AsyncRun):
                    self.run = step.state
                    yield step.state

    def __repr__(self) -> str:
        return f"AsyncRunHandle({self.id!r}, status={self.run.status if self.run else None!r})"
