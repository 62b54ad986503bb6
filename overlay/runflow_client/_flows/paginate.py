"""Read a list page by page."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Generic, Protocol, TypeVar
from uuid import UUID

from runflow_api.api.batches import list_batch_items, list_batches
from runflow_api.api.comfyui_workflows import list_comfyui_workflows
from runflow_api.api.evaluations import list_evaluations
from runflow_api.api.media import list_assets
from runflow_api.api.models import list_model_inputs, list_models
from runflow_api.api.runs import list_run_logs, list_runs
from runflow_api.http_library import httpx
from runflow_api.limits import MAXIMUMS
from runflow_api.models.asset import Asset as AssetModel
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_item import BatchItem
from runflow_api.models.comfyui_workflow import ComfyuiWorkflow
from runflow_api.models.evaluation import Evaluation as EvaluationModel
from runflow_api.models.model import Model
from runflow_api.models.model_input import ModelInput
from runflow_api.models.run_log import RunLog
from runflow_api.types import RequestArguments

from .._errors import BadRequest, InvalidArgument, RunflowError, ValidationFailed
from .._json import as_text
from .._models.statuses import Kind
from .._responses import Model as AnyModel, Page, parse_leniently, read_page
from .._time import Deadline
from .._validation import check_arguments
from .commands import Context, Emit, Flow
from .filters import (
    NEWEST_FIRST,
    TimeRange,
    Wanted,
    is_wanted,
    joined,
    time_range,
    wanted_values,
)
from .request import send_with_retries

T = TypeVar("T")

MAX_PAGE_SIZE: Final = min(500, MAXIMUMS.get("limit", 500))
"""Items, from the `limit` parameter's own bounds: no more than the document allows."""


MAX_REPEATS = 10
"""Pages in a row that bring nothing new: a list that grows meanwhile gives a few."""


class Pages(Generic[T]):
    """The pages of a list, read one after the other.

    The list ends with a page without a cursor, with a cursor that came before (it would lead round
    in a circle), and with the second empty page in a row. `max_pages` ends the reading earlier.
    """

    def __init__(
        self,
        context: Context,
        build: Callable[[str | None], RequestArguments],
        read_item: Callable[[Mapping[str, Any]], T],
        *,
        cursor: str | None = None,
        backward: bool = False,
        deadline: Deadline | None = None,
        max_pages: int | None = None,
    ) -> None:
        self._context = context
        self._build = build
        self._read_item = read_item
        self._cursor = cursor
        self._backward = backward
        self._deadline = deadline
        self._left = max_pages
        self._cursors: set[str] = set() if cursor is None else {cursor}
        self._was_empty = False
        self._is_limit_refused = False
        self.at_end = False
        """Whether nothing is left to read."""
        self.is_whole = False
        """Whether the last page said so. What leads round in a circle may hide the rest."""

    def next(self) -> Flow[Page[T] | None]:
        """Read the next page, or None where there is none or `max_pages` were read."""
        if self.at_end or self._left == 0:
            return None
        if self._left is not None:
            self._left -= 1
        page = read_page((yield from self._send()), self._read_item, backward=self._backward)
        self._cursor = page.previous if self._backward else page.next
        self.is_whole = self._cursor is None
        self.at_end = (
            self.is_whole or self._cursor in self._cursors or (self._was_empty and not page.items)
        )
        self._was_empty = not page.items
        if self._cursor is not None:
            self._cursors.add(self._cursor)
        return page

    def _send(self) -> Flow[httpx.Response]:
        """Ask for the page, and from a refused `limit` on for pages as long as the server likes."""
        arguments = self._build(self._cursor)
        if not self._is_limit_refused:
            try:
                return (
                    yield from send_with_retries(self._context, arguments, deadline=self._deadline)
                )
            except (BadRequest, ValidationFailed) as error:
                if not any("limit" in re.split(r"\W+", place) for place in error.fields):
                    raise
                self._is_limit_refused = True
        params = {
            name: value for name, value in arguments.get("params", {}).items() if name != "limit"
        }
        shorter: RequestArguments = {**arguments, "params": params}
        return (yield from send_with_retries(self._context, shorter, deadline=self._deadline))

    def require_end(self, kind: str) -> None:
        """Raise RunflowError if `max_pages` ended the reading before the list did."""
        if not self.at_end:
            raise RunflowError(
                f"the list of {kind} does not come to an end: the server gives a new cursor with "
                "every page"
            )


