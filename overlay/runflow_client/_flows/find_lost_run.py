"""Find the run of a create whose answer was lost."""

import re
from collections.abc import Container, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

from attrs import evolve, frozen
from runflow_api.api.runs import list_runs
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel

from .._errors import ApiError, RateLimited, RunflowError, ServerError
from .._http import read_http_date
from .._responses import lenient, parse_leniently, read_page, value_or_none
from .._time import Deadline
from .._validation import split_model_id
from .commands import Context, Flow, sleep
from .poll import TRANSIENT
from .request import request, send_with_retries

_PAGE: Final = 100


_SLACK: Final = timedelta(seconds=5)


def client_ref_filter(client_ref: str) -> str:
    """The `q` of a list of the runs that carry this client_ref, in the grammar that public clients
    use.
    """
    return f"client_ref.EQ:'{client_ref}'"


@frozen(kw_only=True)
class Trace:
    """What is known of a run that may exist."""

    client_ref: str
    unique: bool
    """Whether the client_ref was made for this one run. If not, others carry it too, and the input
    must be equal.
    """
    input: Mapping[str, Any]
    model: str | None = None
    model_id: UUID | None = None
    """The model's id as runs show it, once the catalog told it."""
    metadata: Mapping[str, Any] | None = None
    callback_url: str | None = None
    claimed: Container[str]
    """Ids of runs that are somebody's already."""
    started: float
    """Monotonic seconds when the create began."""
    grace: float

    def matches(self, run: RunModel, oldest: datetime) -> bool | None:
        """Whether the run is ours; None where that cannot be told: to send again might be to pay
        twice.

        Of runs of one model with equal input, metadata and callback any will do: they are
        interchangeable.
        """
        run_id, created, run_input = (
            value_or_none(run.id),
            value_or_none(run.created_at),
            value_or_none(run.input_),
        )
        if run_id is None or str(run_id) in self.claimed:
            return False
        if self.unique:
            return True
        if created is not None and created < oldest:
            return False
        same = None if run_input is None else same_input(self.input, run_input.to_dict())
        return None if same and not self._is_told_alike(run) else same

    def _is_told_alike(self, run: RunModel) -> bool:
        """Whether the run shows nothing but what this create said of it. What it does not show is
        no difference.
        """
        metadata, callback_url, model_id = (
            value_or_none(run.metadata),
            value_or_none(run.callback_url),
            value_or_none(run.model_id),
        )
        return (
            (not metadata or same_input(self.metadata or {}, metadata.to_dict()) is True)
            and (callback_url is None or callback_url == self.callback_url)
            and (model_id is None or self.model_id is None or model_id == self.model_id)
        )


class Undecided(RunflowError):
    """A run may be the one that is looked for, but that cannot be told."""


def find(context: Context, trace: Trace) -> Flow[RunModel | None]:
    """The run, as soon as a list shows it; None when a list that was read after the grace period
    does not.

    Raises what the last look met when no list could be read after the grace period, and Undecided
    when it showed a run that may be ours: to send again would be to guess.
    """
    grace = Deadline.after(context.now, trace.grace)
    failures = looks = 0
    while True:
        final = grace.has_passed()
        try:
            if not trace.unique and trace.model is not None:
                trace = evolve(
                    trace, model=None, model_id=(yield from _model_id(context, trace.model))
                )
            found, doubtful = yield from _look(context, trace)
        except TRANSIENT:
            failures += 1
            if final and failures >= context.retries.attempts:
                raise
        else:
            failures = 0
            if found is not None:
                return found
            if final and doubtful is not None:
                raise Undecided(
                    f"the run {doubtful.id} has the same client_ref, and what it shows of its "
                    "model, input, files, metadata and "
                    "callback does not say whether it is the same"
                )
            if final:
                return None
        looks += 1
        yield from sleep(
            max(context.retries.backoff(looks, context.random()), trace.grace / 8, 0.1)
        )


def _look(context: Context, trace: Trace) -> Flow[tuple[RunModel | None, RunModel | None]]:
    """Read the list once, page by page: the run that is ours, and one that may be."""
    doubtful: RunModel | None = None
    once = _once(context)
    cursor: str | None = None
    cursors: set[str | None] = {None}
    while True:
        arguments = list_runs.build_request(
            q=client_ref_filter(trace.client_ref), sort_by="created_at:desc", limit=_PAGE, pq=cursor
        )
        response = yield from send_with_retries(once, arguments)
        page = read_page(response, lambda item: parse_leniently(RunModel, item))
        oldest = _server_time(response) - timedelta(seconds=context.now() - trace.started) - _SLACK
        for run in page.items:
            match trace.matches(run, oldest):
                case True:
                    return run, None
                case None:
                    doubtful = doubtful or run
                case False:
                    pass
        # a cursor that comes again would lead round in a circle
        if page.next in cursors or not page.items:
            return None, doubtful
        cursor = page.next
        cursors.add(cursor)


def _model_id(context: Context, model: str) -> Flow[UUID | None]:
    """The model's id as runs show it; None where the catalog does not tell."""
    from runflow_api.api.models import get_model  # few answers are lost
    from runflow_api.models.model import Model

    try:
        found = yield from request(
            _once(context), get_model.build_request(*split_model_id(model)), lenient(Model)
        )
    except (RateLimited, ServerError):
        raise
    except ApiError:
        return None
    return value_or_none(found.id)


def _once(context: Context) -> Context:
    return evolve(context, retries=evolve(context.retries, attempts=1))


def _server_time(response: httpx.Response) -> datetime:
    """The server's own clock where the answer tells it, so that ours may be wrong."""
    return read_http_date(response.headers.get("Date", "")) or datetime.now(UTC)


_REFERENCE: Final = "runflow://assets/"


_ASSET: Final = re.compile(r"assets/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])")


_ADDRESSES: Final = ("https://", "http://", "runflow://")


def same_input(sent: object, shown: object) -> bool | None:
    """Whether they are the same; None where that cannot be told.

    An asset is known by its id in the URL. None is for a URL without an asset's id, for what was
    sent inline, and for members that are shown and were not sent: the server may have filled in
    what is usual.
    """
    if isinstance(sent, Mapping) and isinstance(shown, Mapping):
        ours, theirs = cast("Mapping[str, object]", sent), cast("Mapping[str, object]", shown)
        same = _all(same_input(value, theirs.get(name)) for name, value in ours.items())
        return (
            None
            if same
            and any(value is not None and name not in ours for name, value in theirs.items())
            else same
        )
    if isinstance(sent, list | tuple) and isinstance(shown, list | tuple):
        members, others = cast("list[object]", sent), cast("list[object]", shown)
        return len(members) == len(others) and _all(map(same_input, members, others))
    if isinstance(sent, str) and isinstance(shown, str) and sent != shown:
        return _same_file(sent, shown)
    return sent == shown


def _all(answers: Iterable[bool | None]) -> bool | None:
    """False where one is, else None where one is, else True."""
    told = set(answers)
    return False if False in told else None if None in told else True


def _same_file(sent: str, shown: str) -> bool | None:
    if not shown.startswith(_ADDRESSES) or not sent.startswith((_REFERENCE, "data:")):
        return False
    found = _ASSET.findall(shown.partition("?")[0].lower())
    if sent.startswith(_REFERENCE) and found:
        return sent.removeprefix(_REFERENCE).lower() in found
    return None
