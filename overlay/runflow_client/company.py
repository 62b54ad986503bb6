"""Runs that wait together are asked for together: one list instead of a thousand single requests.

Runs that share a client_ref form a group. While several of a group are waited for, one of the waiters, the leader, reads the
group's list for all; when it leaves, the next one takes over. So there is no background task to own, nothing runs when
nobody waits, and a thousand waiters never queue inside the HTTP library's pool, which does not survive that.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from attrs import define, evolve, field
from runflow_api.api.runs import list_runs
from runflow_api.models.run import Run as RunModel

from .adoption import client_ref_filter
from .alarms import Alarm, make_alarm
from .errors import ApiError, RunflowError
from .exchanges import deliver
from .flows import NO_NEWS, Context, Flow, Poll
from .paging import LARGEST_PAGE, read_page
from .reading import salvage
from .waiting import TRANSIENT

SMALLEST_GROUP: Final = 4
"""Waiters; fewer ask one by one."""

CADENCE: Final = 1.0
"""Seconds between two looks at one group: it is one request, whoever waits."""

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
    """One run that somebody waits for. The alarm rings with the answer to its Poll, or with an error to be raised."""

    poll: Poll
    alarm: Alarm = field(factory=make_alarm)


@define(eq=False)
class _Group:
    """The waits for runs of one client_ref that go on, by run id; None stands for one that asks by itself just now."""

    client_ref: str
    members: dict[str, _Waiter | None] = field(factory=dict[str, _Waiter | None])
    leader: _Waiter | None = None
    """Who looks for all, or is called to."""
    looked: float | None = None
    refused: bool = False

    def waiters(self) -> dict[str, _Waiter]:
        """Those without an answer."""
        return {run_id: waiter for run_id, waiter in self.members.items() if waiter and not waiter.alarm.has_rung}

    def call_another(self) -> None:
        """Let one of them begin its look anew, as the leader."""
        self.leader = next((waiter for waiter in self.members.values() if waiter and not waiter.alarm.has_rung), None)
        if self.leader is not None:
            self.leader.alarm.ring(NO_NEWS)


class Company:
    """The groups of one asynchronous client."""

    def __init__(
        self,
        context: Context,
        drive: Callable[[Flow[list[Mapping[str, Any]]]], Awaitable[list[Mapping[str, Any]]]],
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        # A look that fails is repeated by the waiters' own schedule.
        self._context = evolve(context, retries=evolve(context.retries, attempts=1))
        self._drive = drive
        self._sleep = sleep
        self._groups: dict[str, _Group] = {}

    def join(self, poll: Poll) -> Awaitable[object]:
        """What the poll is answered with: the run's model; None where it is better asked for alone."""
        group = self._groups.setdefault(poll.client_ref, _Group(poll.client_ref))
        before = group.members.setdefault(poll.run_id, None)
        if group.refused or (group.leader is None and len(group.members) < SMALLEST_GROUP):
            return _alone()
        waiter = group.members[poll.run_id] = _Waiter(poll)
        if group.leader is None or group.leader is before:
            group.leader = waiter
            return self._lead(group, waiter)
        return waiter.alarm  # and no coroutine, for a thousand of them are memory

    def leave(self, client_ref: str, run_id: str) -> None:
        """The run is not waited for any more."""
        group = self._groups.get(client_ref)
        if group is None:
            return
        waiter = group.members.pop(run_id, None)
        if not group.members:
            del self._groups[client_ref]
        elif waiter is not None and group.leader is waiter:
            group.call_another()

    async def _lead(self, group: _Group, own: _Waiter) -> object:
        """Look at the group, again and again, until the leader's own run has an answer."""
        try:
            while not own.alarm.has_rung:
                due = (
                    min(own.poll.due, self._context.now() + CADENCE) if group.looked is None else group.looked + CADENCE
                )
                pause = due - self._context.now()
                if pause > _ROUNDING:
                    await self._sleep(pause)
                await self._look(group)
            return await own.alarm
        finally:
            own.alarm.ring()  # also where it is cancelled, for then it is not the one to be called
            group.call_another()

    async def _look(self, group: _Group) -> None:
        group.looked = self._context.now()
        try:
            runs = await self._drive(read_group(self._context, group.client_ref, len(group.members)))
        except TRANSIENT as error:
            self._ring_due(group.waiters(), error)
        except ApiError:
            # The filter or the list is refused: whoever waits asks for its own run, and hears the reason if there is one.
            group.refused = True
            for waiter in group.waiters().values():
                waiter.alarm.ring()
        else:
            unseen, now = group.waiters(), self._context.now() + _ROUNDING
            for run in runs:
                seen = unseen.pop(str(run.get("id")), None)
                if seen and (seen.poll.until <= now or shown_progress(run) != seen.poll.progress):
                    seen.alarm.ring(salvage(RunModel, run))
            self._ring_due(unseen, None)

    def _ring_due(self, waiters: Mapping[str, _Waiter], answer: RunflowError | None) -> None:
        """Let those whose time has come go on: with the error, or, where the list did not show their run, alone."""
        now = self._context.now() + _ROUNDING
        for waiter in waiters.values():
            if waiter.poll.due <= now:
                waiter.alarm.ring(answer)


async def _alone() -> None:
    """The answer to one that has no company."""


def read_group(context: Context, client_ref: str, members: int) -> Flow[list[Mapping[str, Any]]]:
    """The newest runs that carry this client_ref, as many pages as the members may fill."""
    runs: list[Mapping[str, Any]] = []
    cursor: str | None = None
    while True:
        arguments = list_runs.build_request(
            q=client_ref_filter(client_ref),
            fields=FIELDS,
            sort_by="created_at:desc",
            limit=LARGEST_PAGE,
            pq=cursor,
        )
        response = yield from deliver(context, arguments)
        page = read_page(response, lambda item: item)
        runs += page.items
        if page.next is None or page.next == cursor or not page.items or len(runs) >= members + LARGEST_PAGE:
            return runs
        cursor = page.next


def shown_progress(run: Mapping[str, Any]) -> tuple[object, object, object]:
    """Status, nodes completed, nodes in total, as the list shows them: what a Run's `progress` is compared with."""
    return run.get("status_code"), run.get("nodes_completed"), run.get("nodes_total")
