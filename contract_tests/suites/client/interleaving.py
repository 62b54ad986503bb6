"""Threads and tasks of which one goes on at a time, in an order that the test decides.

Threads pause before every bytecode of the files that are looked at which may read or change what
is shared: attributes, items, calls. Tasks pause where they await. `thread_orders` and `task_orders`
go through the orders one after another: everything in turn, with one interruption at each place
where it can come. What fails, fails again in the same order.
"""

import ast
import asyncio
import contextvars
import dis
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Coroutine, Iterator
from functools import cache
from types import CodeType, FrameType
from typing import Any, Final, TypeVar

from attrs import define, field

T = TypeVar("T")

LONGEST_TURN: Final = 3000
"""Steps after which another thread gets a turn: one may wait in a loop for what another does."""

ENDING: Final = 30.0
"""Seconds after which a thread hangs that has the turn."""

MAX_WAITING: Final = 3
"""Of so many tasks that could go on next each is tried."""


_OWN: Final = (
    "LOAD_FAST",
    "STORE_FAST",
    "LOAD_CONST",
    "LOAD_GLOBAL",
    "POP_",
    "PUSH_",
    "COPY",
    "SWAP",
    "RESUME",
    "PRECALL",
    "KW_NAMES",
    "BUILD_",
    "JUMP",
    "NOP",
    "RETURN",
    "LOAD_DEREF",
    "IS_OP",
    "MAKE_",
    "CACHE",
    "BEFORE_WITH",
    "RERAISE",
    "COMPARE_OP",
)
"""What bytecodes begin with that touch nothing but the thread's own variables."""


class Deadlock(Exception):
    """Every thread waits for a lock that another holds."""


@define(eq=False)
class _Thread:
    work: Callable[[], object]
    turn: threading.Semaphore = field(factory=lambda: threading.Semaphore(0))
    steps: int = 0
    since_turn: int = 0
    waits_for: Any = None
    held: set[int] = field(factory=set)
    has_ended: bool = False


@cache
def _shared_places(code: CodeType) -> frozenset[int]:
    """Return the offsets of the bytecodes that may touch what is shared."""
    return frozenset(
        one.offset for one in dis.get_instructions(code) if not one.opname.startswith(_OWN)
    )


@cache
def _sleep_lines(source: str) -> frozenset[int]:
    """Return the lines that sleep: there a thread lets the others go on."""
    return frozenset(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "sleep"
    )


@cache
def _lock_lines(source: str) -> dict[int, list[CodeType]]:
    """Return what the locks are that each line takes: of `with self._lock:`, `self._lock`."""
    found: dict[int, list[CodeType]] = {}
    for node in ast.walk(ast.parse(source)):
        taken: list[tuple[int, ast.expr]] = []
        if isinstance(node, ast.With):
            taken = [(node.lineno, item.context_expr) for item in node.items]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "acquire"
        ):
            taken = [(node.lineno, node.func.value)]
        for line, expression in taken:
            if isinstance(expression, ast.Name | ast.Attribute):
                code = compile(ast.Expression(expression), "lock", "eval")
                found.setdefault(line, []).append(code)
    return found


@define(eq=False)
class _Threads:
    """Threads, the first of which is interrupted once."""

    works: Collection[Callable[[], object]]
    sources: dict[str, str]
    """The text of each file that is looked at, by its name."""
    inside: Collection[str]
    """The functions that are looked at; none: all."""
    first: int
    after: int | None
    """Steps of the first thread after which the others go on, to their ends; None: never."""
    _threads: list[_Thread] = field(init=False, factory=list)
    _lines: dict[str, dict[int, list[CodeType]]] = field(init=False, factory=dict)
    _sleeps: dict[str, frozenset[int]] = field(init=False, factory=dict)
    _last_lines: dict[FrameType, int] = field(init=False, factory=dict)
    _errors: list[BaseException] = field(init=False, factory=list)
    _done: threading.Event = field(init=False, factory=threading.Event)

    def run(self) -> int:
        """Let all come to their ends; return the steps of the first. Raises what one raised."""
        self._lines = {name: _lock_lines(source) for name, source in self.sources.items()}
        self._sleeps = {name: _sleep_lines(source) for name, source in self.sources.items()}
        self._threads = [_Thread(work) for work in self.works]
        running = [
            threading.Thread(target=self._carry_out, args=(one,), daemon=True)
            for one in self._threads
        ]
        for thread in running:
            thread.start()
        self._threads[self.first].turn.release()
        assert self._done.wait(ENDING), "a thread hangs"
        for thread in running:
            thread.join(ENDING)
            assert not thread.is_alive()
        if self._errors:
            raise self._errors[0]
        return self._threads[self.first].steps

    def _carry_out(self, me: _Thread) -> None:
        me.turn.acquire()

        def trace(frame: FrameType, event: str, argument: object) -> Any:
            code = frame.f_code
            if code.co_filename not in self.sources or (
                self.inside and code.co_name not in self.inside
            ):
                return None
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
            return step

        def step(frame: FrameType, event: str, argument: object) -> Any:
            if event == "opcode":
                self._step(me, frame)
            elif event == "return":
                self._last_lines.pop(frame, None)
            return step

        sys.settrace(trace)
        try:
            me.work()
        except BaseException as error:
            self._errors.append(error)
        finally:
            sys.settrace(None)
            me.has_ended = True
            self._give_turn(me)

    def _step(self, me: _Thread, frame: FrameType) -> None:
        line = frame.f_lineno
        locks = self._lines[frame.f_code.co_filename].get(line)
        came = self._last_lines.get(frame) != line
        self._last_lines[frame] = line
        if locks is not None and not came:
            return  # it takes the lock at once
        if not came and frame.f_lasti not in _shared_places(frame.f_code):
            return
        me.steps += 1
        me.since_turn += 1
        is_first = self._threads[self.first] is me
        sleeps = came and line in self._sleeps[frame.f_code.co_filename]
        if (is_first and me.steps == self.after) or sleeps or me.since_turn > LONGEST_TURN:
            self._give_turn(me)
        for code in locks or ():
            self._take(me, eval(code, frame.f_globals, frame.f_locals))

    def _take(self, me: _Thread, lock: Any) -> None:
        if not hasattr(lock, "locked"):
            return
        if id(lock) in me.held:  # the end of its block
            me.held.discard(id(lock))
            return
        while lock.locked():
            me.waits_for = lock
            self._give_turn(me)
        me.waits_for = None
        me.held.add(id(lock))

    def _give_turn(self, me: _Thread) -> None:
        """Let another go on, and wait until this one may."""
        place = self._threads.index(me)
        others = [*self._threads[place + 1 :], *self._threads[: place + 1]]
        me.since_turn = 0
        for one in others:
            if not one.has_ended and (one.waits_for is None or not one.waits_for.locked()):
                if one is not me:
                    one.turn.release()
                    if not me.has_ended:
                        me.turn.acquire()
                return
        if all(one.has_ended for one in self._threads):
            self._done.set()
            return
        self._errors.append(Deadlock())
        self._done.set()
        raise Deadlock


