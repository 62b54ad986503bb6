"""A run as the API shows it: data, without a client inside."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import UUID

from attrs import field, frozen
from runflow_api.decoding import integer
from runflow_api.encoding import json_value
from runflow_api.errors import DecodingError
from runflow_api.http_library import httpx
from runflow_api.instants import read_instant
from runflow_api.models.run import Run as RunModel

from .._json import as_list, as_object, as_text
from .._redaction import redacted_repr
from .._responses import (
    identified,
    parse_leniently,
    read_model,
    read_object,
    require_id,
    unreadable,
    value_or_none,
)
from . import statuses
from .artifact import OUTPUTS, BaseArtifact, read_artifacts

if TYPE_CHECKING:
    from ..callbacks._events import CallbackEvent


class _Listed:
    """What a run is made of that was read: its JSON object, until its fields are asked for."""

    __slots__ = ("_item", "_singly")
    _item: Mapping[str, Any]
    _singly: int
    """How many more fields are read one by one. Who asks for more gets all of them at once."""

    if not TYPE_CHECKING:  # type checkers shall still report names that a run does not have

        def __getattr__(self, name: str) -> Any:
            """Read the field from the object, the first time that it is asked for."""
            if name == "raw":
                value = parse_leniently(RunModel, self._item)
            elif name not in _FIELDS:
                kind = type(self).__name__
                raise AttributeError(f"{kind!r} object has no attribute {name!r}")
            elif self._singly:
                _put_singly(self, self._singly - 1)
                key, _, read = _FIELDS[name]
                value = read(self._item.get(key))
            else:
                found = fields_in(self._item)
                for other, put in _PUTS:
                    put(self, found[other])
                return found[name]
            _set(self, name, value)
            return value


@frozen(kw_only=True)
class BaseRun(_Listed):
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
        return statuses.is_terminal(self.status, self.completed_at, "run")

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


def read_output(value: object) -> dict[str, Any] | None:
    """Return what a run made as a JSON object.

    A list, or another single value, stands under `outputs`, where the files are looked for.
    """
    if value is None:
        return None
    if (found := as_object(value)) is not None:
        return found
    several = as_list(value)
    return {OUTPUTS: [value] if several is None else several}


_MONEY: Final = Context(traps=[InvalidOperation])
"""Given to each Decimal: without it each asyncio task would get, and keep, a context of its own."""


def read_money(amount: object) -> Decimal | None:
    """Read an amount in US dollars from its decimal string or number; None for none or for what is
    neither, such as NaN, which cannot be compared.
    """
    try:
        money = None if amount is None else Decimal(str(amount), _MONEY)
    except InvalidOperation:
        return None
    return money if money is not None and money.is_finite() else None


def _whole(value: object) -> int | None:
    """Read a whole number; None for anything else."""
    try:
        return None if value is None else integer(value)
    except DecodingError:
        return None


_Read = Callable[[Any], object]

_TEXT: Final[tuple[type, _Read]] = (str, as_text)
_OBJECT: Final[tuple[type, _Read]] = (dict, as_object)
_WHOLE: Final[tuple[type, _Read]] = (int, _whole)
_INSTANT: Final[tuple[None, _Read]] = (None, read_instant)

_FIELDS: Final[Mapping[str, tuple[str, type | None, _Read]]] = {
    "status": ("status_code", *_TEXT),
    "input": ("input", *_OBJECT),
    "output": ("output", dict, read_output),
    "duration_ms": ("duration_ms", *_WHOLE),
    "nodes_completed": ("nodes_completed", *_WHOLE),
    "nodes_total": ("nodes_total", *_WHOLE),
    "cost": ("cost", None, read_money),
    "client_ref": ("client_ref", *_TEXT),
    "failure_code": ("failure_code", *_TEXT),
    "failure_message": ("failure_message", *_TEXT),
    "failure_stage": ("failure_stage_code", *_TEXT),
    "created_at": ("created_at", *_INSTANT),
    "started_at": ("started_at", *_INSTANT),
    "completed_at": ("completed_at", *_INSTANT),
    "metadata": ("metadata", *_OBJECT),
}
"""For each field of a run but its id: its name in JSON, the type whose values are taken as they
are, and how any other value is read. Null is None for each.
"""


def fields_in(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the run that this JSON object shows, but for `id` and `raw`."""
    find = item.get
    return {
        name: value if (value := find(key)) is None or type(value) is taken else read(value)
        for name, (key, taken, read) in _FIELDS.items()
    }


def fields_of(model: RunModel) -> dict[str, Any]:
    """Return the arguments of BaseRun for this model. Raises ValueError for one without an id."""
    run_id = identified("run", value_or_none(model.id))
    return {"id": run_id, "raw": model, **fields_in(model.to_dict())}


_set = object.__setattr__  # a run is frozen

_Put = Callable[[BaseRun, Any], None]

_PUTS: Final[Sequence[tuple[str, _Put]]] = [(name, vars(BaseRun)[name].__set__) for name in _FIELDS]
"""What sets each field: faster than by its name, for a page has thousands."""

_put_id: Final[_Put] = vars(BaseRun)["id"].__set__
_put_item: Final[_Put] = vars(_Listed)["_item"].__set__
_put_singly: Final[_Put] = vars(_Listed)["_singly"].__set__

_USUAL_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def listed(kind: type[R], item: Mapping[str, Any], **others: Any) -> R:
    """Return the run that this JSON object shows; its fields are read when one is asked for.

    `others` are attributes that the item does not tell. Raises ValueError for one without an id.
    """
    run = kind.__new__(kind)
    _put_item(run, item)
    _put_singly(run, 3)
    run_id = item.get("id")
    if not (isinstance(run_id, str) and _USUAL_ID.fullmatch(run_id)):
        found = parse_leniently(RunModel, {"id": run_id})
        run_id = identified("run", value_or_none(found.id))
    _put_id(run, run_id)
    for name, value in others.items():
        _set(run, name, value)
    return run


def read_run(
    response: httpx.Response,
    parse: Callable[[httpx.Response], object],
) -> RunModel:
    """Return the run in this answer, as far as it keeps to the document.

    Raises UnreadableAnswer for one without an id.
    """
    return require_id(response, "run", read_model(response, parse, RunModel))


def read_run_object(response: httpx.Response, expected: UUID) -> Mapping[str, Any]:
    """Return the JSON object of the run in this answer.

    Raises UnreadableAnswer for one without an id, or with another than `expected`.
    """
    found = read_object(response)
    if found.get("id") != str(expected):  # spelled in another way, or another run's
        require_id(response, "run", parse_leniently(RunModel, {"id": found.get("id")}), expected)
    return found


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
