"""Find runs that ended although their callback never came."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from attrs import field, frozen
from runflow_api.api.runs import list_runs

from .._errors import InvalidArgument
from .._json import as_text
from .._models import statuses
from .._responses import Page
from .._validation import check_arguments, check_client_ref
from ..callbacks._events import CallbackEvent, read_event
from .commands import Context, Emit, Flow
from .filters import NEWEST_FIRST, TimeRange, is_wanted
from .find_lost_run import client_ref_filter
from .paginate import MAX_PAGE_SIZE, Pages

_EVENTS: Final = {
    statuses.SUCCEEDED: "run.completed",
    statuses.PARTIAL_SUCCEEDED: "run.partial_succeeded",
    statuses.FAILED: "run.failed",
    **dict.fromkeys(statuses.CANCELED, "run.cancelled"),
}


@frozen
class EndedRun:
    """A run that ended, as its event and the body of its callback."""

    event: CallbackEvent
    body: bytes = field(repr=False)


@frozen(kw_only=True)
class Search:
    """Which runs to find. Raises InvalidArgument where neither a time nor a client_ref limits the
    search.
    """

    created_after: datetime | None = None
    """Runs that were created later (aware). Go back further than the outage by as long as your runs
    take.
    """
    client_ref: str | None = None
    callback_url: str | None = None
    """Runs that call back to this URL; None: to any. Runs without a callback URL are left out."""

    def __attrs_post_init__(self) -> None:
        if self.created_after is None and self.client_ref is None:
            raise InvalidArgument(
                "say created_after or client_ref: every run of the organization would be read"
            )
        check_arguments(created_after=self.created_after)
        if self.client_ref is not None:
            check_client_ref(self.client_ref)

    @property
    def filter(self) -> str | None:
        """The list's `q`. Equality alone is proven to be understood, so time is compared here."""
        return None if self.client_ref is None else client_ref_filter(self.client_ref)

    def wants(self, run: Mapping[str, Any]) -> bool:
        """Whether this run is one of them."""
        url = run.get("callback_url")
        called = url is not None if self.callback_url is None else url == self.callback_url
        if self.client_ref is not None and not is_wanted(run, {"client_ref": [self.client_ref]}):
            return False
        return called and TimeRange(after=self.created_after).holds(run)

    def is_past(self, page: Page[Mapping[str, Any]]) -> bool:
        """Whether this page and all that follow are too old."""
        return TimeRange(after=self.created_after).is_past(page.items)


_MAX_PAGES: Final = 2000
"""Pages of one search: a million runs."""


def ended_runs(context: Context, search: Search) -> Flow[None]:
    """Emit an EndedRun for every run that ended and is searched for, the youngest first."""
    pages = Pages(
        context,
        lambda cursor: list_runs.build_request(
            q=search.filter, sort_by=NEWEST_FIRST, limit=MAX_PAGE_SIZE, pq=cursor
        ),
        lambda run: run,
        max_pages=_MAX_PAGES,
    )
    seen: set[str | None] = set()
    while (page := (yield from pages.next())) is not None:
        for run in page.items:
            ended = as_callback(run) if search.wants(run) else None
            if ended is not None and ended.event.subject_id not in seen:
                seen.add(ended.event.subject_id)
                yield Emit(ended)
        if search.is_past(page):
            return
    pages.require_end("runs")


def as_callback(run: Mapping[str, Any]) -> EndedRun | None:
    """Return the callback of this run's end (concepts/callbacks); None for a run that has not ended
    or has no id.
    """
    status, run_id = as_text(run.get("status_code")), as_text(run.get("id"))
    if status is None or status not in _EVENTS or not run_id:
        return None
    output = run.get("output")
    if status == statuses.FAILED:
        output = {
            "code": run.get("failure_code"),
            "message": run.get("failure_message"),
            "errors": None,
        }
    elif status in statuses.CANCELED:
        output = None
    payload = {
        "event": _EVENTS[status],
        "run_id": run_id,
        "status": status,
        "output": output,
        **{
            name: run.get(name)
            for name in ("duration_ms", "created_at", "completed_at", "metadata")
        },
    }
    body = json.dumps(payload).encode()
    return EndedRun(read_event(body, None), body)
