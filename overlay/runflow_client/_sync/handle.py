# Generated from _async/handle.py by `make generate`. Edit that file.
"""A handle on something that was created: wait for it, read it."""

from collections.abc import Iterator
from typing import Generic, TypeVar
from uuid import UUID

from .._flows.commands import Flow
from .._flows.poll import Awaited, WaitFlows
from .._time import DEFAULT_WAIT
from .._transport.driver import Driver, Listener
from .._validation import check_arguments, check_blocking
from .run import Run

S = TypeVar("S", bound=Awaited)


class Handle(Generic[S]):
    """A run, batch or evaluation by its id. `state` is what was last seen of it, None before."""

    def __init__(
        self, flows: WaitFlows[S], driver: Driver, subject_id: UUID, state: S | None = None
    ) -> None:
        self._flows = flows
        self._driver = driver
        self._id = subject_id
        self._fresh = state is not None
        self._was_read = self._fresh
        self.state = state

    @property
    def id(self) -> str:
        """The id. `attach(id)` of the client's runs, batches or evaluations gives a handle again.

        That works in any process, as long as Runflow keeps the run.
        """
        return str(self._id)

    def refresh(self) -> S:
        """Read it now. Raises NotFound, other ApiErrors and TransportError."""
        self.state = self._driver.drive(self._flows.get(self._id))
        self._was_read = True
        return self.state

    def wait(
        self,
        timeout: float | None = DEFAULT_WAIT,
        *,
        raise_on_failure: bool = True,
        on_update: Listener | None = None,
    ) -> S:
        """Wait until it has ended and return it.

        What ended only partly succeeded is returned too: `is_partial` tells.

        Args:
            timeout: seconds to wait at most, None for no limit. Default: 600.
            raise_on_failure: False returns what failed or was canceled instead of raising.
            on_update: called with the new state at every change of status or progress. A client
                that is awaited takes a coroutine function, too.

        Raises:
            RunFailed, RunCanceled, BatchFailed, BatchCanceled, EvaluationFailed: it ended badly.
            WaitTimeout: time is up. The run itself continues.
            ApiError: the server refuses to be asked.
        """
        check_arguments(timeout=timeout, raise_on_failure=raise_on_failure, on_update=on_update)
        check_blocking(on_update=on_update)
        flow = self._waiting(timeout)

        def see(state: S) -> object:
            self.state = state
            return None if on_update is None else on_update(state)

        self.state = self._driver.drive(flow, see)
        return self._flows.conclude(self.state, raise_on_failure=raise_on_failure)

    def updates(self, timeout: float | None = DEFAULT_WAIT) -> Iterator[S]:
        """Give its state at every change; the last one has ended.

        Raises what `wait` raises, but nothing when it ends badly.
        """
        check_arguments(timeout=timeout)
        flow = self._waiting(timeout)
        for state in self._driver.each(flow):
            self.state = state
            yield state

    def _waiting(self, timeout: float | None) -> Flow[S]:
        """Return a wait. It reads at once what was not just created or refreshed, and has not
        ended: a loop of short waits would never learn of the end otherwise.
        """
        known = self.state if self._was_read or (self.state and self.state.has_ended) else None
        self._was_read = False
        return self._flows.wait(
            self._id, known, timeout=timeout, raise_on_failure=False, fresh=self._fresh
        )

    def __repr__(self) -> str:
        progress = self.state.progress if self.state else "not read yet"
        return f"{type(self).__name__}({self.id!r}, {progress!r})"


class RunHandle(Handle[Run]):
    """A run by its id."""

    @property
    def run(self) -> Run | None:
        """The run as it was last seen; the same as `state`."""
        return self.state
