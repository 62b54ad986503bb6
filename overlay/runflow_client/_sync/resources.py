"""What a synchronous client has besides `run`: runs, batches, evaluations, models, the balance."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Unpack
from uuid import UUID

from runflow_api.api.account import get_balance
from runflow_api.api.models import get_model
from runflow_api.models.batch_item import BatchItem
from runflow_api.models.credit_balance import CreditBalance
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_api.models.model import Model
from runflow_api.models.model_input import ModelInput
from runflow_api.models.run_log import RunLog

from .._flows import evaluations
from .._flows import paginate as lists
from .._flows.batches import BatchFlows, BatchInput, NewBatch
from .._flows.commands import Context
from .._flows.create_run import OnUnknownOutcome, create_of
from .._flows.download import Progress
from .._flows.evaluations import EvaluationFlows
from .._flows.paginate import ListOptions, list_options
from .._flows.request import request
from .._flows.runs import RunFlows
from .._models.batch import Batch
from .._models.evaluation import Evaluation
from .._models.run import read_money
from .._responses import Page, lenient, value_or_none
from .._transport.driver import Driver
from .._validation import read_id, split_model_id
from .handle import Handle, RunHandle
from .run import Run

if TYPE_CHECKING:
    from .._typed_inputs.base import ModelInput as TypedInput


class Runs:
    """Runs that exist already."""

    def __init__(self, flows: RunFlows[Run], driver: Driver) -> None:
        self._flows = flows
        self._driver = driver

    def attach(self, run_id: str | UUID) -> RunHandle:
        """A handle on the run with this id; nothing is sent yet. Raises InvalidArgument for an id
        that is none.
        """
        return RunHandle(self._flows, self._driver, read_id("run id", run_id))

    def get(self, run_id: str | UUID) -> Run:
        """Read the run. Raises NotFound, other ApiErrors and TransportError."""
        return self.attach(run_id).refresh()

    def get_or_create(
        self,
        model: "str | TypedInput",
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        *,
        client_ref: str,
        callback_url: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        max_cost: Decimal | float | str | None = None,
        on_unknown_outcome: OnUnknownOutcome = "resend",
        inline_below: int = 0,
        upload_progress: Progress | None = None,
    ) -> RunHandle:
        """Give a handle on the run that carries this client_ref, created only if there is none.

        The client_ref names one run: a process that was killed between create and answer makes the
        same call again and goes on with the same run, whatever the input says now. Where several
        runs carry it, the newest counts. The idempotency key is made of the client_ref, so of two
        processes at once only one creates, if the server honours the key (not documented by Runflow
        for single runs). If it does not, two runs are possible, namely where both look before the
        lists show the other's run (5 s are allowed for). Raises as `submit` does, and
        OutcomeUnknown where the list does not say whether there is one.
        """
        request = create_of(
            model,
            input,
            client_ref=client_ref,
            callback_url=callback_url,
            metadata=metadata,
            max_cost=max_cost,
            on_unknown_outcome=on_unknown_outcome,
            inline_below=inline_below,
            upload_progress=upload_progress,
            is_identified=True,
        )
        run = self._driver.drive(self._flows.get_or_create(request))
        return RunHandle(self._flows, self._driver, UUID(run.id), run)

    def list(self, **options: Unpack[ListOptions]) -> Iterator[Run]:
        """Every run that the filter lets through, each once, read page by page as you go on."""
        return self._driver.each(
            lists.runs(self._flows.context, self._flows.show, **list_options(options))
        )

    def page(self, **options: Unpack[ListOptions]) -> Page[Run]:
        """One page of runs, with the cursors of its neighbours."""
        return self._driver.drive(
            lists.runs_page(self._flows.context, self._flows.show, **list_options(options))
        )

    def logs(self, run_id: str | UUID, **options: Unpack[ListOptions]) -> Iterator[RunLog]:
        """The run's log lines."""
        subject = read_id("run id", run_id)
        return self._driver.each(
            lists.run_logs(self._flows.context, subject, **list_options(options))
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
        """Create a batch of 1 to 100 inputs, each the model's own input with an optional
        `client_ref`, and give a handle.

        An input is a dict or a typed input of this model; the files in it are uploaded first. The
        idempotency key (made up if not given) makes every retry safe. Raises InsufficientCredit
        when the balance does not cover the whole batch (nothing is created), ValidationFailed for a
        model that takes no batches, other ApiErrors, InvalidArgument before anything is sent.
        """
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
        """A handle on the batch with this id; nothing is sent yet."""
        return Handle(self._flows, self._driver, read_id("batch id", batch_id))

    def get(self, batch_id: str | UUID) -> Batch:
        """Read the batch."""
        return self.attach(batch_id).refresh()

    def list(self, **options: Unpack[ListOptions]) -> Iterator[Batch]:
        """Every batch that the filter lets through (the operation is INFERRED)."""
        return self._driver.each(
            lists.batches(self._flows.context, Batch.of, **list_options(options))
        )

    def items(self, batch_id: str | UUID, **options: Unpack[ListOptions]) -> Iterator[BatchItem]:
        """The batch's items with their runs."""
        subject = read_id("batch id", batch_id)
        return self._driver.each(
            lists.batch_items(self._flows.context, subject, **list_options(options))
        )


class Evaluations:
    """Evaluations of pictures."""

    def __init__(self, flows: EvaluationFlows, driver: Driver) -> None:
        self._flows = flows
        self._driver = driver

    def submit(
        self, evaluation: EvaluationCreate, *, idempotency_key: str | None = None
    ) -> Handle[Evaluation]:
        """Submit a picture and give a handle. The idempotency key (made up if not given) makes
        every retry safe.
        """
        created = self._driver.drive(
            self._flows.create(evaluations.create_arguments(evaluation, idempotency_key))
        )
        return Handle(self._flows, self._driver, UUID(created.id), created)

    def attach(self, evaluation_id: str | UUID) -> Handle[Evaluation]:
        """A handle on the evaluation with this id; nothing is sent yet."""
        return Handle(self._flows, self._driver, read_id("evaluation id", evaluation_id))

    def get(self, evaluation_id: str | UUID) -> Evaluation:
        """Read the evaluation."""
        return self.attach(evaluation_id).refresh()

    def list(self, **options: Unpack[ListOptions]) -> Iterator[Evaluation]:
        """Every evaluation that the filter lets through (the operation is INFERRED)."""
        return self._driver.each(
            lists.evaluations(self._flows.context, Evaluation.of, **list_options(options))
        )


class Models:
    """The catalog."""

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver

    def get(self, model: str) -> Model:
        """The catalog's entry of a model id. Raises NotFound, InvalidArgument for what is no model
        id.
        """
        return self._driver.drive(
            request(
                self._context,
                get_model.build_request(*split_model_id(model)),
                lenient(Model),
            )
        )

    def list(self, **options: Unpack[ListOptions]) -> Iterator[Model]:
        """Every model that the filter lets through."""
        return self._driver.each(lists.models(self._context, **list_options(options)))

    def inputs(self, model: str, **options: Unpack[ListOptions]) -> Iterator[ModelInput]:
        """The model's declared inputs (INFERRED), in two requests: the list is asked for by the
        model's uuid.
        """
        model_id = read_id("uuid of the model", str(value_or_none(self.get(model).id)))
        return self._driver.each(
            lists.model_inputs(self._context, model_id, **list_options(options))
        )


class Account:
    """What the key's organization has."""

    def __init__(self, context: Context, driver: Driver) -> None:
        self._context = context
        self._driver = driver

    def balance(self) -> Decimal | None:
        """The credit balance in US dollars; None where the server does not say it legibly."""
        arguments = get_balance.build_request()
        return read_money(
            value_or_none(
                self._driver.drive(
                    request(self._context, arguments, lenient(CreditBalance))
                ).balance
            )
        )
