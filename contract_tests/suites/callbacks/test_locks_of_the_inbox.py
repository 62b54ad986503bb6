"""What threads share in the inbox is touched by the one that holds its lock, and by no other.

Each place in the source of the inbox that takes or releases a lock is found and left out once: then
something is touched without its lock, or a lock is kept.
"""

import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue
from types import ModuleType, SimpleNamespace
from typing import Any, Final

import pytest
from attrs import define, field, frozen
from runflow_client.callbacks import inbox as package
from runflow_client.callbacks.inbox._database import inbox_table, new_row, open_engine
from sqlalchemy.event import listens_for

from .deliveries import encode, event_of

FOLDER: Final = Path(package.__file__).parent
PATIENCE: Final = 60.0


@define(eq=False)
class Watched:
    """A lock that knows which thread holds it, and how often."""

    lock: Any
    holder: int | None = None
    depth: int = 0

    def acquire(self, timeout: float = -1) -> bool:
        """Take it."""
        taken: bool = self.lock.acquire(timeout=timeout)
        if taken:
            self.holder, self.depth = threading.get_ident(), self.depth + 1
        return taken

    def release(self) -> None:
        """Release it."""
        self.depth -= 1
        self.holder = self.holder if self.depth else None
        self.lock.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()

    @property
    def is_mine(self) -> bool:
        """Whether this thread holds it."""
        return self.holder == threading.get_ident()


