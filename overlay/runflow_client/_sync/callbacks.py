"""Callback secrets and deliveries, and the search for callbacks that never came."""

from datetime import datetime
from typing import Any
from uuid import UUID

from runflow_api.models.batch_callback_delivery import BatchCallbackDelivery
from runflow_api.models.run_callback_delivery import RunCallbackDelivery

from .._async.callbacks import PUT_BLOCKS, Put, SecretStore, notify_store
from .._flows import callback_deliveries as deliveries
from .._flows import callback_secrets as secrets
from .._flows.callback_secrets import MAX_CUTOVER, QUIET
from .._flows.commands import Context
from .._flows.reconcile import EndedRun, Search, ended_runs
from .._models.callback_secret import CallbackSecret, NewCallbackSecret
from .._transport.driver import Driver
from .._validation import read_id
from ..callbacks._events import CallbackEvent
from ..callbacks._receiver import check_result


class CallbackSecrets:
    """The secrets that sign callbacks, of a synchronous client."""

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver

    def list(self) -> list[CallbackSecret]:
        """Every secret of the organization (not documented by Runflow)."""
        return self._driver.drive(secrets.list_all(self._context))

    def create(self, label: str | None = None) -> NewCallbackSecret:
        """Make a secret; its `plain_secret` is shown this once. The first one signs at once, others
        when promoted.
        """
        return self._driver.drive(secrets.create(self._context, label))

    def promote(self, secret_id: str | UUID) -> CallbackSecret:
        """Make this the secret that signs. Raises NotFound."""
        return self._driver.drive(secrets.promote(self._context, read_id("secret id", secret_id)))

    def rename(self, secret_id: str | UUID, label: str) -> CallbackSecret:
        """Give the secret another label. Raises NotFound."""
        return self._driver.drive(
            secrets.rename(self._context, read_id("secret id", secret_id), label)
        )

    def delete(self, secret_id: str | UUID) -> None:
        """Delete the secret (not documented by Runflow). Raises NotFound.

        Without a current one, callbacks are not signed.
        """
        self._driver.drive(secrets.delete(self._context, read_id("secret id", secret_id)))

    def rotate(
        self,
        store: SecretStore,
        *,
        label: str | None = None,
        quiet: float = QUIET,
        longest: float = MAX_CUTOVER,
    ) -> NewCallbackSecret:
        """Replace the current secret while callbacks go on: create, `store.add`, promote, wait,
        delete, `store.remove`.

        The old secret is deleted when it has signed nothing for `quiet` seconds. An error carries a
        note that says what stands; callbacks can be verified at every moment. Raises RunflowError
        if the old one still signs after `longest` seconds, and what the store raises.
        """

        def tell(step: Any) -> None:
            check_result(notify_store(store, step), "the store", "rotate with AsyncRunflow")

        return self._driver.drive(
            secrets.rotate(self._context, label, quiet=quiet, longest=longest), tell
        )


class Callbacks:
    """What a synchronous client can ask about callbacks."""

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver
        self.secrets = CallbackSecrets(context, driver)

    def reconcile(
        self,
        put: Put,
        *,
        created_after: datetime | None = None,
        client_ref: str | None = None,
        callback_url: str | None = None,
    ) -> list[CallbackEvent]:
        """Feed every run that ended into `put` (such as `inbox.put`) as the event that its callback
        would have been.

        Looks at runs that were created after a moment (aware; go back further than the outage by as
        long as your runs take), or that carry a client_ref, and that call back to this URL (None:
        to any). Gives back the events that were new, the youngest first; they have no request id.
        Call it after an outage, and now and then. Raises InvalidArgument where neither a time nor a
        client_ref limits the search.
        """
        search = Search(
            created_after=created_after, client_ref=client_ref, callback_url=callback_url
        )
        found: list[CallbackEvent] = []

        def keep(ended: EndedRun) -> None:
            fresh = put(ended.event, ended.body)
            check_result(fresh, "put", PUT_BLOCKS)
            if fresh is not False:
                found.append(ended.event)

        self._driver.drive(ended_runs(self._context, search), keep)
        return found

    def redeliver(self, run_id: str | UUID) -> RunCallbackDelivery:
        """Ask Runflow for another delivery of the run's callback. Raises NotFound and other
        ApiErrors.
        """
        return self._driver.drive(
            deliveries.redeliver_run(self._context, read_id("run id", run_id))
        )

    def redeliver_batch(self, batch_id: str | UUID) -> BatchCallbackDelivery:
        """Ask Runflow for another delivery of the batch's callback. Raises ValidationFailed while
        one is under way.
        """
        return self._driver.drive(
            deliveries.redeliver_batch(self._context, read_id("batch id", batch_id))
        )

    def deliveries(self, run_id: str | UUID) -> list[RunCallbackDelivery]:
        """The deliveries of the run's callback with their attempts: what your receiver answered,
        and when.
        """
        return self._driver.drive(
            deliveries.run_deliveries(self._context, read_id("run id", run_id))
        )

    def batch_deliveries(self, batch_id: str | UUID) -> list[BatchCallbackDelivery]:
        """The deliveries of the batch's callback with their attempts."""
        return self._driver.drive(
            deliveries.batch_deliveries(self._context, read_id("batch id", batch_id))
        )
