"""What can be done with batches."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, TypeVar
from uuid import UUID

from attrs import evolve, field, frozen
from runflow_api.api.batches import get_batch
from runflow_api.api.models import create_batch
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_create import BatchCreate
from runflow_api.models.batch_item_input import BatchItemInput
from runflow_api.models.json_object import JsonObject
from runflow_api.types import UNSET, RequestArguments

from .._errors import InvalidArgument
from .._models.batch import BaseBatch, read_batch
from .._models.outcome_errors import BatchCanceled, BatchFailed
from .._responses import value_or_none
from .._time import Deadline
from .._validation import (
    check_client_ref,
    check_idempotency_key,
    check_json,
    make_idempotency_key,
    split_model_id,
)
from .client_refs import client_ref_of
from .commands import Context, Flow
from .deadlines import uploaded_by
from .poll import WaitFlows
from .request import post_idempotent, send_with_retries
from .upload import AssetFlows

if TYPE_CHECKING:
    from .._typed_inputs.base import ModelInput


MAX_BATCH_ITEMS = 100
"""Items, from the create body's own bounds."""

CLIENT_REF: Final = "client_ref"
"""What an input of a batch may have besides the fields of its model."""

BatchInput: TypeAlias = "Mapping[str, Any] | ModelInput"

B = TypeVar("B", bound=BaseBatch)


@frozen(kw_only=True)
class NewBatch:
    """One logical create: all its attempts carry the same key."""

    model: str
    inputs: Sequence[Mapping[str, Any]] = field(repr=False)
    callback_url: str | None
    metadata: Mapping[str, Any] | None
    idempotency_key: str
    unchecked: Collection[str] = ()
    """The inputs, such as `inputs[0]`, whose files may be of another kind than the model takes."""

    @classmethod
    def of(
        cls,
        model: str,
        inputs: Sequence[BatchInput],
        *,
        callback_url: str | None,
        metadata: Mapping[str, Any] | None,
        idempotency_key: str | None,
        max_cost: Decimal | float | str | None = None,
        strict: bool = True,
    ) -> "NewBatch":
        """Make the create that these arguments of `create` mean.

        Raises InvalidArgument for a workflow, for a typed input of another model and, if `strict`,
        for a model without batches and for an input that the catalog says is wrong; MaxCostExceeded
        for a batch whose runs cost more than `max_cost` together.
        """
        from .._estimate import (  # knows the catalog
            check_batch_cost,
            check_model_id,
            check_takes_batches,
            is_workflow,
        )

        check_model_id(model)
        if is_workflow(model):
            raise InvalidArgument(
                f"{model} is a ComfyUI workflow, and batches take models only: use client.run for "
                "each input"
            )
        if strict:
            check_takes_batches(model)
        values = [_values(model, item, number, strict) for number, item in enumerate(inputs)]
        if max_cost is not None:
            check_batch_cost(model, max_cost, values)
        return cls(
            model=model,
            inputs=values,
            unchecked=[
                _place(number)
                for number, item in enumerate(inputs)
                if not (strict and (isinstance(item, Mapping) or item.strict))
            ],
            callback_url=callback_url,
            metadata=metadata,
            idempotency_key=make_idempotency_key() if idempotency_key is None else idempotency_key,
        )

    def client_refs(self) -> list[str]:
        """Return the client_ref of each item; one that was not given is made up.

        Raises InvalidArgument for a client_ref that cannot be right.
        """
        check_idempotency_key(self.idempotency_key)
        made_up = client_ref_of(self.idempotency_key)
        refs = [item.get(CLIENT_REF) for item in self.inputs]
        for number, ref in enumerate(refs):
            if ref is not None:
                check_client_ref(ref, f"{_place(number)}.{CLIENT_REF}")
        return [f"{made_up}-{number}" if ref is None else ref for number, ref in enumerate(refs)]

    def is_shown(self, batch: BatchModel) -> bool:
        """Whether this batch has no client_ref but those of the request, each as often."""
        items = [value_or_none(item.client_ref) for item in value_or_none(batch.items) or ()]
        return Counter(ref for ref in items if ref is not None) <= Counter(self.client_refs())

    def arguments(self) -> RequestArguments:
        """Build the request. Raises InvalidArgument for a model id, inputs or metadata that cannot
        be right.
        """
        owner, slug = split_model_id(self.model)
        if not 1 <= len(self.inputs) <= MAX_BATCH_ITEMS:
            raise InvalidArgument(
                f"a batch has 1 to {MAX_BATCH_ITEMS} inputs, not {len(self.inputs)}"
            )
        refs = self.client_refs()
        items = [
            BatchItemInput.from_dict({**check_json(item, _place(n)), CLIENT_REF: refs[n]})
            for n, item in enumerate(self.inputs)
        ]
        body = BatchCreate(
            input_=items,
            callback_url=UNSET
            if self.callback_url is None
            else check_json(self.callback_url, "callback_url"),
            metadata=UNSET
            if self.metadata is None
            else JsonObject.from_dict(check_json(self.metadata, "metadata")),
        )
        return create_batch.build_request(
            owner, slug, body=body, idempotency_key=self.idempotency_key
        )


