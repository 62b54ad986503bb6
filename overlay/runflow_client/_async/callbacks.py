"""Callback secrets and deliveries, and the search for callbacks that never came."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

from runflow_api.models.batch_callback_delivery import BatchCallbackDelivery
from runflow_api.models.run_callback_delivery import RunCallbackDelivery

from .._flows import callback_deliveries as deliveries
from .._flows import callback_secrets as secrets
from .._flows.callback_secrets import MAX_CUTOVER, QUIET
from .._flows.commands import Context
from .._flows.reconcile import EndedRun, Search, ended_runs
from .._models.callback_secret import CallbackSecret, NewCallbackSecret
from .._transport.driver import AsyncDriver
from .._validation import read_id
from ..callbacks._events import CallbackEvent
from ..callbacks._receiver import check_result

Put = Callable[[CallbackEvent, bytes], object]
"""Stores an event, such as `inbox.put`; returns False for one that is stored already."""


PUT_BLOCKS: Final = "it stores the event before it returns, such as inbox.put"


class SecretStore(Protocol):
    """Where the receivers get their secrets from. The methods may be coroutine functions with an
    asynchronous client.
    """

    def add(self, secret: NewCallbackSecret) -> Awaitable[object] | object:
        """Deploy the secret beside the present ones; return when every receiver has it."""
        ...

    def remove(self, secret: CallbackSecret) -> Awaitable[object] | object:
        """Forget the secret: nothing is signed with it any more."""
        ...


def notify_store(
    store: SecretStore, step: secrets.AddSecret | secrets.RemoveSecret
) -> Awaitable[object] | object:
    return (
        store.add(step.secret) if isinstance(step, secrets.AddSecret) else store.remove(step.secret)
    )


class AsyncCallbackSecrets:
    """The secrets that sign callbacks, of an asynchronous client."""

    def __init__(self, context: Context, driver: AsyncDriver) -> None:
        self._context = context
        self._driver = driver

    async def list(self) -> list[CallbackSecret]:
        """Every secret of the organization (not documented by Runflow)."""
        return await self._driver.drive(secrets.list_all(self._context))

    async def create(self, label: str | None = None) -> NewCallbackSecret:
        """Make a secret; its `plain_secret` is shown this once. The first one signs at once, others
        when promoted.
        """
        return await self._driver.drive(secrets.create(self._context, label))

    async def promote(self, secret_id: str | UUID) -> CallbackSecret:
        """Make this the secret that signs. Raises NotFound."""
        return await self._driver.drive(
            secrets.promote(self._context, read_id("secret id", secret_id))
        )

    async def rename(self, secret_id: str | UUID, label: str) -> CallbackSecret:
        """Give the secret another label. Raises NotFound."""
        return await self._driver.drive(
            secrets.rename(self._context, read_id("secret id", secret_id), label)
        )

    async def delete(self, secret_id: str | UUID) -> None:
        """Delete the secret (not documented by Runflow). Raises NotFound.

        Without a current one, callbacks are not signed.
        """
        await self._driver.drive(secrets.delete(self._context, read_id("secret id", secret_id)))

    async def rotate(
        self,
        store: SecretStore,
        *,
        label: str | None = None,
        quiet: float = QUIET,
        longest: float = MAX_CUTOVER,
    ) -> NewCallbackSecret:
        """Replace the current secret; see CallbackSecrets.rotate. The store's methods are awaited
        where they can be.
        """
        flow = secrets.rotate(self._context, label, quiet=quiet, longest=longest)
        return await self._driver.drive(flow, lambda step: notify_store(store, step))


class AsyncCallbacks:
    """What an asynchronous client can ask about callbacks."""

    def __init__(self, context: Context, driver: AsyncDriver) -> None:
        self._context = context
        self._driver = driver
        self.secrets = AsyncCallbackSecrets(context, driver)

    async def reconcile(
        self,
        put: Put,
        *,
        created_after: datetime | None = None,
        client_ref: str | None = None,
        callback_url: str | None = None,
    ) -> list[CallbackEvent]:
        """Feed every run that ended into `put`, which is called in a thread; see
        Callbacks.reconcile.
        """
        from anyio import to_thread

        search = Search(
            created_after=created_after, client_ref=client_ref, callback_url=callback_url
        )
        found: list[CallbackEvent] = []

        async def keep(ended: EndedRun) -> None:
            fresh = await to_thread.run_sync(put, ended.event, ended.body)
            check_result(fresh, "put", PUT_BLOCKS)
            if fresh is not False:
                found.append(ended.event)

        await self._driver.drive(ended_runs(self._context, search), keep)
        return found

    async def redeliver(self, run_id: str | UUID) -> RunCallbackDelivery:
        """Ask Runflow for another delivery of the run's callback. Raises NotFound and other
        ApiErrors.
        """
        return await self._driver.drive(
            deliveries.redeliver_run(self._context, read_id("run id", run_id))
        )

    async def redeliver_batch(self, batch_id: str | UUID) -> BatchCallbackDelivery:
        """Ask Runflow for another delivery of the batch's callback. Raises ValidationFailed while
        one is under way.
        """
        return await self._driver.drive(
            deliveries.redeliver_batch(self._context, read_id("batch id", batch_id))
        )

    async def deliveries(self, run_id: str | UUID) -> list[RunCallbackDelivery]:
        """The deliveries of the run's callback with their attempts: what your receiver answered,
        and when.
        """
        return await self._driver.drive(
            deliveries.run_deliveries(self._context, read_id("run id", run_id))
        )

    async def batch_deliveries(self, batch_id: str | UUID) -> list[BatchCallbackDelivery]:
        """The deliveries of the batch's callback with their attempts."""
        return await self._driver.drive(
            deliveries.batch_deliveries(self._context, read_id("batch id", batch_id))
        )
