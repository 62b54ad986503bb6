"""The work of a bulk run: items in, creates, waits and files, results out."""

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from decimal import Decimal
from inspect import isawaitable
from typing import Any, Final

from attrs import define, evolve, field

from .. import errors
from .._async.client import AsyncRunflow
from .._async.handle import AsyncRunHandle
from .._async.run import AsyncRun
from .._estimate import did_you_mean
from .._flows.find_lost_run import SEARCH_SECONDS
from .._time import AsyncClock
from ..callbacks._receiver import check_result
from ._items import (
    GONE,
    BadItem,
    Entry,
    Item,
    ItemResult,
    before_next_run,
    client_ref_of,
    fingerprint,
    key_problem,
    model_and_input,
    other_model_problem,
    plain_input,
    shown_input,
)
from ._journal import Journal
from ._outputs import Outputs
from ._pace import Budget, Pace, wait_for
from ._results import Results
from ._settings import Items, Settings, each_of

MAX_CREATE_TRIES: Final = 10
"""Creates of one item that may be answered 408, 409 or 425 before the item fails."""

_UNCERTAIN: Final = frozenset({408, 409, 425})


class Unfinished(Exception):
    """The bulk run stops; the item stays as the journal has it."""


@define(eq=False)
class Core:
    """Works through the items, and hands each ItemResult to `results`."""

    client: AsyncRunflow
    journal: Journal
    items: Items
    settings: Settings
    outputs: Outputs
    clock: AsyncClock
    pace: Pace
    budget: Budget
    results: Results
    stopped: tuple[str, str] | None = None
    """The reason and its sentence."""
    cause: BaseException | None = None
    """What was raised by code that is not the bulk run's."""
    _failures: int = 0
    _at_work: int = 0
    _short_of_money: int = 0
    """Items at work that wait for money."""
    _is_read: bool = False
    """Whether all items have come."""
    _waiting: set["asyncio.Task[Any]"] = field(factory=set["asyncio.Task[Any]"])
    _number: int = 0
    """Of the newest item."""
    _search_from: float = field(init=False)
    _change: asyncio.Event = field(init=False, factory=asyncio.Event)

    def __attrs_post_init__(self) -> None:
        self._search_from = self.clock.now() + SEARCH_SECONDS

    async def work(self) -> None:
        """Work until the items have ended or the bulk run stops."""
        try:
            async with asyncio.TaskGroup() as tasks:
                try:
                    items = each_of(self.items)
                    while (item := await self._next_of(items)) is not None:
                        self._number += 1
                        self._at_work += 1
                        tasks.create_task(self._work_on(item, self._number))
                # SystemExit, too: in this thread it would end the event loop instead of the program
                except (Exception, KeyboardInterrupt, SystemExit) as error:
                    self.stop("items", f"the items cannot be read further: {error}", error)
                self._is_read = True
                self._changed()
        finally:
            await self.results.end()

    async def _next_of(self, items: AsyncIterator[Item | BadItem]) -> Item | BadItem | None:
        """Return the next item, once it may be at work; None at the end, and after a stop."""
        item: Item | BadItem | None = None
        if self.stopped is None:
            with self._until_stopped():
                item = await anext(items, None)
        if item is not None:
            await self.results.permit()
        return item if self.stopped is None else None

    def stop(self, reason: str, why: str, cause: BaseException | None = None) -> None:
        """Create nothing more. Creates that were sent are waited for, runs are not."""
        if self.stopped is None:
            self.stopped = (reason, why)
            self.cause = cause
            self._changed()
            for task in self._waiting:
                task.cancel()

    async def _work_on(self, item: Item | BadItem, number: int) -> None:
        result: ItemResult | None = None
        try:
            result = await self._settle(item, number)
        except Unfinished:
            pass
        except Exception as error:
            is_disk = isinstance(error, OSError) and not isinstance(error, TimeoutError)
            why = str(error) if is_disk else f"the item {item.key!r} raised {error!r}"
            self.stop("disk" if is_disk else "error", why, error)
        if result is not None and result.status != "done" and not result.was_done:
            self._failures += 1
            if self._failures == self.settings.stop_after_failures:
                self.stop("failures", f"{self._failures} items failed")
        await self.results.give(number, result)
        self._at_work -= 1
        self._changed()

    async def _settle(self, item: Item | BadItem, number: int) -> ItemResult:
        if self.stopped is not None:
            raise Unfinished
        refused = ItemResult(key=item.key, number=number, status="refused")
        if (problem := key_problem(item.key)) is not None:
            return evolve(refused, failure=problem)
        entry = self.journal.find(item.key)
        if entry is not None and entry.session == self.journal.session:
            where = f": {entry.place} and {item.place}" if item.place else ""
            return evolve(refused, failure=f"the key {item.key!r} came twice{where}")
        if isinstance(item, BadItem):
            self.journal.refuse(item.key, number, item.place, item.reason)
            where = f"{item.place}: " if item.place else ""
            return evolve(refused, failure=f"{where}{item.reason}")
        if (problem := other_model_problem(self.journal.model, item)) is not None:
            return evolve(refused, failure=problem)
        values = plain_input(item.input)
        try:
            mark, shown = fingerprint(values), shown_input(values)
        except OSError as error:
            return evolve(refused, failure=f"a file of the input cannot be read: {error}")
        except errors.InvalidArgument as error:
            return evolve(refused, failure=str(error))
        except (TypeError, ValueError, RecursionError) as error:
            return evolve(refused, failure=f"its input cannot be written as JSON: {error}")
        if entry is None:
            self.journal.add(item.key, number, item.place, shown, mark)
        elif entry.fingerprint != mark and entry.state in {"waiting", "refused"}:
            self.journal.replace(item.key, shown, mark)
        elif entry.fingerprint != mark:
            return evolve(
                refused,
                failure=f"the key {item.key!r} had another input when it was run: a file or a row "
                "changed. Give it another key",
            )
        self.journal.meet(item.key, number, item.place)
        return await self._advance(item, self._entry(item.key))

    def _entry(self, key: str) -> Entry:
        entry = self.journal.find(key)
        assert entry is not None, "it was added"
        return entry

    async def _advance(self, item: Item, entry: Entry) -> ItemResult:
        if entry.state == "failed":
            return self._result(entry, "failed", was_done=True)
        was_done = entry.state == "done"
        if was_done and self.outputs.are_whole(entry.key):
            return self._result(entry, "done", was_done=True)
        if entry.state == "waiting" and entry.ended_at is not None:  # its run failed, for the next
            entry = before_next_run(entry)
        while True:
            if entry.run_id is None or entry.state == "waiting":
                made = await self._create(item, entry)
                if isinstance(made, ItemResult):
                    return made
                entry = self._entry(item.key)
            else:
                made = self.client.runs.attach(entry.run_id, callback=self.settings.callback)
            run = await self._wait(made)
            if entry.ended_at is None:
                self._release(entry.estimate, None if run is None else run.cost)
            if run is None and entry.failure_code == GONE:  # it was gone before, and is tried again
                self.journal.lose(item.key)
                entry = self._entry(item.key)
                continue
            if run is None:
                return self._settled(entry.key, "failed", GONE, "the run cannot be found any more")
            allowed = self.settings.retries.by_code.get(
                run.failure_code or "", self.settings.retries.failed
            )
            again = run.status == "failed" and entry.attempt <= allowed
            state = "ended" if run.has_output else "waiting" if again else "failed"
            failure = None if run.has_output else run.failure_message or f"the run is {run.status}"
            self.journal.ended(
                item.key,
                entry.attempt,
                state,
                status=run.status,
                cost=run.cost,
                duration_ms=run.duration_ms,
                failure_code=run.failure_code,
                failure=failure,
            )
            entry = self._entry(item.key)
            if state == "failed":
                return self._result(entry, "failed")
            if state == "ended":
                return await self._keep(entry, run, is_new=not was_done)
            entry = before_next_run(entry)

    async def _create(self, item: Item, entry: Entry) -> AsyncRunHandle | ItemResult:
        """Create the run, or find the one that exists; return the result if it is refused.

        Only the first start knows that no run of an item exists yet: the journal of a later one may
        be a copy, or come from a backup.
        """
        estimate = self.client.estimate(*model_and_input(self.journal.model, item)).amount
        uncertain = entry.state == "intended"
        if not uncertain:
            await self._afford(item, estimate)
            self.budget.reserve(estimate)
        due = self._search_from
        client_ref = client_ref_of(self.journal.id, item.key, entry.attempt)
        tries = 0
        while True:
            if self.stopped is None:
                with self._until_stopped():
                    if uncertain:
                        await self.clock.sleep(max(0.0, due - self.clock.now()))
                    await self.pace.wait()
            if self.stopped is not None:
                if not uncertain:
                    self._release(estimate)
                raise Unfinished
            self.journal.intend(item.key, entry.attempt, client_ref, estimate)
            sent = self.clock.now()
            try:
                handle = await self.client.runs.get_or_create(
                    *model_and_input(self.journal.model, item),
                    client_ref=client_ref,
                    max_cost=self.settings.max_cost_each,
                    look_first=uncertain or self.journal.session > 1,
                    callback=self.settings.callback,
                )
            except errors.RateLimited as error:
                self.pace.slow_down(error.retry_after, sent)
            except (errors.ServerError, errors.TransportError, errors.OutcomeUnknown) as error:
                if not isinstance(error, errors.ConnectFailed):
                    uncertain, due = True, self.clock.now() + SEARCH_SECONDS
                self._count_outage(error)
            except (errors.RunflowError, OSError) as error:
                tries += 1
                if getattr(error, "status", None) in _UNCERTAIN and tries < MAX_CREATE_TRIES:
                    uncertain, due = True, self.clock.now() + SEARCH_SECONDS
                elif uncertain and getattr(error, "method", "") == "GET":
                    # The create may have made a run, and cannot be looked for.
                    self.stop("refused", str(error), error)
                    raise Unfinished from error
                else:
                    self.journal.take_back(item.key, entry.attempt)
                    self._release(estimate)
                    return self._refuse(item.key, error)
            else:
                self.pace.succeed()
                self.journal.created(item.key, entry.attempt, handle.id)
                return handle
            if not uncertain:
                self.journal.take_back(item.key, entry.attempt)

    async def _afford(self, item: Item, estimate: Decimal | None) -> None:
        self._short_of_money += 1
        while not self.budget.allows(estimate):
            if estimate is None or not self.budget.reserved or self._is_stuck():
                self.stop("max_cost", self.budget.refusal(item.key, estimate))
            if self.stopped is not None:
                raise Unfinished
            await self._change.wait()  # a run that ends may have cost less than reserved
        self._short_of_money -= 1

    def _is_stuck(self) -> bool:
        """Whether all wait for money that is reserved for runs whose items will not come.

        The items of such runs may come after those that wait for their money.
        """
        if self._short_of_money < self._at_work:
            return False
        return self._is_read or (self.results.is_full() and not self.results.lend(self._number))

    def _release(self, estimate: Decimal | None, cost: Decimal | None = None) -> None:
        """Give back what was reserved, to those that wait for money."""
        self.budget.release(estimate, cost)
        self._changed()

    def _count_outage(self, error: Exception) -> None:
        if self.pace.fail() > self.settings.max_outage:
            self.stop("outage", f"Runflow could not be reached: {error}")

    def _refuse(self, key: str, error: Exception) -> ItemResult:
        if isinstance(error, errors.InsufficientCredit):
            self.stop("credit", "the credit is used up", error)
            raise Unfinished
        if isinstance(error, errors.Unauthorized | errors.PermissionDenied):
            self.stop("refused", str(error), error)
            raise Unfinished
        if isinstance(error, errors.NotFound) and not self.journal.has_runs():
            self.stop("refused", f"{error}{did_you_mean(self.journal.model)}", error)
            raise Unfinished
        code = getattr(error, "code", None)
        return self._settled(key, "refused", code, str(error))

    async def _wait(self, handle: AsyncRunHandle) -> AsyncRun | None:
        """Wait for the run; None if the server does not know it."""
        while True:
            if self.stopped is not None:
                raise Unfinished
            with self._until_stopped():
                try:
                    run = await wait_for(handle, self.pace, self.settings.max_outage)
                    if self.settings.callback is not None:
                        run = await handle.refresh()  # a callback lacks the cost, and may be wrong
                    if run.has_ended:
                        return run
                except errors.NotFound:
                    return None
                except (errors.RateLimited, errors.ServerError, errors.TransportError) as error:
                    self._count_outage(error)
                    await self.clock.sleep(1.0)
                except errors.ApiError as error:
                    self.stop("refused", str(error), error)

    async def _keep(self, entry: Entry, run: AsyncRun, *, is_new: bool) -> ItemResult:
        if self.settings.on_run is not None and is_new:
            done = self.settings.on_run(entry.key, run)
            check_result(await done if isawaitable(done) else done, "on_run", "await it in on_run")
        tries = 0
        while True:
            try:
                await self.outputs.save(entry.key, run)
            except (errors.StorageError, errors.TransportError, FileExistsError) as error:
                tries += 1
                if tries > self.settings.retries.saving or isinstance(error, FileExistsError):
                    return self._settled(entry.key, "failed", "not_saved", str(error))
                await self.clock.sleep(float(tries))
            else:
                return self._settled(entry.key, "done")

    def _settled(self, key: str, state: str, *why: str | None) -> ItemResult:
        self.journal.settle(key, state, *why)
        return self._result(self._entry(key), state)

    def _result(self, entry: Entry, status: Any, *, was_done: bool = False) -> ItemResult:
        return ItemResult(
            key=entry.key,
            number=entry.number,
            status=status,
            run_id=entry.run_id,
            cost=entry.cost,
            paths=self.outputs.paths(entry.key) if status == "done" else (),
            failure_code=entry.failure_code,
            failure=entry.failure,
            was_done=was_done,
        )

    @contextmanager
    def _until_stopped(self) -> Generator[None]:
        """Let a stop end a `with` block of this task, whatever it waits for."""
        task = asyncio.current_task()
        assert task is not None, "asyncio runs this"
        self._waiting.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if self.stopped is None:
                raise
            task.uncancel()
        finally:
            self._waiting.discard(task)

    def _changed(self) -> None:
        self._change.set()
        self._change = asyncio.Event()