def _values(model: str, item: BatchInput, number: int, strict: bool) -> Mapping[str, Any]:
    if isinstance(item, Mapping):
        from .._typed_inputs.files import keep_local_file  # loaded already, with the uploads

        place = _place(number)
        values: dict[str, Any] = check_json(item, place, replace=keep_local_file)
        if strict:
            from .._estimate import check_input  # knows the catalog, which no typed input needs

            own = {name: value for name, value in values.items() if name != CLIENT_REF}
            check_input(model, own, place)
        return values
    if model != item.MODEL_ID:
        raise InvalidArgument(f"{_place(number)} is for {item.MODEL_ID}, and the batch for {model}")
    return item.to_input()


def _place(number: int) -> str:
    """Return what errors call an input."""
    return f"inputs[{number}]"


@frozen
class BatchFlows(WaitFlows[B]):
    """The flows of batches, giving batches of one colour."""

    show: Callable[[BatchModel], B]
    """Makes a Batch or AsyncBatch of the generated model."""
    assets: AssetFlows
    """Uploads the files of inputs and remembers them."""

    kind: ClassVar[str] = "batch"
    attach_method: ClassVar[str] = "client.batches.attach"
    failed: ClassVar[type[BatchFailed]] = BatchFailed
    canceled: ClassVar[type[BatchCanceled] | None] = BatchCanceled

    def create(self, request: NewBatch, deadline: Deadline | None = None) -> Flow[B]:
        """Upload the files of the inputs and create the batch, by the deadline.

        The idempotency key, which Runflow honours for batches, makes every retry safe.
        """
        # raised before a file is uploaded
        request.client_refs()
        evolve(request, inputs=[{}] * len(request.inputs)).arguments()
        files = yield from self.assets.inspect_files(
            {_place(number): values for number, values in enumerate(request.inputs)},
            model=request.model,
            unchecked=request.unchecked,
        )
        try:
            uploading = uploaded_by(deadline, self.assets.upload_files(files), self.kind)
            request = evolve(request, inputs=(yield from uploading))
        finally:
            files.close()
        model = yield from post_idempotent(
            self.context,
            request.arguments(),
            read_batch,
            self.kind,
            request.is_shown,
            deadline=deadline,
        )
        return self.show(model)

    def read(self, context: Context, subject_id: UUID, deadline: Deadline | None) -> Flow[B]:
        """Read the batch once, with the context's retries."""
        response = yield from send_with_retries(
            context, get_batch.build_request(subject_id), deadline=deadline
        )
        return self.show(read_batch(response, subject_id))

    def unseen(self, subject_id: UUID) -> B:
        """Make a batch of which only the id is known."""
        return self.show(BatchModel.from_part({"id": str(subject_id)}))
