"""Handles: hold on to a run, batch or evaluation by its id, wait for it now or in another process."""

from collections.abc import AsyncIterator, Iterator
from typing import Generic, TypeVar
from uuid import UUID

from .clocks import DEFAULT_WAIT
from .drivers import AsyncDriver, AsyncListener, Driver, Listener
from .runs import AsyncRun, Run
from .wait_flows import WaitFlows
from .waiting import Awaited

S = TypeVar("S", bound=Awaited)


class BaseHandle(Generic[S]):
    """What handles of both colours are: an id, and the last known state (None before it was first read)."""

    def __init__(self, flows: WaitFlows[S], subject_id: UUID, state: S | None) -> None:
        self._flows = flows
        self._id = subject_id
        self._fresh = state is not None
        self.state = state

    @property
    def id(self) -> str:
        """The id: keep it, and `attach(id)` of the client's runs, batches or evaluations finds it again from anywhere."""
        return str(self._id)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.id!r}, {self.state.progress if self.state else 'not read yet'!r})"


class Handle(BaseHandle[S]):
    """A handle of a synchronous client."""

    def __init__(self, flows: WaitFlows[S], driver: Driver, subject_id: UUID, state: S | None = None) -> None:
        super().__init__(flows, subject_id, state)
        self._driver = driver

    def refresh(self) -> S:
        """Read it now. Raises NotFound, other ApiErrors and TransportError."""
        self.state = self._driver.drive(self._flows.get(self._id))
        return self.state

    def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,
        *,
        raise_on_failure: bool = True,
        on_update: Listener | None = None,
    ) -> S:
        """Wait until it has ended, at most `timeout` seconds (None: for ever), and give it back.

        `on_update` is called with the new state at every change of status or progress. Raises RunFailed and RunCanceled (for
        batches and evaluations BatchFailed, BatchCanceled, EvaluationFailed) unless `raise_on_failure` is False, WaitTimeout
        when time is up (it goes on), ApiError when the server refuses to be asked. What ended partly succeeded is given
        back: `is_partial` tells.
        """
        flow = self._flows.wait(self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh)
        self.state = self._driver.drive(flow, on_update)
        return self._flows.conclude(self.state, raise_on_failure=raise_on_failure)

    def updates(self, timeout: float | None = DEFAULT_WAIT) -> Iterator[S]:
        """Its state at every change, the last one ended. Raises as `wait` does, but not for a bad ending."""
        flow = self._flows.wait(self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh)
        for state in self._driver.each(flow):
            self.state = state
            yield state


class AsyncHandle(BaseHandle[S]):
    """A handle of an asynchronous client."""

    def __init__(self, flows: WaitFlows[S], driver: AsyncDriver, subject_id: UUID, state: S | None = None) -> None:
        super().__init__(flows, subject_id, state)
        self._driver = driver

    async def refresh(self) -> S:
        """Read it now. Raises NotFound, other ApiErrors and TransportError."""
        self.state = await self._driver.drive(self._flows.get(self._id))
        return self.state

    async def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,
        *,
        raise_on_failure: bool = True,
        on_update: AsyncListener | None = None,
    ) -> S:
        """Wait until it has ended, as Handle.wait does. `on_update` may be a coroutine function."""
        flow = self._flows.wait(self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh)
        self.state = await self._driver.drive(flow, on_update)
        return self._flows.conclude(self.state, raise_on_failure=raise_on_failure)

    async def updates(self, timeout: float | None = DEFAULT_WAIT) -> AsyncIterator[S]:
        """Its state at every change, as Handle.updates gives it."""
        flow = self._flows.wait(self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh)
        async for state in self._driver.each(flow):
            self.state = state
            yield state


class RunHandle(Handle[Run]):
    """A run by its id, of a synchronous client."""

    @property
    def run(self) -> Run | None:
        """The run as it was last seen; the same as `state`."""
        return self.state


class AsyncRunHandle(AsyncHandle[AsyncRun]):
    """A run by its id, of an asynchronous client."""

    @property
    def run(self) -> AsyncRun | None:
        """The run as it was last seen; the same as `state`."""
        return self.state
