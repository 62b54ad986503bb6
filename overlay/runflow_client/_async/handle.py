"""A handle on something that was created: wait for it, read it."""

from collections.abc import AsyncIterator
from typing import Generic, TypeVar
from uuid import UUID

from .._flows.poll import Awaited, WaitFlows
from .._time import DEFAULT_WAIT
from .._transport.driver import AsyncDriver, AsyncListener
from .run import AsyncRun

S = TypeVar("S", bound=Awaited)


class BaseHandle(Generic[S]):
    """What handles of both colours are: an id, and the last known state (None before it was first
    read).
    """

    def __init__(self, flows: WaitFlows[S], subject_id: UUID, state: S | None) -> None:
        self._flows = flows
        self._id = subject_id
        self._fresh = state is not None
        self.state = state

    @property
    def id(self) -> str:
        """The id: keep it, and `attach(id)` of the client's runs, batches or evaluations finds it
        again from anywhere.
        """
        return str(self._id)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}({self.id!r}, "
            f"{self.state.progress if self.state else 'not read yet'!r})"
        )


class AsyncHandle(BaseHandle[S]):
    """A handle of an asynchronous client."""

    def __init__(
        self, flows: WaitFlows[S], driver: AsyncDriver, subject_id: UUID, state: S | None = None
    ) -> None:
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
        flow = self._flows.wait(
            self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh
        )
        self.state = await self._driver.drive(flow, on_update)
        return self._flows.conclude(self.state, raise_on_failure=raise_on_failure)

    async def updates(self, timeout: float | None = DEFAULT_WAIT) -> AsyncIterator[S]:
        """Its state at every change, as Handle.updates gives it."""
        flow = self._flows.wait(
            self._id, self.state, timeout=timeout, raise_on_failure=False, fresh=self._fresh
        )
        async for state in self._driver.each(flow):
            self.state = state
            yield state


class AsyncRunHandle(AsyncHandle[AsyncRun]):
    """A run by its id, of an asynchronous client."""

    @property
    def run(self) -> AsyncRun | None:
        """The run as it was last seen; the same as `state`."""
        return self.state
