"""A run as the API shows it: data, without a client inside."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import field, frozen
from runflow_api.encoding import json_value
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_status import RunStatus

from .. import _statuses as statuses
from .._json import as_list, as_object, as_text
from .._redaction import redacted_repr
from .._responses import (
    identified,
    plain,
    read_model,
    read_object,
    require_id,
    unreadable,
    value_or_none,
)
from .artifact import OUTPUTS, BaseArtifact, read_artifacts

if TYPE_CHECKING:
    from ..callbacks._events import CallbackEvent


@frozen(kw_only=True)
class BaseRun:
    """One run, as it was when it was read. What the server left out is None.

    `status` is the server's own word: `queued`, `dispatching`, `running`, `succeeded`,
    `partial_succeeded`, `failed`, `canceled`, or one that is newer than this client. `cost` is in
    US dollars, `duration_ms` in milliseconds. `model_name` is the id of the AI model, such as
    `google/nano-banana-pro`, where this client created the run or `get_or_create` found it, else
    None: the API shows only a uuid.
    `input` is that of the create, as the API shows it; None where many runs are waited for at
    once, since their list leaves it out. `raw` is the generated schema object
    with every field of the document; fields that are newer are in its `additional_properties`.
    Pickles and copies of a run are data: they compare equal and hold no connection.
    """

    id: str
    status: str | None
    model_name: str | None = field(default=None, eq=False)
    input: Mapping[str, Any] | None = field(repr=False, hash=False)
    output: Mapping[str, Any] | None = field(repr=False, hash=False)
    duration_ms: int | None
    nodes_completed: int | None
    nodes_total: int | None
    cost: Decimal | None
    client_ref: str | None
    failure_code: str | None
    failure_message: str | None = field(repr=redacted_repr)
    failure_stage: str | None
    created_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    metadata: Mapping[str, Any] | None = field(repr=False, hash=False)
    raw: RunModel = field(repr=False, hash=False)

    @property
    def outputs(self) -> Sequence[BaseArtifact]:
        """The files that the run made so far."""
        return [BaseArtifact(**facts, run_id=self.id) for facts in read_artifacts(self.output)]

    @property
    def has_ended(self) -> bool:
        """Whether the run is over, well or not."""
        return statuses.is_terminal(self.status, self.completed_at, RunStatus)

    @property
    def has_output(self) -> bool:
        """Whether it ended with results: all of them, or some (`partial_succeeded`)."""
        return self.status in statuses.ENDED_WITH_OUTPUT

    @property
    def is_partial(self) -> bool:
        """Whether only some of the outputs were made."""
        return self.status == statuses.PARTIAL_SUCCEEDED

    @property
    def progress(self) -> tuple[str | None, int | None, int | None]:
        """Status, nodes completed, nodes in total: what changes while one waits."""
        return self.status, self.nodes_completed, self.nodes_total

    @property
    def model_data(self) -> Mapping[str, Any] | None:
        """What the model reports about its output, as it is."""
        return as_object(self._reported("model_data"))

    @property
    def timing(self) -> Mapping[str, Any] | None:
        """How long the model took, as it reports it."""
        return as_object(self._reported("timing"))

    @property
    def seed(self) -> int | None:
        """The seed with which the model makes the same again."""
        seed = self._reported("seed")
        return seed if isinstance(seed, int) and not isinstance(seed, bool) else None

    @property
    def nsfw_detected(self) -> bool | None:
        """Whether the model takes its output for not safe for work: any of its outputs, where it
        says so for each.
        """
        value = self._reported("nsfw_detected")
        each = as_list(value)
        if each:
            return any(found is True for found in each)
        return value if isinstance(value, bool) else None

    def _reported(self, name: str) -> object:
        return None if self.output is None else self.output.get(name)


R = TypeVar("R", bound=BaseRun)


def fields_of(model: RunModel) -> dict[str, Any]:
    """Return the arguments of BaseRun for this model. Raises ValueError for one without an id."""
    run_id = identified("run", value_or_none(model.id))
    status, nodes_completed, nodes_total = progress_of(model)
    return {
        "id": run_id,
        "status": status,
        "input": as_object(plain(model, "input_")),
        "output": read_output(plain(model, "output")),
        "duration_ms": value_or_none(model.duration_ms),
        "nodes_completed": nodes_completed,
        "nodes_total": nodes_total,
        "cost": read_money(plain(model, "cost")),
        "client_ref": value_or_none(model.client_ref),
        "failure_code": value_or_none(model.failure_code),
        "failure_message": value_or_none(model.failure_message),
        "failure_stage": value_or_none(model.failure_stage_code),
        "created_at": value_or_none(model.created_at),
        "started_at": value_or_none(model.started_at),
        "completed_at": value_or_none(model.completed_at),
        "metadata": as_object(plain(model, "metadata")),
        "raw": model,
    }


def read_run(
    response: httpx.Response,
    parse: Callable[[httpx.Response], object],
    expected: UUID | None = None,
) -> RunModel:
    """Return the run in this answer, as far as it keeps to the document.

    Raises UnreadableAnswer for one without an id, or with another than `expected`.
    """
    return require_id(response, "run", read_model(response, parse, RunModel), expected)


def read_workflow_run(
    response: httpx.Response, parse: Callable[[httpx.Response], object]
) -> RunModel:
    """Return the new run of a ComfyUI workflow: its id is in `run_id`, else in `id`.

    Raises UnreadableAnswer for an answer that has neither.
    """
    run = read_model(response, parse, RunModel)
    named = read_object(response).get("run_id")
    if named is not None:
        try:
            run.id = UUID(str(named))
        except ValueError:
            raise unreadable(response, "run_id is not an id") from None
    return require_id(response, "run", run)


def progress_of(model: RunModel) -> tuple[str | None, int | None, int | None]:
    """Status, nodes completed, nodes in total: what changes while one waits."""
    return (
        as_text(plain(model, "status_code")),
        value_or_none(model.nodes_completed),
        value_or_none(model.nodes_total),
    )


def model_after(model: RunModel, event: "CallbackEvent") -> RunModel:
    """Return the run with what its callback shows. A callback does not show everything: the cost,
    for one, comes with `refresh()`.
    """
    failed = event.status == statuses.FAILED
    failure = event.output or {}
    seen = {
        "status_code": event.status,
        "output": None if failed else event.output,
        "failure_code": as_text(failure.get("code")) if failed else None,
        "failure_message": as_text(failure.get("message")) if failed else None,
        "duration_ms": event.duration_ms,
        "completed_at": json_value(event.completed_at),
    }
    return RunModel.from_part({**model.to_dict(), **seen})


def read_output(value: object) -> dict[str, Any] | None:
    """Return what a run made as a JSON object.

    A list, or another single value, stands under `outputs`, where the files are looked for.
    """
    if value is None:
        return None
    found = as_object(value)
    return {OUTPUTS: as_list(value) or [value]} if found is None else found


def read_money(amount: object) -> Decimal | None:
    """Read an amount in US dollars from its decimal string or number; None for none or for what is
    neither.
    """
    try:
        return None if amount is None else Decimal(str(amount))
    except InvalidOperation:
        return None
