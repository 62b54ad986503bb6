"""Callback secrets and deliveries, and the search for callbacks that never came."""

from collections.abc import Callable
from datetime import datetime
from inspect import isawaitable  # async only
from uuid import UUID

from runflow_api.models.batch_callback_delivery import BatchCallbackDelivery
from runflow_api.models.run_callback_delivery import RunCallbackDelivery

from .._errors import InvalidArgument
from .._flows import callback_deliveries, callback_secrets
from .._flows.callback_secrets import (
    MAX_CUTOVER,
    QUIET,
    SecretStore,
    check_cutover,
    check_notified,
    check_store,
    notify_store,
)
from .._flows.commands import Context
from .._flows.reconcile import EndedRun, Search, ended_runs
from .._models.callback_secret import CallbackSecret, NewCallbackSecret
from .._transport.driver import AsyncDriver
from .._validation import check_arguments, check_blocking, read_id
from ..callbacks._events import CallbackEvent
from ..callbacks._receiver import check_result


class AsyncCallbackSecrets:
    """The secrets that sign callbacks."""

    def __init__(self, context: Context, driver: AsyncDriver) -> None:
        self._context = context
        self._driver = driver

    async def list(self) -> list[CallbackSecret]:
        """Return every secret of the organization. Not documented by Runflow."""
        return await self._driver.drive(callback_secrets.list_all(self._context))

    async def create(self, label: str | None = None) -> NewCallbackSecret:
        """Make a secret. Its `plain_secret` is shown this once.

        The first secret signs at once, others when they are promoted.

        A proxy that sends an old answer again would give the secret of another create. Such an
        answer is refused where it shows another label, or a secret that this client has made
        before. It cannot be recognized where the labels are the same, or you give none: give each
        secret a label of its own. `rotate` lists the secrets first, and needs no label for that.

        Raises:
            UnreadableAnswer: the answer is that of another create, or lacks the value.
            What `client.runs.get` raises. A note says that a secret may have been created.
        """
        check_arguments(label=label)
        return await self._driver.drive(callback_secrets.create(self._context, label))

    async def promote(self, secret_id: str | UUID) -> CallbackSecret:
        """Make this the secret that signs. Raises NotFound."""
        return await self._driver.drive(
            callback_secrets.promote(self._context, read_id("secret_id", secret_id))
        )

    async def rename(self, secret_id: str | UUID, label: str) -> CallbackSecret:
        """Give the secret another label. Raises NotFound."""
        if label is None:  # pyright: ignore[reportUnnecessaryComparison] # callers err
            raise InvalidArgument("label is None: expected text, which may be empty")
        check_arguments(label=label)
        return await self._driver.drive(
            callback_secrets.rename(self._context, read_id("secret_id", secret_id), label)
        )

    async def delete(self, secret_id: str | UUID) -> None:
        """Delete the secret. Not documented by Runflow. Raises NotFound.

        Without a current secret, callbacks are not signed.
        """
        await self._driver.drive(
            callback_secrets.delete(self._context, read_id("secret_id", secret_id))
        )

    async def rotate(
        self,
        store: SecretStore,
        *,
        label: str | None = None,
        quiet: float = QUIET,
        longest: float = MAX_CUTOVER,
    ) -> NewCallbackSecret:
        """Replace the current secret. Callbacks can be verified at every moment.

        The steps are: create, `store.add`, promote, wait, delete the old one, `store.remove`.

        Args:
            store: deploys secrets to your receivers. Its methods may be coroutine functions with a
                client that is awaited.
            label: the label of the new secret.
            quiet: seconds for which the old secret must have signed nothing before it is deleted;
                less than `longest`.
            longest: seconds after which it is an error that the old secret still signs.

        Returns:
            The new secret, with its `plain_secret`.

        Raises:
            InvalidArgument: `quiet` is not less than `longest`. Nothing was created.
            RunflowError: the old secret still signs after `longest` seconds.
            Whatever the store raises. A note on the error says which secrets exist.
        """
        check_store(store, may_be_awaited=True)  # async only
        # sync only: check_store(store, may_be_awaited=False)
        check_arguments(label=label, quiet=quiet, longest=longest)
        check_cutover(quiet, longest)
        flow = callback_secrets.rotate(self._context, label, quiet=quiet, longest=longest)

        async def notify(step: callback_secrets.Step) -> None:
            result = notify_store(store, step)
            if isawaitable(result):  # async only
                result = await result  # async only
            remedy = "await it before the store returns"  # async only
            # sync only: remedy = "rotate with AsyncRunflow"
            check_notified(result, remedy)

        return await self._driver.drive(flow, notify)