class WatchedCondition(threading.Condition):
    """A condition on such a lock."""

    def __init__(self) -> None:
        self.watched = Watched(threading.RLock())
        super().__init__()

    def __enter__(self) -> bool:
        taken = super().__enter__()
        self.watched.holder = threading.get_ident()
        return taken

    def __exit__(self, *error: Any) -> None:
        self.watched.holder = None
        super().__exit__(*error)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait, and hold it again then."""
        self.watched.holder = None
        try:
            return super().wait(timeout)
        finally:
            self.watched.holder = threading.get_ident()


@define(eq=False)
class Watch:
    """What goes wrong in one trial, and where the results of the writer come."""

    faults: list[str] = field(factory=list[str])
    results: "SimpleQueue[object]" = field(factory=lambda: SimpleQueue[object]())

    def check(self, lock: Any, what: str) -> None:
        """Note a fault where this thread does not hold the lock."""
        if not getattr(lock, "watched", lock).is_mine:
            self.faults.append(f"{what} without the lock")

    def threading(self) -> SimpleNamespace:
        """Return what the module is given for `threading`."""
        watch = self

        class Thread(threading.Thread):
            def run(self) -> None:
                end: object = "the thread ended"
                try:
                    super().run()
                except BaseException as error:
                    watch.faults.append(repr(error))
                    end = error
                watch.results.put(end)

        return SimpleNamespace(
            Condition=WatchedCondition,
            RLock=lambda: Watched(threading.RLock()),
            Lock=lambda: Watched(threading.Lock()),
            Thread=Thread,
            Event=threading.Event,
            current_thread=threading.current_thread,
            main_thread=threading.main_thread,
        )


def watched_queue(watch: Watch, lock: Callable[[], Any]) -> type[Any]:
    """Return a kind of deque that is touched with the lock alone."""

    def checked(name: str) -> Callable[..., Any]:
        usual = getattr(deque, name)

        def touch(self: Any, *arguments: Any) -> Any:
            watch.check(lock(), name)
            return usual(self, *arguments)

        return touch

    touching = ("append", "popleft", "remove", "__iter__", "__len__", "__getitem__")
    return type("Queue", (deque,), {name: checked(name) for name in touching})


@frozen
class Place:
    """A place where a lock is taken or released."""

    module: str
    line: int
    start: int
    end: int
    instead: str

    def __str__(self) -> str:
        return f"{self.module}:{self.line}"


TAKING: Final = re.compile(
    r"with (?:suppress\(\w+\), )?(?:self\._changed|self\._condition\(\)|[\w.]+\.alone\(\))"
    r"(?:, [^\n]+)?:\n"
    r"|\w[\w.]*\.acquire\([^)]*\)|(?:self\._writing|state\.preparing)\.release\(\)"
)


def _instead(found: str) -> str:
    """Return what the place is without its lock."""
    if found.endswith(".release()"):
        return "pass"
    if not found.startswith("with "):
        return "True"
    others = re.sub(r"(self\._changed|self\._condition\(\)|[\w.]+\.alone\(\))(, )?", "", found)
    return "if True:\n" if others == "with :\n" else others.replace(", :", ":")


def places() -> Iterator[Place]:
    """Find every place."""
    for path in sorted(FOLDER.glob("*.py")):
        source = path.read_text("utf-8")
        for found in TAKING.finditer(source):
            line = source.count("\n", 0, found.start()) + 1
            yield Place(path.stem, line, *found.span(), _instead(found[0]))


def loaded(name: str, without: Place | None = None) -> ModuleType:
    """Load a module of the inbox anew, without this place if it is of that module."""
    source = (FOLDER / f"{name}.py").read_text("utf-8")
    if without is not None and without.module == name:
        source = source[: without.start] + without.instead + source[without.end :]
    made = ModuleType(f"{package.__name__}.{name}")
    made.__package__ = package.__name__
    usual = sys.modules[made.__name__]
    sys.modules[made.__name__] = made  # what attrs makes of classes looks its module up
    try:
        exec(compile(source, f"{name} without {without}", "exec"), made.__dict__)
    finally:
        sys.modules[made.__name__] = usual
    return made


def watched_writer(watch: Watch, without: Place | None) -> ModuleType:
    """Load the writer with locks that are watched."""
    module = loaded("_writer", without)
    vars(module)["threading"] = watch.threading()
    vars(module)["WAIT_TIMEOUT"] = 0.5
    return module


def writer(without: Place | None, folder: Path) -> list[str]:
    """What waits is touched with its lock; one thread stores at a time."""
    watch = Watch()
    module = watched_writer(watch, without)
    vars(module)["deque"] = watched_queue(watch, lambda: made[0]._changed)
    made: list[Any] = []
    raised: list[BaseException] = []

    def insert(rows: list[Any]) -> list[bool]:
        watch.check(made[0]._writing, "insert")
        if raised:
            raise raised.pop()
        return [True] * len(rows)

    class Early(module.Writer):  # type: ignore[misc, name-defined] # made above
        def __init__(self) -> None:
            made.append(self)
            self._changed = WatchedCondition()
            super().__init__(insert)

    one = Early()
    row = {"body": b""}
    assert one.put(row) is True
    for error in (OSError("full"), KeyboardInterrupt()):
        raised.append(error)
        with pytest.raises(type(error)):
            one.put(row)
    one.submit(row, watch.results.put)
    assert watch.results.get(timeout=PATIENCE) is True, watch.faults
    assert one.put(row) is True
    raised.append(OSError("full"))
    one.submit(row, watch.results.put)
    assert isinstance(watch.results.get(timeout=PATIENCE), OSError)
    one.finish()
    if one._writing.depth:
        watch.faults.append("the lock is kept")
    return watch.faults


def arrivals(without: Place | None, folder: Path) -> list[str]:
    """Who waits is told, and not of what it has seen."""
    watch = Watch()
    module = loaded("_workers", without)
    vars(module)["threading"] = watch.threading()
    one = module.Arrivals()
    one.notify()
    one.wait(0, PATIENCE)
    one.wait(1, 0.0)
    assert one.count == 1
    return watch.faults


def queue(without: Place | None, folder: Path) -> list[str]:
    """The connection that stores events is used and closed by the thread that may write."""
    watch = Watch()
    module = loaded("_queue", without)
    vars(module)["Writer"] = watched_writer(watch, without).Writer
    vars(module)["threading"] = watch.threading()
    path = folder / "inbox.sqlite3"
    engine = open_engine(path)
    policy = module.HandlingPolicy()
    one = module.Queue(engine, True, inbox_table("inbox"), policy, lambda: 0.0, lambda: 0.0)
    state = one._state()
    state.preparing = Watched(threading.Lock())
    row = new_row(event_of(encode()), encode(), None, 0.0)

    @listens_for(engine, "before_cursor_execute")
    def executed(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if statement.startswith("CREATE"):
            watch.check(state.preparing, "create")

    usual = module.ProcessState.release

    def release(self: Any) -> None:
        watch.check(self.writer._writing, "release")
        usual(self)

    vars(module)["ProcessState"].release = release
    assert one.put(row) is True
    with one.writing():
        watch.check(state.writer._writing, "write")
    path.unlink()
    with pytest.raises(module.DatabaseReplaced), one.reading():
        pass
    one.close()
    if state.preparing.depth or state.writer._writing.depth:
        watch.faults.append("a lock is kept")
    return watch.faults


TRIALS: Final = {"_writer": writer, "_queue": queue, "_workers": arrivals}


@pytest.mark.parametrize("module", TRIALS)
def test_what_is_shared_is_touched_with_its_lock(module: str, tmp_path: Path) -> None:
    assert TRIALS[module](None, tmp_path) == []


@pytest.mark.parametrize("place", list(places()), ids=str)
def test_a_lock_that_is_left_out_is_missed(place: Place, tmp_path: Path) -> None:
    try:
        faults = TRIALS[place.module](place, tmp_path)
    except Exception as error:
        faults = [repr(error)]
    assert faults != []