def thread_orders(
    make: Callable[[], Collection[Callable[[], object]]],
    sources: dict[str, str],
    *inside: str,
) -> Iterator[None]:
    """Carry out what `make` returns, each function in a thread, in one order after another.

    Yields after each, for what must hold then. Each function comes first once, and is interrupted
    by all others before each of its steps in `sources`: in the functions of these names, or in all.
    """
    count = len(make())
    for first in range(count):
        steps = _Threads(make(), sources, inside, first, None).run()
        assert steps, "nothing of these files is carried out"
        yield
        for after in range(1, steps + 1):
            _Threads(make(), sources, inside, first, after).run()
            yield


Choice = Callable[[int, int], int]
"""Of the number of the step and of the tasks that could go on: the index of that which does."""


class OrderedLoop(asyncio.SelectorEventLoop):
    """An event loop that asks which of what is ready comes next."""

    def __init__(self, choose: Choice) -> None:
        super().__init__()
        self._choose = choose
        self._next: deque[tuple[asyncio.Handle, Callable[..., object], Any, Any]] = deque()
        self.steps: list[int] = []
        """How much was ready at each step."""

    def call_soon(  # type: ignore[override]
        self, callback: Any, *args: Any, context: contextvars.Context | None = None
    ) -> asyncio.Handle:
        """Put the callback to what is ready."""
        context = context or contextvars.copy_context()
        handle = asyncio.Handle(callback, args, self, context)
        self._next.append((handle, callback, args, context))
        super().call_soon(self._go_on)
        return handle

    def _go_on(self) -> None:
        place = self._choose(len(self.steps), len(self._next))
        self.steps.append(len(self._next))
        handle, callback, args, context = self._next[place]
        del self._next[place]
        if not handle.cancelled():
            context.run(callback, *args)


def _carry_out(work: Coroutine[Any, Any, T], choose: Choice) -> tuple[T, list[int]]:
    loop = OrderedLoop(choose)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work), loop.steps


def task_orders(make: Callable[[], Coroutine[Any, Any, T]]) -> Iterator[T]:
    """Carry out the coroutine in one order after another, and yield what it returns.

    First everything comes in turn; then at each step another task comes before its turn.
    """
    result, steps = _carry_out(make(), lambda step, ready: 0)
    yield result
    for number, ready in enumerate(steps):
        for place in range(1, min(ready, MAX_WAITING)):
            yield _carry_out(
                make(),
                lambda step, ready, number=number, place=place: (  # type: ignore[misc]
                    min(place, ready - 1) if step == number else 0
                ),
            )[0]


def task_cancellations(
    make: Callable[[Callable[[asyncio.Task[Any]], None]], Coroutine[Any, Any, T]],
) -> Iterator[T]:
    """Carry out the coroutine again and again, and yield what it returns.

    `make` is given a function that names a task. Each time that task is cancelled one step later.
    """
    number = 0
    while True:
        named: list[asyncio.Task[Any]] = []
        left = number

        def choose(step: int, ready: int, named: list[asyncio.Task[Any]] = named) -> int:
            nonlocal left
            if named:
                if left == 0:
                    named[0].cancel()
                left -= 1
            return 0

        result, _ = _carry_out(make(named.append), choose)
        yield result
        if left >= 0:
            return
        number += 1
