"""Runs that wait together are asked for together: one list instead of a thousand single requests.

Runs that share a client_ref form a group. While several of a group are waited for, one of the
waiters, the leader, reads the group's list for all; when it leaves, the next one takes over. So
there is no background task to own, nothing runs when nobody waits, and a thousand waiters never
queue inside the HTTP library's pool, which does not survive that.
"""

import math
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Final

from attrs import define, field
from runflow_api.api.runs import list_runs
from runflow_api.models.run import Run as RunModel

from .._errors import ApiError, RunflowError
from .._flows.commands import NO_NEWS, Context, Flow, Poll
from .._flows.find_lost_run import client_ref_filter
from .._flows.paginate import MAX_PAGE_SIZE
from .._flows.poll import requested_pause
from .._flows.request import send_with_retries
from .._flows.retry import TRANSIENT
from .._responses import parse_leniently, read_page
from .._time import Deadline
from .locks import Alarm, make_alarm

MIN_WAITERS: Final = 4
"""Waiters; fewer ask one by one."""

POLL_INTERVAL: Final = 1.0
"""Seconds between two looks at one group: it is one request, whoever waits."""

MAX_READ_SECONDS: Final = 30.0
"""Seconds after which a look is given up, and repeated by those who wait."""

_ROUNDING: Final = 0.001
"""Seconds by which sums of floating-point seconds may miss each other."""

FIELDS: Final = ",".join(
    (
        "id,status_code,output,duration_ms,nodes_completed,nodes_total,cost,client_ref,failure_code,failure_message",
        "failure_stage_code,created_at,started_at,completed_at,metadata,model_id,batch_id,request_id",
    )
)
"""What a group's list asks for: all that a run shows, without its input, which may be large."""


@define(eq=False)
class _Waiter:
    """Somebody who waits for a run. The alarm rings with the answer to its Poll, or with an error
    to be raised.
    """

    poll: Poll
    alarm: Alarm = field(factory=make_alarm)


@define(eq=False)
class _Group:
    """The waits for runs of one client_ref that go on, by whose they are; None stands for one that
    asks by itself just now.
    """

    client_ref: str
    members: dict[object, _Waiter | None] = field(factory=dict[object, _Waiter | None])
    leader: _Waiter | None = None
    """Who looks for all, or is called to."""
    looked: float | None = None
    rest: float = 0.0
    """Seconds that the server asked to be left alone for."""
    looks_until: float = -math.inf
    """The moment at which a look that goes on is given up."""
    refused: bool = False

    def waiters(self) -> list[_Waiter]:
        """Those without an answer."""
        return [waiter for waiter in self.members.values() if waiter and not waiter.alarm.has_rung]

    def until(self) -> float:
        """The moment at which the first of them has waited long enough."""
        return min((waiter.poll.until for waiter in self.waiters()), default=math.inf)

    def due(self, first: float) -> float:
        """When to look: at `first`, then not in the rest that the server asked for, but before
        somebody's time is up.
        """
        if self.looked is None:
            return first
        return max(
            self.looked + POLL_INTERVAL, min(self.looked + POLL_INTERVAL + self.rest, self.until())
        )

    def call_another(self) -> None:
        """Let one of them begin its look anew, as the leader."""
        self.leader = next(iter(self.waiters()), None)
        if self.leader is not None:
            self.leader.alarm.ring(NO_NEWS)


