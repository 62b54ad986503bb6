"""`bulk.run`: one call for both colours. A synchronous loop drives the same core in a thread."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path

from attrs import define, field

from .._async.client import AsyncRunflow
from .._errors import InvalidArgument
from .._estimate import check_model_id, read_money
from .._flows.other_words import in_own_words
from .._time import AsyncClock, AsyncSystemClock
from .._validation import check_arguments, check_blocking, wrong_kind
from ..callbacks._wakeup import Wakeup, check_callback
from ._core import Core
from ._errors import BulkStopped
from ._items import ItemResult, Summary
from ._journal import Journal
from ._outputs import Outputs, make_folder
from ._pace import Budget, Pace
from ._results import Results
from ._settings import Items, OnRun, Retries, Settings, check_retries


@define(eq=False)
class BulkRun:
    """A bulk run that begins when it is looped over, with `for` or `async for`, once."""

    _make: Callable[[], tuple[Core, bool]]
    _core: Core | None = field(init=False, default=None)
    _loop: asyncio.AbstractEventLoop | None = field(init=False, default=None)
    _reason: tuple[str, str] | None = field(init=False, default=None)
    """Why it is to stop."""
    _journal: Path = field(kw_only=True, alias="journal")

    @property
    def summary(self) -> Summary:
        """The counts and the money, as the journal has them now."""
        with Journal.read(self._journal) as journal:
            return journal.summary()

    def stop(self, reason: str = "stop", why: str = "it was told to stop") -> None:
        """Create nothing more and end the loop with BulkStopped. Any thread may call it, before the
        loop begins, too.
        """
        self._reason = self._reason or (reason, why)
        if self._core is not None and self._loop is not None:
            with suppress(RuntimeError):  # the event loop is closed: the bulk run has ended
                self._loop.call_soon_threadsafe(self._core.stop, reason, why)

    async def __aiter__(self) -> AsyncIterator[ItemResult]:
        """Give each result as it ends. Raises BulkStopped when the bulk run stopped early."""
        if self._core is not None:
            raise InvalidArgument("a bulk run is looped over once: call bulk.run again")
        self._loop = asyncio.get_running_loop()
        self._core, owns_client = self._make()
        core = self._core
        if self._reason is not None:
            core.stop(*self._reason)
        work = asyncio.create_task(core.work())
        try:
            with _signals(self.stop):
                while (result := await core.results.take()) is not None:
                    yield result
                await work
            if self._reason is not None:  # the loop may not have come to it
                core.stop(*self._reason)
            if core.stopped is not None:
                raise BulkStopped(*core.stopped, core.journal.summary()) from core.cause
        finally:
            from anyio import CancelScope

            with CancelScope(shield=True):  # in a `for` loop anyio cancels each wait
                work.cancel()
                await asyncio.wait([work])
                core.outputs.end()
                core.journal.close()
                if owns_client:
                    await core.client.close()

    def __iter__(self) -> Iterator[ItemResult]:
        """Give each result as it ends, as `async for` does."""
        from anyio.from_thread import start_blocking_portal

        with start_blocking_portal("asyncio") as portal, _signals(self.stop):
            results = self.__aiter__()
            ready = portal.call(_queue)

            async def pump() -> None:
                try:
                    async for result in results:
                        await ready.put(result)
                except Exception as error:
                    await ready.put(error)
                else:
                    await ready.put(None)

            task = portal.start_task_soon(pump)
            try:
                while (result := portal.call(ready.get)) is not None:
                    if isinstance(result, Exception):
                        raise result
                    yield result
                if self._reason is not None:  # the results were read ahead
                    raise BulkStopped(*self._reason, self.summary)
            finally:
                task.cancel()


@in_own_words
def run(
    model: str,
    items: Items,
    *,
    journal: str | os.PathLike[str],
    output: str | os.PathLike[str] | None = None,
    on_run: OnRun | None = None,
    callback: Wakeup | None = None,
    client: AsyncRunflow | Callable[[], AsyncRunflow] | None = None,
    template: str = "",
    concurrency: int = 50,
    rate: float | None = None,
    max_cost: Decimal | float | str | None = None,
    max_cost_each: Decimal | float | str | None = None,
    retries: Retries | None = None,
    stop_after_failures: int | None = None,
    in_order: bool = False,
    max_outage: float = 3600.0,
    clock: AsyncClock | None = None,
) -> BulkRun:
    """Make a bulk run: each item is run once, whatever happens to this process.

    Loop over what it returns, with `for` or `async for`. The same call with the same journal
    continues a bulk run that was stopped or killed: what ended is not run again, and what was
    created is waited for. It runs on asyncio.

    Args:
        model: an id such as `google/nano-banana-pro`.
        items: an iterable of Item, read only as far as the work needs.
        journal: the SQLite file that keeps what was created and billed. It is made if need be.
        output: a folder for the outputs, made if need be.
        on_run: called with the key and the run that ended with outputs, before its files are saved;
            after a kill or an error perhaps twice. It may be a coroutine function.
        callback: a Wakeup that gets the callbacks of a Receiver or an Inbox. A callback ends the
            wait for its item at once, and the run is then read. Runs are read anyway, every minute
            at least, so a callback that is lost loses nothing. Default: all runs under way are read
            together, every second.
        client: an AsyncRunflow of this event loop, or what makes one, which is closed in the end.
            Default: a new one with the key of the environment. A `for` loop needs the latter.
        template: how the inputs were made, in words. A journal keeps to one template.
        concurrency: items at work at once.
        rate: creates in a second at most. Default: no limit but the server's.
        max_cost: US dollars for everything in the journal, of all its starts together.
        max_cost_each: US dollars for one run.
        retries: how often items are tried again.
        stop_after_failures: stop after so many items failed. Default: go on.
        in_order: give results in the order of the items.
        max_outage: seconds without an answer after which the bulk run stops.
        clock: another source of time, for tests.

    Raises:
        JournalInUse, JournalRefused: when the loop begins. Nothing was sent.
        BulkStopped: at the end of the loop, if it stopped before its end.
        InvalidArgument: an argument cannot be right.
    """
    check_model_id(model)
    check_arguments(
        items=items,
        journal=journal,
        output=output,
        on_run=on_run,
        template=template,
        concurrency=concurrency,
        rate=rate,
        stop_after_failures=stop_after_failures,
        in_order=in_order,
        max_outage=max_outage,
        clock=clock,
        max_cost=max_cost,
        max_cost_each=max_cost_each,
    )
    check_retries(retries)
    if not (client is None or isinstance(client, AsyncRunflow) or callable(client)):
        raise wrong_kind("client", client, "an AsyncRunflow, or a function that makes one")
    check_blocking("expected a plain function that makes an AsyncRunflow", client=client)
    if callback is not None:
        check_callback(callback, None)
    # where both are now, whatever folder the process works in later
    file = Path(journal).absolute()
    folder = None if output is None else Path(output).absolute()
    settings = Settings(
        output=folder,
        on_run=on_run,
        callback=callback,
        concurrency=concurrency,
        max_cost=None if max_cost is None else read_money("max_cost", max_cost),
        max_cost_each=None if max_cost_each is None else read_money("max_cost_each", max_cost_each),
        retries=retries or Retries(),
        stop_after_failures=stop_after_failures,
        in_order=in_order,
        max_outage=max_outage,
    )

    def make() -> tuple[Core, bool]:
        if folder is not None and output is not None:
            make_folder(_named(output, folder))
        opened = Journal.open(_named(journal, file), model=model, template=template)
        try:
            opened.forget_refused()
            outputs = Outputs(folder, opened, shown=None if output is None else Path(output))
            outputs.begin()
            owned = not isinstance(client, AsyncRunflow)
            used: object = (
                client if isinstance(client, AsyncRunflow) else (client or AsyncRunflow)()
            )
            if not isinstance(used, AsyncRunflow):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
                raise wrong_kind("what client makes", used, "an AsyncRunflow")
            time = clock or AsyncSystemClock()
            before = opened.summary()
            return Core(
                used,
                opened,
                items,
                settings,
                outputs,
                time,
                Pace(time, 0.0 if rate is None else 1 / rate),
                Budget(settings.max_cost, before.spent, before.reserved),
                Results(concurrency, in_order),
            ), owned
        except BaseException:
            opened.close()
            raise

    return BulkRun(make, journal=file)


def _named(given: str | os.PathLike[str], place: Path) -> Path:
    """Return the path as it was given, where it still leads to this place, for messages."""
    return Path(given) if Path(given).absolute() == place else place


async def _queue() -> asyncio.Queue[ItemResult | Exception | None]:
    return asyncio.Queue(1)


@contextmanager
def _signals(stop: Callable[[str, str], None]) -> Generator[None]:
    """Stop at the first SIGINT or SIGTERM; a second one acts as ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def handle(number: int, frame: object) -> None:
        restore()
        stop(signal.Signals(number).name, f"{signal.Signals(number).name} came")

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        restore()
