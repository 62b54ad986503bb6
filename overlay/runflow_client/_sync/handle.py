"""A handle on something that was created: wait for it, read it."""

from collections.abc import Iterator
from typing import TypeVar
from uuid import UUID

from .._async.handle import BaseHandle
from .._flows.poll import Awaited, WaitFlows
from .._time import DEFAULT_WAIT
from .._transport.driver import Driver, Listener
from .run import Run

S = TypeVar("S", bound=Awaited)


class Handle(BaseHandle[S]):
    """A handle of a synchronous client."""

    def __init__(
        self, flows: WaitFlows[S], driver: Driver, subject_id: UUID, state: S | None = None
    ) -> None:
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

        `on_update` is called with the new state at every change of status or progress. Raises
        RunFailed and RunCanceled (for batches and evaluations BatchFailed, BatchCanceled,
        EvaluationFailed) unless `raise_on_failure` is False, WaitTimeout when time is up (it goes
        on), ApiError when the server refuses to be asked. What ended partly succeeded is given
        back: `is_partial` tells.
        """
        flow = self._flows.wait(
            self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh
        )
        self.state = self._driver.drive(flow, on_update)
        return self._flows.conclude(self.state, raise_on_failure=raise_on_failure)

    def updates(self, timeout: float | None = DEFAULT_WAIT) -> Iterator[S]:
        """Its state at every change, the last one ended. Raises as `wait` does, but not for a bad
        ending.
        """
        flow = self._flows.wait(
            self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh
        )
        for state in self._driver.each(flow):
            self.state = state
            yield state


class RunHandle(Handle[Run]):
    """A run by its id, of a synchronous client."""

    @property
    def run(self) -> Run | None:
        """The run as it was last seen; the same as `state`."""
        return self.state