def walk(
    context: Context,
    build: Callable[[str | None], RequestArguments],
    read_item: Callable[[Mapping[str, Any]], tuple[object, object]],
    *,
    cursor: str | None,
    backward: bool,
    created: TimeRange | None = None,
    wanted: Wanted | None = None,
    newest_first: bool = False,
) -> Flow[None]:
    """Emit every item from the page at the cursor on, asking for a page only when it is wanted.

    `build` makes the request for a cursor (None: the first page), `read_item` returns an item's
    identity and what to emit. No item is emitted twice, although the list may grow meanwhile.
    `backward` follows the previous pages instead of the next. `created` leaves out what was created
    at another time; where the list was asked for with the newest first, it ends it as soon as all
    that follows is too old. `wanted` leaves out what shows other values. MAX_REPEATS pages in a row
    that bring nothing new end it, too.
    """
    created = created or TimeRange()
    pages = Pages(
        context, build, lambda item: (item, *read_item(item)), cursor=cursor, backward=backward
    )
    seen: set[object] = set()
    repeats = 0
    while repeats < MAX_REPEATS and (page := (yield from pages.next())) is not None:
        repeats += 1
        for fields, identity, item in page.items:
            if identity is not None and identity in seen:
                continue
            repeats = 0
            seen.add(identity)
            if created.holds(fields) and is_wanted(fields, wanted or {}):
                yield Emit(item)
        if newest_first and not backward and created.is_past([item[0] for item in page.items]):
            return


M = TypeVar("M", bound=AnyModel)


class ListQuery(Protocol):
    """Builds the request for one page of a list."""

    def __call__(
        self,
        *,
        q: str | None,
        sort_by: str | None,
        limit: int,
        pq: str | None,
        from_prev: bool,
    ) -> RequestArguments:
        """Build the request."""
        ...


def walk_list(
    context: Context,
    build: ListQuery,
    read_item: Callable[[Mapping[str, Any]], object],
    *,
    q: str | None,
    sort_by: str | None,
    page_size: int,
    cursor: str | None,
    backward: bool,
    kind: Kind = "run",
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    **equal: str | UUID | None,
) -> Flow[None]:
    """Emit what `read_item` makes of every item of the list, each once, reading a page of
    `page_size` items at a time.

    `q` is a filter such as `status_code.EQ:'failed'`, `sort_by` such as `created_at:desc`; both go
    to the server as they are. A list of a time comes with the newest first unless it is sorted.
    `equal` names fields and the values that they must have (`filters`);
    `kind` says whose statuses they are. `cursor` is where to begin (a Page's `next` or `previous`),
    `backward` continues from there with the previous pages. Raises InvalidArgument for a page size
    outside 1 to 500 and for a walk backward from nowhere.
    """
    check_arguments(q=q, sort_by=sort_by)
    check_page(page_size, cursor, backward)
    created = time_range(created_after, created_before)
    if sort_by is None and created != TimeRange():
        sort_by = NEWEST_FIRST
    wanted = wanted_values(equal, kind)
    q = joined(q, wanted)

    def read(item: Mapping[str, Any]) -> tuple[object, object]:
        return as_text(item.get("id")), read_item(item)

    return walk(
        context,
        lambda cursor: build(q=q, sort_by=sort_by, limit=page_size, pq=cursor, from_prev=backward),
        read,
        cursor=cursor,
        backward=backward,
        created=created,
        wanted=wanted,
        newest_first=sort_by == NEWEST_FIRST,
    )


