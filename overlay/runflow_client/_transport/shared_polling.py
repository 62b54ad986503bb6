"""Runs that are waited for together are read together: one list instead of a thousand requests.

While several runs of one client are waited for, one of the waiters, the leader, lists the newest
runs for all and picks theirs out by id. When the leader's own wait continues or ends, another takes
over. So there is no background task, nothing runs when no run is waited for, and a thousand
waiters never queue inside the HTTP library's pool.

The list goes back to the oldest run that is waited for, but not over a bound of pages: other
programs of the organization may create runs, too (`max_pages`). What the list does not show is read
singly, by the waiter itself. Where it shows none of the runs, or is refused, all are read singly
for a while.
"""

import math
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field
from runflow_api.api.runs import list_runs
from runflow_api.instants import read_instant
from runflow_api.models.run import Run as RunModel

from .._errors import ApiError, RunflowError, UnreadableAnswer
from .._flows.commands import AwaitChange, Context, Flow
from .._flows.paginate import MAX_PAGE_SIZE, Pages
from .._flows.poll import requested_pause
from .._flows.retry import TRANSIENT
from .._json import as_text
from .._models.statuses import is_terminal
from .._responses import parse_leniently
from .._time import Deadline, backoff

if TYPE_CHECKING:
    import asyncio

MIN_WAITERS: Final = 4
"""Fewer waiters read their runs singly."""

POLL_INTERVAL: Final = 1.0
"""Seconds from one list to the next."""

MAX_LIST_SECONDS: Final = 30.0
"""Seconds after which reading a list is abandoned."""

MIN_LIST_SECONDS: Final = 0.5
"""Seconds that a list may take although a waiter's deadline is nearer."""

MAX_EXTRA_PAGES: Final = 16
"""Pages of other runs, 8,000 of them, that are read at most to find those that are waited for."""

WAITERS_PER_EXTRA_PAGE: Final = 8
"""With single reads so many waiters send about two requests a second: as many as two pages."""

SECONDS_AFTER_MISS: Final = 2.0
"""Seconds without a list after one that showed none of the runs; twice as many after the next."""

MAX_SECONDS_WITHOUT_LIST: Final = 120.0
"""Seconds without a list after many that showed none of the runs, or after a refusal."""

_ROUNDING: Final = 0.001
"""Seconds by which sums of floating-point seconds may miss each other."""

FIELDS: Final = ",".join(
    (
        "id,status_code,output,duration_ms,nodes_completed,nodes_total,cost,client_ref,failure_code,failure_message",
        "failure_stage_code,created_at,started_at,completed_at,metadata,model_id,batch_id,request_id",
    )
)
"""What the list asks for: all that a run shows, without its input, which may be large."""


