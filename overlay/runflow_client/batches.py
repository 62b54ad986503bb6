"""Batches: many runs of one model under one id, created once, waited for as a whole."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias
from uuid import UUID

from attrs import evolve, field, frozen
from runflow_api.api.batches import get_batch
from runflow_api.api.models import create_batch
from runflow_api.http_library import httpx
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_create import BatchCreate
from runflow_api.models.batch_item_input import BatchItemInput
from runflow_api.models.json_object import JsonObject
from runflow_api.types import UNSET, RequestArguments

from . import statuses
from .deadlines import Deadline
from .errors import BatchCanceled, BatchFailed, InvalidArgument
from .exchanges import create, deliver, unreadable
from .flows import Context, Flow
from .identifiers import check_idempotency_key, make_idempotency_key
from .json_values import check_json
from .model_ids import split_model_id
from .reading import read_object, salvage
from .redaction import redacted_repr
from .runs import read_money
from .unset import identified, known
from .uploads import AssetFlows
from .wait_flows import WaitFlows

if TYPE_CHECKING:
    from .model_inputs import ModelInput

LARGEST_BATCH = 100
"""Items, from the create body's own bounds."""


@frozen(kw_only=True)
class Batch:
    """One batch, as it was when it was read. Whatever the server left out is None; `model` has every field.

    `status` is the server's own word. The runs' ids and statuses are in `model.items`.
    """

    id: str
    status: str | None
    items_total: int | None
    items_succeeded: int | None
    items_failed: int | None
    items_canceled: int | None
    cost: Decimal | None
    output: Mapping[str, Any] | None = field(repr=False)
    failure_code: str | None
    failure_message: str | None = field(repr=redacted_repr)
    created_at: datetime | None
    completed_at: datetime | None
    model: BatchModel = field(repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether every item is over, well or not."""
        return statuses.is_terminal(self.status)

    @property
    def is_partial(self) -> bool:
        """Whether only some of the items succeeded."""
        return self.status == statuses.PARTIAL_SUCCEEDED

    @property
    def progress(self) -> tuple[object, ...]:
        """Status and counts: what changes while one waits."""
        return self.status, self.items_succeeded, self.items_failed, self.items_canceled

    @classmethod
    def of(cls, model: BatchModel) -> "Batch":
        """The batch that this model describes. Raises ValueError for one without an id."""
        status, output = known(model.status_code), known(model.output)
        return cls(
            id=identified("batch", known(model.id)),
            status=None if status is None else str(status.value),
            items_total=known(model.items_total),
            items_succeeded=known(model.items_succeeded),
            items_failed=known(model.items_failed),
            items_canceled=known(model.items_cancelled),
            cost=read_money(known(model.cost)),
            output=None if output is None else output.to_dict(),
            failure_code=known(model.failure_code),
            failure_message=known(model.failure_message),
            created_at=known(model.created_at),
            completed_at=known(model.completed_at),
            model=model,
        )


BatchInput: TypeAlias = "Mapping[str, Any] | ModelInput"


@frozen(kw_only=True)
class NewBatch:
    """One logical create: all its attempts carry the same key."""

    model: str
    inputs: Sequence[Mapping[str, Any]] = field(repr=False)
    callback_url: str | None
    metadata: Mapping[str, Any] | None
    idempotency_key: str

    @classmethod
    def of(
        cls,
        model: str,
        inputs: Sequence[BatchInput],
        *,
        callback_url: str | None,
        metadata: Mapping[str, Any] | None,
        idempotency_key: str | None,
    ) -> "NewBatch":
        """The create that these arguments of `create` mean. Raises InvalidArgument for a typed input of another model."""
        return cls(
            model=model,
            inputs=[_values(model, item, number) for number, item in enumerate(inputs)],
            callback_url=callback_url,
            metadata=metadata,
            idempotency_key=make_idempotency_key() if idempotency_key is None else idempotency_key,
        )

    def arguments(self) -> RequestArguments:
        """The request. Raises InvalidArgument for a model id, inputs or metadata that cannot be right."""
        owner, slug = split_model_id(self.model)
        if not 1 <= len(self.inputs) <= LARGEST_BATCH:
            raise InvalidArgument(f"a batch has 1 to {LARGEST_BATCH} inputs, not {len(self.inputs)}")
        items = [BatchItemInput.from_dict(check_json(item, f"inputs[{n}]")) for n, item in enumerate(self.inputs)]
        body = BatchCreate(
            input_=items,
            callback_url=UNSET if self.callback_url is None else check_json(self.callback_url, "callback_url"),
            metadata=UNSET if self.metadata is None else JsonObject.from_dict(check_json(self.metadata, "metadata")),
        )
        check_idempotency_key(self.idempotency_key)
        return create_batch.build_request(owner, slug, body=body, idempotency_key=self.idempotency_key)


def _values(model: str, item: BatchInput, number: int) -> Mapping[str, Any]:
    if isinstance(item, Mapping):
        return item
    if model != item.MODEL_ID:
        raise InvalidArgument(f"inputs[{number}] is for {item.MODEL_ID}, and the batch for {model}")
    return item.to_input()


@frozen
class BatchFlows(WaitFlows[Batch]):
    """The flows of batches."""

    assets: AssetFlows
    """Uploads the files of inputs and remembers them."""

    kind: ClassVar[str] = "batch"
    way_back: ClassVar[str] = "client.batches.attach"

    def create(self, request: NewBatch) -> Flow[Batch]:
        """Upload the files of the inputs and create the batch.

        The idempotency key, which Runflow honours for batches, makes every retry safe.
        """
        evolve(request, inputs=[{}] * len(request.inputs)).arguments()  # told before a file is uploaded
        request = evolve(request, inputs=(yield from self.assets.resolve_files_of_all(request.inputs)))
        return (yield from create(self.context, request.arguments(), read_batch, self.kind))

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[Batch]:
        """Read the batch once, with the context's retries."""
        return read_batch((yield from deliver(context, get_batch.build_request(subject_id), deadline=deadline)))

    def unseen(self, subject_id: UUID) -> Batch:
        """A batch of which only the id is known."""
        return Batch.of(BatchModel(id=subject_id))

    def conclude(self, state: Batch, *, raise_on_failure: bool) -> Batch:
        """The batch, or BatchFailed or BatchCanceled."""
        if raise_on_failure and state.status == statuses.FAILED:
            raise BatchFailed(state)
        if raise_on_failure and state.status in statuses.CANCELED:
            raise BatchCanceled(state)
        return state


def read_batch(response: httpx.Response) -> Batch:
    """The batch in this answer. Raises UnreadableAnswer where there is not even an id."""
    model = salvage(BatchModel, read_object(response))
    if known(model.id) is None:
        raise unreadable(response, "expected a batch with an id")
    return Batch.of(model)