def check_page(page_size: int, cursor: str | None, backward: bool) -> None:
    """Raise InvalidArgument for a page size outside 1 to 500 and for a page before nothing."""
    check_arguments(page_size=page_size, cursor=cursor, backward=backward)
    if not 1 <= page_size <= MAX_PAGE_SIZE:
        raise InvalidArgument(f"page_size is {page_size}: expected 1 to {MAX_PAGE_SIZE}")
    if backward and cursor is None:
        raise InvalidArgument("backward needs the cursor to go back from: a Page's `previous`")


def runs_page(
    context: Context,
    show: Callable[[Mapping[str, Any]], T],
    *,
    q: str | None,
    sort_by: str | None,
    page_size: int,
    cursor: str | None,
    backward: bool,
    **equal: str | UUID | None,
) -> Flow[Page[T]]:
    """One page of runs, with the cursors of its neighbours."""
    check_arguments(q=q, sort_by=sort_by)
    wanted = wanted_values(equal)
    check_page(page_size, cursor, backward)
    arguments = list_runs.build_request(
        q=joined(q, wanted), sort_by=sort_by, limit=page_size, pq=cursor, from_prev=backward
    )
    response = yield from send_with_retries(context, arguments)
    page = read_page(response, lambda item: (item, show(item)))
    return Page(
        [shown for item, shown in page.items if is_wanted(item, wanted)], page.next, page.previous
    )


def runs(context: Context, show: Callable[[Mapping[str, Any]], object], **query: Any) -> Flow[None]:
    """List the runs."""
    return walk_list(context, list_runs.build_request, show, **query)


def run_logs(context: Context, run_id: UUID, **query: Any) -> Flow[None]:
    """List the log lines of one run."""
    return walk_list(
        context, _below(list_run_logs.build_request, str(run_id)), _read(RunLog, _as_it_is), **query
    )


def assets(context: Context, show: Callable[[AssetModel], object], **query: Any) -> Flow[None]:
    """List the assets."""
    return walk_list(context, list_assets.build_request, _read(AssetModel, show), **query)


def batches(context: Context, show: Callable[[BatchModel], object], **query: Any) -> Flow[None]:
    """List the batches (not documented by Runflow)."""
    return walk_list(
        context, list_batches.build_request, _read(BatchModel, show), kind="batch", **query
    )


def batch_items(
    context: Context, show: Callable[[BatchItem], object], batch_id: UUID, **query: Any
) -> Flow[None]:
    """List the items of one batch."""
    return walk_list(
        context,
        _below(list_batch_items.build_request, batch_id),
        _read(BatchItem, show),
        **query,
    )


def evaluations(
    context: Context, show: Callable[[EvaluationModel], object], **query: Any
) -> Flow[None]:
    """List the evaluations (not documented by Runflow)."""
    return walk_list(
        context,
        list_evaluations.build_request,
        _read(EvaluationModel, show),
        kind="evaluation",
        **query,
    )


def models(context: Context, **query: Any) -> Flow[None]:
    """List the models of the catalog."""
    return walk_list(context, list_models.build_request, _read(Model, _as_it_is), **query)


def workflows(context: Context, **query: Any) -> Flow[None]:
    """List ComfyUI workflows (outside the published document)."""
    return walk_list(
        context, list_comfyui_workflows.build_request, _read(ComfyuiWorkflow, _as_it_is), **query
    )


def model_inputs(context: Context, model_id: UUID, **query: Any) -> Flow[None]:
    """List the declared inputs of one model (not documented by Runflow)."""
    return walk_list(
        context,
        _below(list_model_inputs.build_request, str(model_id)),
        _read(ModelInput, _as_it_is),
        **query,
    )


def _below(build: Callable[..., RequestArguments], parent: str | UUID) -> ListQuery:
    def build_below(**query: Any) -> RequestArguments:
        return build(parent, **query)

    return build_below


def _read(model: type[M], show: Callable[[M], object]) -> Callable[[Mapping[str, Any]], object]:
    return lambda item: show(parse_leniently(model, item))


def _as_it_is(model: object) -> object:
    return model
