# Generated from _async/batches.py by `make generate`. Edit that file.
"""Batches: many runs of one model under one id."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from .._flows import paginate
from .._flows.batches import BatchFlows, BatchInput, NewBatch
from .._flows.other_words import in_own_words
from .._time import Deadline
from .._transport.driver import Driver
from .._validation import check_arguments, read_id
from .batch import Batch, BatchItem
from .handle import Handle


class Batches:
    """Batches: many runs of one model under one id."""

    def __init__(self, flows: BatchFlows[Batch], driver: Driver) -> None:
        self._flows = flows
        self._driver = driver

    @in_own_words
    def create(
        self,
        model: str,
        inputs: Sequence[BatchInput],
        *,
        callback_url: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        max_cost: Decimal | float | str | None = None,
        strict: bool = True,
        timeout: float | None = None,
    ) -> Handle[Batch]:
        """Create a batch and return a handle on it.

        Each input may have a `client_ref` of yours; the others get one that is made of the
        idempotency key. An old answer that a proxy sends again shows other references, and is
        refused. It cannot be recognized where all inputs have references of yours, and another
        batch has the same ones.

        Args:
            model: the model's id, such as `runflow/background-removal`. One of the catalog that
                takes no batches is refused.
            inputs: 1 to 100 inputs: dicts, or typed inputs of this model. Files in them are
                uploaded first.
            callback_url: where Runflow posts the batch when it has ended.
            metadata: comes back with the batch and its callback.
            idempotency_key: makes a repeated call safe. Default: a new one, for the retries of this
                call.
            max_cost: US dollars for all runs together. A batch whose estimate is higher, or
                unknown, is refused before anything is sent.
            strict: False sends inputs that the catalog says are wrong, as with `run`.
            timeout: seconds for upload and create together; the handle waits. Default: no limit.

        Raises:
            InvalidArgument: something cannot be right (MaxCostExceeded is one). Nothing was sent.
            InsufficientCredit: the balance does not cover the whole batch. Nothing was created.
            ValidationFailed: an input was refused, or the model takes no batches.
            ApiError, TransportError: anything else.
        """
        check_arguments(
            model=model,
            inputs=inputs,
            callback_url=callback_url,
            metadata=metadata,
            idempotency_key=idempotency_key,
            max_cost=max_cost,
            strict=strict,
            timeout=timeout,
        )
        deadline = Deadline.after(self._flows.context.now, timeout)
        request = NewBatch.of(
            model,
            inputs,
            callback_url=callback_url,
            metadata=metadata,
            idempotency_key=idempotency_key,
            max_cost=max_cost,
            strict=strict,
        )
        batch = self._driver.drive(self._flows.create(request, deadline))
        return Handle(self._flows, self._driver, UUID(batch.id), batch)

    def attach(self, batch_id: str | UUID) -> Handle[Batch]:
        """Return a handle on the batch with this id. Nothing is sent yet."""
        return Handle(self._flows, self._driver, read_id("batch_id", batch_id))

    def get(self, batch_id: str | UUID) -> Batch:
        """Read the batch. Raises NotFound and other ApiErrors, and TransportError."""
        return self.attach(batch_id).refresh()

    def list(
        self,
        *,
        status: str | None = None,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[Batch]:
        """Give every batch that the filter lets through. Not documented by Runflow.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.batches(
                self._flows.context,
                self._flows.show,
                status=status,
                created_after=created_after,
                created_before=created_before,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    def items(
        self,
        batch_id: str | UUID,
        *,
        status: str | None = None,
        client_ref: str | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[BatchItem]:
        """Give the items of a batch: their statuses, outputs and costs.

        `batch.save_all(folder)` saves the files of all of them. The options and errors are those of
        `client.runs.list`.
        """
        return self._driver.each(
            paginate.batch_items(
                self._flows.context,
                lambda model: BatchItem.of(model, self._driver),
                read_id("batch_id", batch_id),
                status=status,
                client_ref=client_ref,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )
