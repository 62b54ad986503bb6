"""How much the writer of an inbox stores in one transaction, how much may wait, and what becomes of
events whose time is up.
"""

import threading
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any, Final

import pytest
from runflow_client.callbacks.inbox._writer import (
    MAX_BYTES_TOGETHER as BYTES,
    MAX_TOGETHER,
    MAX_WAITING,
    NotStored,
    Row,
    Writer,
)

from .test_locks_of_the_inbox import loaded

PATIENCE: Final = 30.0
HALF: Final = BYTES // 2
Results = SimpleQueue[bool | Exception]


def taken(results: Results, number: int) -> list[bool | Exception]:
    """Wait for so many results."""
    return [results.get(timeout=PATIENCE) for _ in range(number)]


@pytest.mark.parametrize(
    ("sizes", "together"),
    [
        ([1], [1]),
        ([1] * MAX_TOGETHER, [MAX_TOGETHER]),
        ([1] * (MAX_TOGETHER + 1), [MAX_TOGETHER, 1]),
        ([HALF, HALF], [2]),
        ([HALF, HALF + 1], [1, 1]),
        ([HALF, HALF, 1], [2, 1]),
        ([BYTES], [1]),
        ([BYTES + 1, 1], [1, 1]),
        ([1, BYTES + 1, 1], [1, 1, 1]),
    ],
    ids=lambda sizes: f"{len(sizes)} of {max(sizes)}",
)
def test_so_many_events_and_bytes_share_a_transaction(
    sizes: list[int], together: list[int]
) -> None:
    stored: list[list[int]] = []

    def insert(rows: list[Row]) -> list[bool]:
        stored.append([len(row["body"]) for row in rows])
        return [True] * len(rows)

    writer, results = Writer(insert), Results()
    with writer.alone():
        for size in sizes:
            writer.submit({"body": bytes(size)}, results.put)
    assert taken(results, len(sizes)) == [True] * len(sizes)
    writer.finish()
    assert [len(one) for one in stored] == together
    assert [size for one in stored for size in one] == sizes


def test_so_many_events_wait_and_no_more() -> None:
    writer, results = Writer(lambda rows: [True] * len(rows)), Results()
    with writer.alone():
        for _ in range(MAX_WAITING):
            writer.submit({"body": b""}, results.put)
        with pytest.raises(NotStored, match=f"^{MAX_WAITING} events wait to be stored already$"):
            writer.submit({"body": b""}, results.put)
    assert taken(results, MAX_WAITING) == [True] * MAX_WAITING
    writer.submit({"body": b""}, results.put)
    assert taken(results, 1) == [True]
    writer.finish()


class Stepped:
    """A writer of two events at once whose clock is set by hand. Each insertion takes so many
    seconds, and fails where one of these events is in it.
    """

    def __init__(self, seconds: float = 0.0, refused: str = "", **settings: object) -> None:
        self.now = 0.0
        self.stored: list[str] = []
        self.results: SimpleQueue[tuple[str, bool | Exception]] = SimpleQueue()
        self._seconds = seconds
        self._refused = refused
        module = loaded("_writer")
        clock = SimpleNamespace(monotonic=lambda: self.now)
        vars(module).update({"time": clock, "MAX_TOGETHER": 2, **settings})
        self.writer: Writer = module.Writer(self._insert)

    def _insert(self, rows: list[Row]) -> list[bool]:
        names = "".join(row["name"] for row in rows)
        self.stored.append(names)
        self.now += self._seconds
        if set(names) & set(self._refused):
            raise OSError(f"{names} refused")
        return [True] * len(rows)

    def submit(self, name: str, at: float) -> None:
        """Submit an event at this moment."""
        self.now = at
        row: dict[str, Any] = {"name": name, "body": b""}
        self.writer.submit(row, lambda result: self.results.put((name, result)))

    def found(self, number: int) -> dict[str, str]:
        """Wait for so many results."""
        pairs = (self.results.get(timeout=PATIENCE) for _ in range(number))
        return {name: str(result) for name, result in pairs}


BOTH: Final = "ab refused"


@pytest.mark.parametrize(
    ("arrivals", "seconds", "refused", "stored", "results"),
    [
        ([0.0, 0.0], 9.0, "", ["ab"], ["True", "True"]),
        # each is tried by itself while it has time
        ([0.0, 0.0], 0.0, "b", ["ab", "a", "b"], ["True", "b refused"]),
        ([0.0, 0.5], 4.4, "b", ["ab", "a"], ["True", BOTH]),
        ([0.0, 0.5], 4.5, "b", ["ab", "b"], [BOTH, "b refused"]),
        ([0.0, 0.5], 5.0, "b", ["ab"], [BOTH, BOTH]),
        # what waits behind them fails with them when its time is up, and not before
        ([0.0, 0.0, 0.0, 1.0], 5.0, "a", ["ab"], [BOTH] * 4),
        ([0.0, 0.0, 0.0, 1.0], 4.5, "a", ["ab", "d"], [BOTH, BOTH, BOTH, "True"]),
        ([0.0, 0.0, 1.0, 1.0], 4.0, "a", ["ab", "cd"], [BOTH, BOTH, "True", "True"]),
        ([0.0, 0.0, 1.0, 1.0], 9.0, "c", ["ab", "cd"], ["True", "True", *["cd refused"] * 2]),
        # of one that is alone nothing is tried again
        ([0.0], 0.0, "a", ["a"], ["a refused"]),
        ([0.0, 0.0, 0.0], 0.0, "c", ["ab", "c"], ["True", "True", "c refused"]),
        ([0.0, 1.0, 1.0], 4.5, "abc", ["ab", "b"], [BOTH, "b refused", "b refused"]),
    ],
)
def test_an_event_is_tried_until_its_time_is_up(
    arrivals: list[float], seconds: float, refused: str, stored: list[str], results: list[str]
) -> None:
    stepped = Stepped(seconds, refused)
    names = "abcd"[: len(arrivals)]
    with stepped.writer.alone():
        for name, at in zip(names, arrivals, strict=True):
            stepped.submit(name, at)
    found = stepped.found(len(arrivals))
    stepped.writer.finish()
    assert (stepped.stored, [found[name] for name in names]) == (stored, results)


def test_who_may_not_write_in_time_fails_and_who_has_time_waits_on() -> None:
    stepped = Stepped(WAIT_TIMEOUT=0.05)
    with stepped.writer.alone():
        stepped.submit("a", 0.0)
        stepped.submit("b", 0.05)
        assert stepped.found(1) == {"a": "another thread has been writing to the inbox for 0.05 s"}
        assert stepped.results.empty()
    assert stepped.found(1) == {"b": "True"}
    stepped.writer.finish()


def test_a_thread_with_nothing_to_store_ends_and_another_begins() -> None:
    stepped = Stepped(_IDLE=0.001)
    for name in "ab":
        stepped.submit(name, 0.0)
        assert stepped.found(1) == {name: "True"}
        for thread in _writers():
            thread.join()
        assert _writers() == []
    assert stepped.writer.put({"name": "c", "body": b""}) is True
    assert stepped.stored == ["a", "b", "c"]


def test_a_thread_that_waits_is_told_of_the_next_event_and_of_its_end() -> None:
    """It does not find them when it has been idle for long enough."""
    waits = threading.Semaphore(0)

    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            waits.release()  # who takes the lock then finds the thread waiting
            return super().wait(timeout)

    threads = SimpleNamespace(**{**vars(threading), "Condition": Condition})
    stepped = Stepped(threading=threads, _IDLE=3600.0)
    for name in "ab":
        stepped.submit(name, 0.0)
        assert stepped.found(1) == {name: "True"}
        assert waits.acquire(timeout=PATIENCE)
    ending = threading.Thread(target=stepped.writer.finish, daemon=True)
    ending.start()
    ending.join(PATIENCE)
    assert not ending.is_alive()


def test_a_thread_that_cannot_begin_keeps_no_later_event_waiting() -> None:
    failures = [RuntimeError("can't start new thread")]

    class Thread(threading.Thread):
        def start(self) -> None:
            if failures:
                raise failures.pop()
            super().start()

    threads = SimpleNamespace(**{**vars(threading), "Thread": Thread})
    stepped = Stepped(threading=threads)
    with pytest.raises(RuntimeError, match="can't start"):
        stepped.submit("a", 0.0)
    stepped.submit("b", 0.0)
    assert stepped.found(1) == {"b": "True"}
    stepped.writer.finish()
    assert stepped.writer.put({"name": "c", "body": b""}) is True
    assert stepped.stored == ["b", "c"]


def _writers() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "runflow-inbox-writer"]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_what_its_own_thread_gave_up_is_stored_by_no_other(stop: type[BaseException]) -> None:
    """Its caller has been told of the interruption and not of a success."""
    stored: list[str] = []
    presses = [stop()]

    def insert(rows: list[Row]) -> list[bool]:
        stored.extend(row["name"] for row in rows)
        return [True] * len(rows)

    class Interrupted(Writer):
        def alone(self) -> Any:
            if presses:
                raise presses.pop()
            return super().alone()

    writer = Interrupted(insert)
    with pytest.raises(stop):
        writer.put({"name": "a", "body": b""})
    assert writer.put({"name": "b", "body": b""}) is True
    assert stored == ["b"]
