"""Finding the run that a create made although its answer was lost."""

from collections.abc import Container, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from attrs import evolve, frozen
from runflow_api.api.runs import list_runs
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel

from .deadlines import Deadline
from .errors import InvalidArgument, RateLimited, RunflowError, ServerError, TransportError
from .exchanges import deliver
from .flows import Context, Flow, sleep
from .paging import read_page
from .reading import salvage
from .shown_inputs import same_input
from .unset import known

LONGEST_CLIENT_REF: Final = 255
"""Characters, from the create body's own limit."""

_PAGE: Final = 100
_SLACK: Final = timedelta(seconds=5)


def check_client_ref(client_ref: str) -> None:
    """Raises InvalidArgument for a client_ref that the API refuses or that no filter could find again."""
    if not 0 < len(client_ref) <= LONGEST_CLIENT_REF or "'" in client_ref or not client_ref.isprintable():
        raise InvalidArgument(
            f"client_ref {client_ref!r}: expected 1 to {LONGEST_CLIENT_REF} printable characters without a single quote, "
            "for lists are searched with client_ref.EQ:'…'"
        )


def client_ref_filter(client_ref: str) -> str:
    """The `q` of a list of the runs that carry this client_ref, in the grammar that public clients use."""
    return f"client_ref.EQ:'{client_ref}'"


@frozen(kw_only=True)
class Trace:
    """What is known of a run that may exist."""

    client_ref: str
    unique: bool
    """Whether the client_ref was made for this one run. If not, others carry it too, and the input must be equal."""
    input: Mapping[str, Any]
    claimed: Container[str]
    """Ids of runs that are somebody's already."""
    started: float
    """Monotonic seconds when the create began."""
    grace: float

    def matches(self, run: RunModel, oldest: datetime) -> bool | None:
        """Whether the run is ours; None where its files cannot be told from others.

        Of runs with equal input any will do: they are interchangeable.
        """
        run_id, created, run_input = known(run.id), known(run.created_at), known(run.input_)
        if run_id is None or str(run_id) in self.claimed:
            return False
        if self.unique:
            return True
        if run_input is None or (created is not None and created < oldest):
            return False
        return same_input(self.input, run_input.to_dict())


class Undecided(RunflowError):
    """A run may be the one that is looked for, but whether its files are the same cannot be told."""


def find(context: Context, trace: Trace) -> Flow[RunModel | None]:
    """The run, as soon as a list shows it; None when a list that was read after the grace period does not.

    Raises what the last look met when no list could be read after the grace period, and Undecided when it showed a run that
    may be ours: to send again would be to guess.
    """
    grace = Deadline.after(context.now, trace.grace)
    failures = looks = 0
    while True:
        final = grace.has_passed()
        try:
            found, doubtful = yield from _look(context, trace)
        except (TransportError, RateLimited, ServerError):
            failures += 1
            if final and failures >= context.retries.attempts:
                raise
        else:
            failures = 0
            if found is not None:
                return found
            if final and doubtful is not None:
                raise Undecided(
                    f"the run {doubtful.id} has the same client_ref and input but for files, which it shows under addresses "
                    "that do not say whether they are the same"
                )
            if final:
                return None
        looks += 1
        yield from sleep(max(context.retries.backoff(looks, context.random()), trace.grace / 8, 0.1))


def _look(context: Context, trace: Trace) -> Flow[tuple[RunModel | None, RunModel | None]]:
    """Read the list once, page by page: the run that is ours, and one that may be."""
    doubtful: RunModel | None = None
    once = evolve(context, retries=evolve(context.retries, attempts=1))
    cursor: str | None = None
    while True:
        arguments = list_runs.build_request(
            q=client_ref_filter(trace.client_ref), sort_by="created_at:desc", limit=_PAGE, pq=cursor
        )
        response = yield from deliver(once, arguments)
        page = read_page(response, lambda item: salvage(RunModel, item))
        oldest = _server_time(response) - timedelta(seconds=context.now() - trace.started) - _SLACK
        for run in page.items:
            match trace.matches(run, oldest):
                case True:
                    return run, None
                case None:
                    doubtful = doubtful or run
                case False:
                    pass
        if page.next is None or page.next == cursor or not page.items:
            return None, doubtful
        cursor = page.next


def _server_time(response: httpx.Response) -> datetime:
    """The server's own clock where the answer tells it, so that ours may be wrong."""
    try:
        moment = parsedate_to_datetime(response.headers["Date"])
    except (KeyError, ValueError):
        return datetime.now(UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
