# Generated from _async/resources.py by `make generate`. Edit that file.
"""What a client has besides `run`: runs, batches, evaluations, models, the balance."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from runflow_api.api.account import get_balance
from runflow_api.api.models import get_model
from runflow_api.models.batch_item import BatchItem
from runflow_api.models.credit_balance import CreditBalance
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_api.models.model import Model
from runflow_api.models.model_input import ModelInput
from runflow_api.models.run_log import RunLog

from .._errors import RunflowError
from .._flows import evaluations, paginate
from .._flows.batches import BatchFlows, BatchInput, NewBatch
from .._flows.commands import Context
from .._flows.evaluations import EvaluationFlows
from .._flows.request import request
from .._flows.runs import RunFlows
from .._models.batch import Batch
from .._models.evaluation import Evaluation
from .._models.run import read_money
from .._responses import Page, lenient, value_or_none
from .._transport.driver import Driver
from .._validation import check_arguments, check_instance, read_id, split_model_id
from .handle import Handle, RunHandle
from .run import Run


class Runs:
    """Runs that exist already."""

    def __init__(self, flows: RunFlows[Run], driver: Driver) -> None:
        self._flows = flows
        self._driver = driver

    def attach(self, run_id: str | UUID) -> RunHandle:
        """Return a handle on the run with this id. Nothing is sent yet.

        Raises InvalidArgument for an invalid id.
        """
        return RunHandle(self._flows, self._driver, read_id("run id", run_id))

    def get(self, run_id: str | UUID) -> Run:
        """Read the run.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        return self.attach(run_id).refresh()

    def list(
        self,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[Run]:
        """Give every run that the filter lets through, each once, page by page as you go on.

        Args:
            q: a filter, such as `client_ref.EQ:'order-7'` or `status_code.EQ:'failed'`. It goes to
                the server as it is.
            sort_by: an order, such as `created_at:desc`; several keys are separated by commas.
            page_size: items in one request, 1 to 500.
            cursor: where to begin: a Page's `next` or `previous`. Default: the first page.
            backward: go on to the previous pages instead of the next ones; needs a cursor.

        Raises:
            InvalidArgument: a page size outside 1 to 500, or `backward` without a cursor.
            ApiError, TransportError: while the items are read.
        """
        return self._driver.each(
            paginate.runs(
                self._flows.context,
                self._flows.show,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    def page(
        self,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Page[Run]:
        """Return one page of runs, with the cursors of its neighbours.

        The options and errors are those of `list`.
        """
        return self._driver.drive(
            paginate.runs_page(
                self._flows.context,
                self._flows.show,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    def logs(
        self,
        run_id: str | UUID,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[RunLog]:
        """Give the log lines of a run.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.run_logs(
                self._flows.context,
                read_id("run id", run_id),
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )


class Batches:
    """Batches: many runs of one model under one id."""

    def __init__(self, flows: BatchFlows, driver: Driver) -> None:
        self._flows = flows
        self._driver = driver

    def create(
        self,
        model: str,
        inputs: Sequence[BatchInput],
        *,
        callback_url: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Handle[Batch]:
        """Create a batch and return a handle on it.

        Args:
            model: the model's id, such as `runflow/background-removal`.
            inputs: 1 to 100 inputs: dicts, or typed inputs of this model. Files in them are
                uploaded first.
            callback_url: where Runflow posts the batch when it has ended.
            metadata: comes back with the batch and its callback.
            idempotency_key: makes a repeated call safe. Default: a new one, for the retries of this
                call.

        Raises:
            InvalidArgument: something cannot be right. Nothing was sent.
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
        )
        request = NewBatch.of(
            model,
            inputs,
            callback_url=callback_url,
            metadata=metadata,
            idempotency_key=idempotency_key,
        )
        batch = self._driver.drive(self._flows.create(request))
        return Handle(self._flows, self._driver, UUID(batch.id), batch)

    def attach(self, batch_id: str | UUID) -> Handle[Batch]:
        """Return a handle on the batch with this id. Nothing is sent yet."""
        return Handle(self._flows, self._driver, read_id("batch id", batch_id))

    def get(self, batch_id: str | UUID) -> Batch:
        """Read the batch. Raises NotFound and other ApiErrors, and TransportError."""
        return self.attach(batch_id).refresh()

    def list(
        self,
        *,
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
                Batch.of,
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
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[BatchItem]:
        """Give the items of a batch with their runs.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.batch_items(
                self._flows.context,
                read_id("batch id", batch_id),
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )


class Evaluations:
    """Evaluations of pictures."""

    def __init__(self, flows: EvaluationFlows, driver: Driver) -> None:
        self._flows = flows
        self._driver = driver

    def submit(
        self, evaluation: EvaluationCreate, *, idempotency_key: str | None = None
    ) -> Handle[Evaluation]:
        """Submit a picture for evaluation and return a handle.

        The idempotency key makes a repeated call safe. Default: a new one, for the retries of this
        call. Raises ApiError and TransportError.
        """
        check_instance("evaluation", evaluation, EvaluationCreate)
        check_arguments(idempotency_key=idempotency_key)
        created = self._driver.drive(
            self._flows.create(evaluations.create_arguments(evaluation, idempotency_key))
        )
        return Handle(self._flows, self._driver, UUID(created.id), created)

    def attach(self, evaluation_id: str | UUID) -> Handle[Evaluation]:
        """Return a handle on the evaluation with this id. Nothing is sent yet."""
        return Handle(self._flows, self._driver, read_id("evaluation id", evaluation_id))

    def get(self, evaluation_id: str | UUID) -> Evaluation:
        """Read the evaluation. Raises NotFound and other ApiErrors, and TransportError."""
        return self.attach(evaluation_id).refresh()

    def list(
        self,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[Evaluation]:
        """Give every evaluation that the filter lets through. Not documented by Runflow.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.evaluations(
                self._flows.context,
                Evaluation.of,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )


class Models:
    """The catalog of models."""

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver

    def get(self, model: str) -> Model:
        """Read the catalog's entry of a model id such as `google/nano-banana-pro`.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        check_arguments(model=model)
        arguments = get_model.build_request(*split_model_id(model))
        return self._driver.drive(request(self._context, arguments, lenient(Model)))

    def list(
        self,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[Model]:
        """Give every model that the filter lets through.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.models(
                self._context,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )

    def inputs(
        self,
        model: str,
        *,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> Iterator[ModelInput]:
        """Give the declared inputs of a model. Not documented by Runflow.

        The model is read first, when the first input is asked for: the list goes by the model's
        uuid. The options and errors are those of `client.runs.list`.
        """
        model_id = value_or_none(self.get(model).id)
        if model_id is None:
            raise RunflowError(
                f"the catalog shows {model} without an id: its inputs are not listed"
            )
        for found in self._driver.each(
            paginate.model_inputs(
                self._context,
                model_id,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        ):
            yield found


class Account:
    """What the key's organization has."""

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver

    def balance(self) -> Decimal | None:
        """Return the credit balance in US dollars, None where the server does not say it legibly.

        Raises ApiError and TransportError.
        """
        arguments = get_balance.build_request()
        found = self._driver.drive(request(self._context, arguments, lenient(CreditBalance)))
        return read_money(value_or_none(found.balance))