def max_pages(waiters: int) -> int:
    """Return the number of pages that a list may have for so many waiters.

    Room for all their runs, and one page more for every eighth of them, at most MAX_EXTRA_PAGES.
    """
    own = -(-waiters // MAX_PAGE_SIZE)
    return own + min(waiters // WAITERS_PER_EXTRA_PAGE, MAX_EXTRA_PAGES)


def _make_future() -> "asyncio.Future[None]":
    import asyncio  # not when the client is imported or made

    return asyncio.get_running_loop().create_future()


@define(eq=False, weakref_slot=False)
class _Waiter:
    """One wait for one run."""

    change: AwaitChange
    woken: "asyncio.Future[None]" = field(factory=_make_future)
    """Done when there is an answer, and when the waiter is to lead or to read singly."""
    # A future and no anyio.Event: with events each of 1,000 waiting runs held 5.3 kB instead of
    # 3.7 kB (python -m benchmarks.waiting --held).
    answered: bool = False
    answer: RunModel | RunflowError | None = None
    listed: bool = True
    """False if the last list did not show the run."""
    single: bool = False
    """Whether it sleeps until it reads its run singly."""

    def answer_with(self, answer: RunModel | RunflowError | None) -> None:
        """Answer the wait, once."""
        if not self.answered:
            self.answered, self.answer = True, answer
            self.wake()

    def wake(self) -> None:
        """Let the waiter see what is to be done."""
        if not self.woken.done():
            self.woken.set_result(None)


class SharedPoller:
    """Watches the runs of one asynchronous client that are waited for."""

    def __init__(
        self,
        context: Context,
        drive: Callable[[Flow[dict[str, Mapping[str, Any]]]], Awaitable[Any]],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._context = context.once  # the next list is the retry
        self._drive = drive
        self._sleep = sleep
        self._waiters: dict[_Waiter, None] = {}
        self._leader: _Waiter | None = None
        self._next_list = -math.inf
        self._list_until = -math.inf
        """When the list that is being read is abandoned."""
        self._no_list_before = -math.inf
        self._misses = 0
        self._missed_pages = 0.0

    async def watch(self, change: AwaitChange) -> RunModel | None:
        """Wait until a list shows another progress of the run.

        None says that the run is to be read singly: where few are waited for, the list does not
        show it, or the time is up. Raises what the list raised, if the run was due.
        """
        waiter = _Waiter(change)
        self._waiters[waiter] = None
        try:
            while not self._reads_singly(waiter):
                if self._leader is None:
                    self._leader = waiter
                    soon = self._now() + POLL_INTERVAL
                    self._next_list = max(self._next_list, min(change.due, soon))
                if self._leader is waiter:
                    await self._lead()
                else:
                    await waiter.woken
                if waiter.answered:
                    if isinstance(waiter.answer, RunflowError):
                        raise waiter.answer
                    return waiter.answer
                waiter.woken = _make_future()
            waiter.single = True
            self._hand_over(waiter)
            await self._sleep(max(0.0, change.due - self._now()))
            return None
        finally:
            del self._waiters[waiter]
            self._hand_over(waiter)

    def _now(self) -> float:
        return self._context.now()

    def _reads_singly(self, waiter: _Waiter) -> bool:
        """Whether this run had better be read by its own waiter.

        After a list that showed none of the runs only the leader waits for the next one, until so
        many runs are waited for that the next one may have more pages.
        """
        has_missed = max_pages(len(self._waiters)) <= self._missed_pages and (
            self._now() < self._no_list_before
            or (self._misses > 0 and self._leader not in {None, waiter})
        )
        return (
            len(self._waiters) < MIN_WAITERS or waiter.change.until < self._list_until or has_missed
        )

    def _hand_over(self, waiter: _Waiter) -> None:
        """Let another lead if this one did."""
        if self._leader is waiter:
            self._leader = next(iter(self._followers()), None)
            if self._leader is not None:
                self._leader.wake()

    def _followers(self) -> list[_Waiter]:
        """Return those that wait for a list."""
        return [one for one in self._waiters if not (one.answered or one.single)]

    async def _lead(self) -> None:
        """Sleep until the next list or read it, then answer those that need not wait longer."""
        now = self._now()
        if self._next_list - now > _ROUNDING:
            until = min(self._next_list, now + POLL_INTERVAL, self._first_deadline())
            await self._sleep(max(0.0, until - now))
        else:
            await self._read_list()
        now = self._now() + _ROUNDING
        for waiter in self._followers():
            if waiter.change.until <= now or (waiter.change.due <= now and not waiter.listed):
                waiter.answer_with(None)

    def _first_deadline(self) -> float:
        return min((waiter.change.until for waiter in self._followers()), default=math.inf)

    async def _read_list(self) -> None:
        """List the newest runs and answer those waiters whose run has changed."""
        now = self._now()
        self._next_list = now + POLL_INTERVAL
        latest = max(self._first_deadline(), now + MIN_LIST_SECONDS)
        self._list_until = min(latest, now + MAX_LIST_SECONDS)
        # more may join while the list is read
        asked = [waiter for waiter in self._waiters if not waiter.answered]
        changes = [waiter.change for waiter in asked]
        try:
            runs = await self._drive(
                list_newest(
                    self._context,
                    {change.run_id for change in changes},
                    _oldest(changes),
                    max_pages(len(changes)),
                    Deadline(self._context.now, self._list_until),
                )
            )
        except TRANSIENT as error:
            self._next_list += requested_pause(self._context, error)
            now = self._now() + _ROUNDING
            for waiter in asked:
                if waiter.change.due <= now:
                    waiter.answer_with(error)
        except ApiError:  # a single read raises the reason, if there is one
            self._pause_lists(MAX_SECONDS_WITHOUT_LIST, math.inf)
        else:
            self._misses, self._missed_pages = 0 if runs else self._misses + 1, 0.0
            if self._misses:
                self._pause_lists(
                    backoff(self._misses, SECONDS_AFTER_MISS, MAX_SECONDS_WITHOUT_LIST),
                    max_pages(len(changes)),
                )
            for waiter in asked:
                run = runs.get(waiter.change.run_id)
                waiter.listed = run is not None
                if run is not None and (
                    shown_progress(run) != waiter.change.progress or _has_ended(run)
                ):
                    waiter.answer_with(parse_leniently(RunModel, run))
        finally:
            self._list_until = -math.inf

    def _pause_lists(self, seconds: float, pages: float) -> None:
        """Let everyone read singly for so long, unless a list may have more than so many pages."""
        self._no_list_before, self._missed_pages = self._now() + seconds, pages
        for waiter in self._waiters:
            waiter.wake()


def list_newest(
    context: Context,
    wanted: Collection[str],
    oldest: datetime | None,
    max_pages: int,
    deadline: Deadline,
) -> Flow[dict[str, Mapping[str, Any]]]:
    """List the newest runs and return those that are wanted, by id.

    Ends when all are found, at an empty page, at a run that was created before the `oldest` wanted
    one, after `max_pages`, and at a page that is answered well and cannot be read: the next list
    may be the same, and a run that it hides is read singly.
    """
    pages = Pages(
        context,
        lambda cursor: list_runs.build_request(
            fields=FIELDS, sort_by="created_at:desc", limit=MAX_PAGE_SIZE, pq=cursor
        ),
        lambda run: run,
        deadline=deadline,
        max_pages=max_pages,
    )
    found: dict[str, Mapping[str, Any]] = {}
    try:
        while len(found) < len(wanted) and (page := (yield from pages.next())) is not None:
            for run in page.items:
                run_id = run.get("id")
                if run_id in wanted and run.get("status_code") is not None:
                    found[str(run_id)] = run
            if not page.items or (oldest is not None and _is_older(page.items[-1], oldest)):
                break
    except UnreadableAnswer as error:
        if error.status != HTTPStatus.OK:
            raise
    return found


def _oldest(changes: Collection[AwaitChange]) -> datetime | None:
    """Return the creation of the oldest run; None if it is unknown for one."""
    moments = [change.created_at for change in changes if change.created_at is not None]
    return min(moments, default=None) if len(moments) == len(changes) else None


def _is_older(run: Mapping[str, Any], moment: datetime) -> bool:
    created_at = read_instant(run.get("created_at"))
    return created_at is not None and created_at < moment


def _has_ended(run: Mapping[str, Any]) -> bool:
    """Tell whether a listed run has ended, also where its status stayed the same."""
    status = as_text(run.get("status_code"))
    return is_terminal(status, read_instant(run.get("completed_at")), "run")


def shown_progress(run: Mapping[str, Any]) -> tuple[object, object, object]:
    """Return status, nodes completed and nodes in total of a listed run."""
    return run.get("status_code"), run.get("nodes_completed"), run.get("nodes_total")
