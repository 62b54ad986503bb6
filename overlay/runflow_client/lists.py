"""What can be listed: one description a list, walked lazily in both directions."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar
from uuid import UUID

from runflow_api.api.batches import list_batch_items, list_batches
from runflow_api.api.evaluations import list_evaluations
from runflow_api.api.models import list_model_inputs, list_models
from runflow_api.api.runs import list_run_logs, list_runs
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_item import BatchItem
from runflow_api.models.evaluation import Evaluation as EvaluationModel
from runflow_api.models.model import Model
from runflow_api.models.model_input import ModelInput
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_log import RunLog
from runflow_api.types import RequestArguments

from .errors import InvalidArgument
from .exchanges import deliver
from .flows import Context, Flow
from .json_shapes import as_text
from .paging import LARGEST_PAGE, Page, read_page, walk
from .reading import Model as AnyModel
from .reading import salvage

M = TypeVar("M", bound=AnyModel)
T = TypeVar("T")


class ListQuery(Protocol):
    """Builds the request for one page of a list."""

    def __call__(
        self, *, q: str | None, sort_by: str | None, limit: int | None, pq: str | None, from_prev: bool
    ) -> RequestArguments:
        """The request."""
        ...


def walk_list(
    context: Context,
    build: ListQuery,
    model: type[M],
    show: Callable[[M], object],
    *,
    q: str | None,
    sort_by: str | None,
    page_size: int,
    cursor: str | None,
    backward: bool,
) -> Flow[None]:
    """Tell an Update for every item of the list, each once, reading a page of `page_size` items at a time.

    `q` is a filter such as `status_code.EQ:'failed'`, `sort_by` such as `created_at:desc`; both go to the server as they
    are. `cursor` is where to begin (a Page's `next` or `previous`), `backward` goes on from there to the previous pages.
    Raises InvalidArgument for a page size outside 1 to 500 and for a walk backward from nowhere.
    """
    check_page(page_size, cursor, backward)

    def read(item: Mapping[str, Any]) -> tuple[object, object]:
        return as_text(item.get("id")), show(salvage(model, item))

    return walk(
        context,
        lambda cursor: build(q=q, sort_by=sort_by, limit=page_size, pq=cursor, from_prev=backward),
        read,
        cursor=cursor,
        backward=backward,
    )


def check_page(page_size: int, cursor: str | None, backward: bool) -> None:
    """Raises InvalidArgument for a page size outside 1 to 500 and for a page before nothing."""
    if not 1 <= page_size <= LARGEST_PAGE:
        raise InvalidArgument(f"page_size is {page_size}: expected 1 to {LARGEST_PAGE}")
    if backward and cursor is None:
        raise InvalidArgument("backward needs the cursor to go back from: a Page's `previous`")


def runs_page(
    context: Context,
    show: Callable[[RunModel], T],
    *,
    q: str | None,
    sort_by: str | None,
    page_size: int,
    cursor: str | None,
    backward: bool,
) -> Flow[Page[T]]:
    """One page of runs, with the cursors of its neighbours."""
    check_page(page_size, cursor, backward)
    arguments = list_runs.build_request(q=q, sort_by=sort_by, limit=page_size, pq=cursor, from_prev=backward)
    response = yield from deliver(context, arguments)
    return read_page(response, lambda item: show(salvage(RunModel, item)))


def runs(context: Context, show: Callable[[RunModel], object], **query: Any) -> Flow[None]:
    """The list of runs."""
    return walk_list(context, list_runs.build_request, RunModel, show, **query)


def run_logs(context: Context, run_id: UUID, **query: Any) -> Flow[None]:
    """The log lines of one run."""
    return walk_list(context, _below(list_run_logs.build_request, str(run_id)), RunLog, _as_it_is, **query)


def batches(context: Context, show: Callable[[BatchModel], object], **query: Any) -> Flow[None]:
    """The list of batches (INFERRED: no page of the reference shows it)."""
    return walk_list(context, list_batches.build_request, BatchModel, show, **query)


def batch_items(context: Context, batch_id: UUID, **query: Any) -> Flow[None]:
    """The items of one batch, with their runs."""
    return walk_list(context, _below(list_batch_items.build_request, batch_id), BatchItem, _as_it_is, **query)


def evaluations(context: Context, show: Callable[[EvaluationModel], object], **query: Any) -> Flow[None]:
    """The list of evaluations (INFERRED: no page of the reference shows it)."""
    return walk_list(context, list_evaluations.build_request, EvaluationModel, show, **query)


def models(context: Context, **query: Any) -> Flow[None]:
    """The catalog."""
    return walk_list(context, list_models.build_request, Model, _as_it_is, **query)


def model_inputs(context: Context, model_id: UUID, **query: Any) -> Flow[None]:
    """The declared inputs of one model (INFERRED from the reference's page for one input)."""
    return walk_list(context, _below(list_model_inputs.build_request, str(model_id)), ModelInput, _as_it_is, **query)


def _below(build: Callable[..., RequestArguments], parent: str | UUID) -> ListQuery:
    def build_below(**query: Any) -> RequestArguments:
        return build(parent, **query)

    return build_below


def _as_it_is(model: object) -> object:
    return model
