"""Find the run of a create whose answer was lost, by its client_ref alone."""

from typing import Final

from attrs import frozen
from runflow_api.api.runs import list_runs
from runflow_api.models.run import Run as RunModel

from .._errors import RedirectRefused, RunflowError
from .._responses import parse_leniently, value_or_none
from .._time import Deadline
from .client_refs import ClientRef
from .commands import Context, Flow, sleep
from .paginate import MAX_PAGE_SIZE, Pages
from .retry import TRANSIENT

SEARCH_SECONDS: Final = 5.0
"""Seconds that a list may take to show a run that was created (not documented by Runflow)."""

MAX_SEARCH_SECONDS: Final = 2 * SEARCH_SECONDS
"""Seconds after which a search ends where no list can be read."""

_PAGE_SIZE: Final = 100

_MAX_PAGES: Final = 10
"""Pages of one list. More than one means that the server does not filter, or that the client_ref is
on many runs.
"""


def client_ref_filter(client_ref: str) -> str:
    """Return the `q` of a list of the runs that carry this client_ref, in the grammar that public
    clients use.
    """
    return f"client_ref.EQ:'{client_ref}'"


class SearchFailed(RunflowError):
    """The lists do not say whether the run exists."""


@frozen
class Listing:
    """The runs that carry a client_ref, the newest first."""

    runs: list[RunModel]
    is_whole: bool
    """Whether the list was read to its end and showed the client_ref of every run."""


def list_by_client_ref(context: Context, client_ref: str, deadline: Deadline) -> Flow[Listing]:
    """Read the runs that carry this client_ref. Others, which a list shows that ignores its filter,
    are left out.
    """
    pages = Pages(
        context,
        lambda cursor: list_runs.build_request(
            q=client_ref_filter(client_ref), sort_by="created_at:desc", limit=_PAGE_SIZE, pq=cursor
        ),
        lambda item: parse_leniently(RunModel, item),
        deadline=deadline,
        max_pages=_MAX_PAGES,
    )
    found: dict[object, RunModel] = {}
    shows_all = True
    while (page := (yield from pages.next())) is not None:
        for run in page.items:
            run_id, shown = value_or_none(run.id), value_or_none(run.client_ref)
            if shown is None or (shown == client_ref and run_id is None):
                shows_all = False
            elif shown == client_ref:
                found.setdefault(run_id, run)
    return Listing(list(found.values()), pages.is_whole and shows_all)


def list_ids_before(
    context: Context, client_ref: str, deadline: Deadline
) -> Flow[frozenset[str] | None]:
    """Return the ids of the runs that carry this client_ref now, in one request; None where that
    does not say all of them.
    """
    pages = Pages(
        context.once,
        lambda cursor: list_runs.build_request(
            q=client_ref_filter(client_ref),
            fields="id,client_ref",
            sort_by="created_at:desc",
            limit=MAX_PAGE_SIZE,
            pq=cursor,
        ),
        lambda item: parse_leniently(RunModel, item),
        deadline=Deadline.after(context.now, deadline.clip(SEARCH_SECONDS)),
    )
    try:
        page = yield from pages.next()
    except RunflowError:  # what matters is the create
        return None
    if page is None or not pages.is_whole:
        return None
    return frozenset(str(run.id) for run in page.items)


def find(
    context: Context, client_ref: str, owner: ClientRef, deadline: Deadline
) -> Flow[RunModel | None]:
    """Return the create's own run; None when a list that was read SEARCH_SECONDS after the answer
    was lost says that there is none.

    Raises SearchFailed where the lists leave it open, and the error of the last list where none
    could be read in time.
    """
    settled = Deadline.after(context.now, SEARCH_SECONDS)
    given_up = Deadline.after(context.now, deadline.clip(MAX_SEARCH_SECONDS))
    lists = 0
    while True:
        if deadline.has_passed():
            raise SearchFailed("time was up before the lists could say whether the run exists")
        is_settled = settled.has_passed()
        try:
            listing = yield from list_by_client_ref(context.once, client_ref, deadline)
        except TRANSIENT as error:
            if given_up.has_passed() or isinstance(error, RedirectRefused):
                raise
        else:
            whole = listing.is_whole and is_settled
            if (run := owner.choose(listing.runs, whole=whole)) is not None:
                return run
            if whole and owner.excludes(listing.runs):
                return None
            if is_settled:
                raise SearchFailed(_why_open(listing, client_ref))
        lists += 1
        pause = max(context.retries.backoff(lists, context.random()), SEARCH_SECONDS / 8)
        yield from sleep(deadline.clip(min(pause, SEARCH_SECONDS / 4)) or 0.0)


def _why_open(listing: Listing, client_ref: str) -> str:
    ids = ", ".join(str(run.id) for run in listing.runs[:5])
    if ids:
        return (
            f"of the runs that carry client_ref {client_ref!r} it is not known which is this "
            f"create's: {ids}"
        )
    return "the list of runs has no end, or does not show the client_ref of every run"