class SharedPoller:
    """The groups of one asynchronous client."""

    def __init__(
        self,
        context: Context,
        drive: Callable[[Flow[list[Mapping[str, Any]]]], Awaitable[list[Mapping[str, Any]]]],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        # A look that fails is repeated by the waiters' own schedule.
        self._context = context.once
        self._drive = drive
        self._sleep = sleep
        self._groups: dict[str, _Group] = {}

    def join(self, poll: Poll) -> Awaitable[object]:
        """What the poll is answered with: the run's model; None where it is better asked for
        alone.
        """
        group = self._groups.setdefault(poll.client_ref, _Group(poll.client_ref))
        before = group.members.setdefault(poll.waiter, None)
        few = group.leader is None and len(group.members) < MIN_WAITERS
        # the look that goes on may outlive its time
        if group.refused or few or poll.until < group.looks_until:
            return _alone()
        waiter = group.members[poll.waiter] = _Waiter(poll)
        if group.leader is None or group.leader is before:
            group.leader = waiter
            return self._lead(group, waiter)
        return waiter.alarm  # and no coroutine, for a thousand of them are memory

    def leave(self, poll: Poll) -> None:
        """The wait, whose last poll this was, is over."""
        group = self._groups.get(poll.client_ref)
        if group is None:
            return
        waiter = group.members.pop(poll.waiter, None)
        if not group.members:
            del self._groups[poll.client_ref]
        elif waiter is not None and group.leader is waiter:
            group.call_another()

    async def _lead(self, group: _Group, own: _Waiter) -> object:
        """Look at the group, again and again, until the leader's own run has an answer."""
        try:
            while not own.alarm.has_rung:
                first = min(own.poll.due, self._context.now() + POLL_INTERVAL)
                while (pause := group.due(first) - self._context.now()) > _ROUNDING:
                    # meanwhile somebody with less time may join
                    await self._sleep(min(pause, POLL_INTERVAL))
                await self._look(group)
            return await own.alarm
        finally:
            own.alarm.ring()  # also where it is cancelled, for then it is not the one to be called
            group.call_another()

    async def _look(self, group: _Group) -> None:
        group.looked, group.rest = self._context.now(), 0.0
        # Whose time is up is not kept by a list that hangs; but one that is only slow is given its
        # time.
        group.looks_until = min(
            max(group.until(), group.looked + POLL_INTERVAL), group.looked + MAX_READ_SECONDS
        )
        deadline = Deadline(self._context.now, group.looks_until)
        try:
            runs = await self._drive(
                read_group(self._context, group.client_ref, len(group.members), deadline)
            )
        except TRANSIENT as error:
            group.rest = requested_pause(self._context, error)
            self._ring_due(group.waiters(), error)
        except ApiError:
            # The filter or the list is refused: whoever waits asks for its own run, and hears the
            # reason if there is one.
            group.refused = True
            for waiter in group.waiters():
                waiter.alarm.ring()
        else:
            shown = {str(run.get("id")): run for run in runs if run.get("status_code") is not None}
            unseen, now = list[_Waiter](), self._context.now() + _ROUNDING
            for waiter in group.waiters():
                run = shown.get(waiter.poll.run_id)
                if run is None:
                    unseen.append(waiter)
                elif waiter.poll.until <= now or shown_progress(run) != waiter.poll.progress:
                    waiter.alarm.ring(parse_leniently(RunModel, run))
            self._ring_due(unseen, None)
        finally:
            group.looks_until = -math.inf

    def _ring_due(self, waiters: Iterable[_Waiter], answer: RunflowError | None) -> None:
        """Let those whose time has come go on: with the error, or, where the list did not show
        their run, alone.
        """
        now = self._context.now() + _ROUNDING
        for waiter in waiters:
            if waiter.poll.due <= now:
                waiter.alarm.ring(answer)


async def _alone() -> None:
    """The answer to one that has no company."""


def read_group(
    context: Context, client_ref: str, members: int, deadline: Deadline
) -> Flow[list[Mapping[str, Any]]]:
    """The newest runs that carry this client_ref, as many pages as the members may fill."""
    runs: list[Mapping[str, Any]] = []
    cursor: str | None = None
    while True:
        arguments = list_runs.build_request(
            q=client_ref_filter(client_ref),
            fields=FIELDS,
            sort_by="created_at:desc",
            limit=MAX_PAGE_SIZE,
            pq=cursor,
        )
        response = yield from send_with_retries(context, arguments, deadline=deadline)
        page = read_page(response, lambda item: item)
        runs += page.items
        if (
            page.next is None
            or page.next == cursor
            or not page.items
            or len(runs) >= members + MAX_PAGE_SIZE
        ):
            return runs
        cursor = page.next


def shown_progress(run: Mapping[str, Any]) -> tuple[object, object, object]:
    """Status, nodes completed, nodes in total, as the list shows them: what a Run's `progress` is
    compared with.
    """
    return run.get("status_code"), run.get("nodes_completed"), run.get("nodes_total")