class AsyncCallbacks:
    """What can be asked about callbacks."""

    def __init__(self, context: Context, driver: AsyncDriver) -> None:
        self._context = context
        self._driver = driver
        self.secrets = AsyncCallbackSecrets(context, driver)

    async def reconcile(
        self,
        put: Callable[[CallbackEvent, bytes], object],
        *,
        created_after: datetime | None = None,
        client_ref: str | None = None,
        callback_url: str | None = None,
    ) -> list[CallbackEvent]:
        """Feed every run that ended into `put` as the event that its callback would have been.

        Call it after an outage, and now and then.

        Args:
            put: keeps an event before it returns, such as `inbox.put`; False says that it has it
                already. A client that is awaited calls it in a thread.
            created_after: look at runs that were created after this moment (with a time zone). Go
                back further than the outage by as long as your runs take.
            client_ref: look at runs with this reference.
            callback_url: look at runs that call back to this URL. Default: to any.

        Returns:
            The events that were new, the youngest first. They have no request id.

        Raises:
            InvalidArgument: neither a time nor a reference limits the search.
        """
        from anyio import to_thread  # async only

        check_arguments(
            put=put,
            created_after=created_after,
            client_ref=client_ref,
            callback_url=callback_url,
        )
        check_blocking("it keeps the event before it returns, such as inbox.put", put=put)
        search = Search(
            created_after=created_after, client_ref=client_ref, callback_url=callback_url
        )
        found: list[CallbackEvent] = []

        async def keep(ended: EndedRun) -> None:
            fresh = await to_thread.run_sync(put, ended.event, ended.body)  # async only
            # sync only: fresh = put(ended.event, ended.body)
            check_result(fresh, "put", "it keeps the event before it returns, such as inbox.put")
            if fresh is not False:
                found.append(ended.event)

        await self._driver.drive(ended_runs(self._context, search), keep)
        return found

    async def redeliver(self, run_id: str | UUID) -> RunCallbackDelivery:
        """Ask Runflow for another delivery of the run's callback. Raises NotFound."""
        return await self._driver.drive(
            callback_deliveries.redeliver_run(self._context, read_id("run_id", run_id))
        )

    async def redeliver_batch(self, batch_id: str | UUID) -> BatchCallbackDelivery:
        """Ask Runflow for another delivery of the batch's callback.

        Raises ValidationFailed while a delivery is under way.
        """
        return await self._driver.drive(
            callback_deliveries.redeliver_batch(self._context, read_id("batch_id", batch_id))
        )

    async def deliveries(self, run_id: str | UUID) -> list[RunCallbackDelivery]:
        """Return the deliveries of the run's callback with their attempts.

        An attempt says when it was made and what your receiver answered.
        """
        return await self._driver.drive(
            callback_deliveries.run_deliveries(self._context, read_id("run_id", run_id))
        )

    async def batch_deliveries(self, batch_id: str | UUID) -> list[BatchCallbackDelivery]:
        """Return the deliveries of the batch's callback with their attempts."""
        return await self._driver.drive(
            callback_deliveries.batch_deliveries(self._context, read_id("batch_id", batch_id))
        )
