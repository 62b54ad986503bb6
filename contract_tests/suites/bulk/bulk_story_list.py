"""The stories of bulk runs: their items, what they meet, and how they are asked for."""

import asyncio
import signal
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any, Final

from runflow_client import RetryPolicy, bulk, errors
from runflow_client.callbacks import Wakeup

from ..client.calls import FILE
from ..client.troubles import TROUBLES
from .bulk_stories import HANGS, NO_LIMIT, Items, Story, told_story


def items(*keys: str, **more: Any) -> Callable[[Path], Items]:
    """Give items with these keys."""
    return lambda folder: [
        bulk.Item(key, {"prompt": f"a {key}", **more}, f"line {number}")
        for number, key in enumerate(keys, start=2)
    ]


def odd_items(folder: Path) -> Items:
    """Give what cannot be run, between two that can."""
    return [
        *items("a")(folder),
        bulk.Item("wrong", {"prompt": "x", "resolution": "2k"}, "line 3"),
        bulk.BadItem("unread", "no such column", "line 4"),
        bulk.BadItem("of no place", "not read"),
        bulk.Item("a", {"prompt": "again"}, "line 5"),
        bulk.Item("a", {"prompt": "again"}),
        bulk.Item("gone", {"prompt": "x", "image": folder / "gone.png"}, "line 6"),
        bulk.Item("of an odd table", {"prompt": ""}, "\udcff.csv, line 7"),
        bulk.BadItem("of an odd word", "no \ud83d", "\udcff.csv, line 8"),
        bulk.Item("", {"prompt": "x"}),
        bulk.Item("k" * 1025, {"prompt": "x"}),
        bulk.Item("k" * 1024, {"prompt": "x"}),
    ]


def broken_items(folder: Path) -> Iterator[bulk.Item | bulk.BadItem]:
    """Give one item, and then fail."""
    yield from items("a")(folder)
    raise KeyError("the second")


async def items_that_come_later(folder: Path) -> AsyncIterator[bulk.Item | bulk.BadItem]:
    """Give items one after another, as a queue does."""
    for item in odd_items(folder)[:3]:
        await asyncio.sleep(0)
        yield item


async def _fail(key: str, run: Any) -> None:
    raise ValueError(f"no place for {key}")


TOLD: Final[list[Any]] = []
"""The runs that `_once` was called with, which keeps them from being others' objects."""


def _once(key: str, run: Any) -> None:
    TOLD.append(run)
    assert sum(one is run for one in TOLD) == 1, "it was told of this run before"


async def _disk(key: str, run: Any) -> None:
    raise OSError(28, "No space left on device")


def _others_file(content: bytes, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out" / "a.png").write_bytes(content)


def _raise(error: Exception, key: str, run: Any) -> None:
    raise error


def _lost_file(folder: Path) -> None:
    (folder / "out" / "a.png").unlink()


def _lost_one_of_two(folder: Path) -> None:
    (folder / "out" / "a+2.png").unlink()


def _not_noted(folder: Path) -> None:
    """Leave what a process leaves that is killed once it has named a file."""
    with closing(sqlite3.connect(folder / "j.sqlite")) as connection, connection:
        connection.execute("UPDATE files SET bytes = NULL, saved_at = NULL")
        connection.execute("UPDATE items SET state = 'ended'")


def _cut_file(folder: Path) -> None:
    (folder / "out" / "a.png").write_bytes(FILE[:3])


def _another_under_way(folder: Path) -> None:
    """Leave what an earlier start leaves of an item whose run has not ended."""
    with bulk.Journal.reopen(folder / "j.sqlite") as journal:
        journal.add("e", 9, "", "{}", "mark")
        journal.intend("e", 1, "ref", Decimal("0.15"))
        journal.created("e", 1, "a run")


def _retry(folder: Path) -> None:
    with bulk.Journal.reopen(folder / "j.sqlite") as journal:
        journal.retry()


TOGETHER: Final[Mapping[str, Any]] = {"concurrency": 3, "output": None}
"""Files are written in threads, whose order is not always the same."""
BY_CALLBACK: Final[Mapping[str, Any]] = {"callback": Wakeup("https://me.test/"), "output": None}
"""No callback ever comes."""
LOST: Final = {"list": {"create": ("lost after it acted", 1.0)}}
"""What makes a bulk run look into a list."""
ALIKE: Final = {"425", "429 for 100 s", "503 for 7 s", "no connection in time"}
"""Troubles that end as another one does."""

OTHERS: Final[dict[str, dict[str, Any]]] = {
    "is done": {},
    "has failed": {"ends": ("failed", "failed", "failed", "failed")},
    "was canceled": {"ends": ("canceled",)},
    "runs": {"trouble": {"read": ("401", 1)}},
    "was perhaps created": {
        "trouble": {"create": ("no answer in time", NO_LIMIT)},
        "options": {"max_outage": 10.0},
    },
    "is not saved": {"options": {"on_run": _disk}},
    "was refused after a failure": {
        "ends": ("failed",),
        "trouble": {"create": ("400", 1)},
        "spared": 1,
    },
}
"""How the first start leaves the first of two items, whose inputs are others in the second."""
AGAIN: Final[dict[str, dict[str, Any]]] = {
    "a refused create": {"trouble": {"create": ("400", 1)}},
    "a run that is canceled": {"ends": ("canceled",)},
    "a run that is gone": {"ends": ("gone",)},
    "two runs of an item that are gone": {"ends": ("gone", "succeeded", "gone")},
    "a run that is found again": {"trouble": {"read": ("404", NO_LIMIT)}},
    "a file that cannot be read": {"trouble": {"file": ("400", NO_LIMIT)}},
    "a run that stays under way": {"trouble": {"read": ("401", 1)}},
}
"""What is met before failed and refused items are to be tried again."""

STORIES: Final[dict[str, Story]] = {
    "all is well": Story(items("a", "b")),
    "nothing to do": Story(items()),
    "several outputs": Story(items("a"), ("partial_succeeded",)),
    "odd items": Story(odd_items),
    "items that fail": Story(items("a", "b"), ("failed", "failed", "failed otherwise")),
    "failures that are allowed by their code": Story(
        items("a"),
        ("failed", "failed", "failed otherwise", "failed"),
        options={"retries": bulk.Retries(failed=0, by_code={"busy": 2, "other": 3})},
    ),
    "a failure without a word, and tried again": Story(
        items("a"), ("failed without a word",) * 3, between=_retry
    ),
    "a failure in half a character": Story(items("a"), ("failed in half a character",) * 2),
    "a run that is canceled": Story(items("a"), ("canceled",)),
    "a run that is gone": Story(items("a", "b"), ("gone",)),
    "no money for the third": Story(items("a", "b", "c"), options={"max_cost": "0.30"}),
    "cheaper than reserved": Story(
        items("a", "b", "c", "d"), ("cheap",) * 4, options={"max_cost": "0.50", **TOGETHER}
    ),
    "money that failed runs give back": Story(
        items("a", "b"),
        ("failed",),
        options={"max_cost": "0.30", "retries": bulk.Retries(failed=1)},
    ),
    "one that costs too much": Story(items("a", num_images=2), options={"max_cost_each": "0.20"}),
    "a price that is not known": Story(
        lambda folder: [bulk.Item("a", {"prompt": "x", "num_images": "2"})],
        options={"max_cost": "9"},
    ),
    "two failures are enough": Story(
        items("a", "b", "c", num_images=90), options={"stop_after_failures": 2}
    ),
    "a rate": Story(items("a", "b", "c"), options={"rate": 0.5, "output": None}),
    "three refused at once": Story(
        items("a", "b", "c"),
        trouble={"create": ("429", 3)},
        together=3,
        options=TOGETHER,
        retries=RetryPolicy(attempts=1),
    ),
    "in order": Story(items("a", "b", "c"), ("failed",), options={"in_order": True, **TOGETHER}),
    "items that cannot be read": Story(broken_items),
    "what on_run raises": Story(items("a"), options={"on_run": _fail}),
    **{
        f"{type(error).__name__} of on_run": Story(
            items("a"), options={"on_run": partial(_raise, error)}
        )
        for error in (
            FileExistsError(17, "File exists"),
            errors.StorageError("no room", url="https://a.test/", reason="no room"),
            errors.ConnectionLost("it broke", method="PUT", path="/x"),
            TimeoutError("it takes too long"),
        )
    },
    "a full disk": Story(items("a"), options={"on_run": _disk}),
    "a file of another": Story(items("a"), prepare=partial(_others_file, b"mine"), between=_retry),
    "a file that was cut": Story(items("a"), between=_cut_file),
    "told to stop": Story(items("a", "b", "c"), stop_after=1),
    "told to stop, several at once": Story(
        items("a", "b", "c", "d"), stop_after=1, options={**TOGETHER, "concurrency": 2}
    ),
    **{
        f"{place} meets {trouble}{when}": Story(
            items("a", "b"),
            trouble={**LOST.get(place, {}), place: (trouble, times)},
            options={"max_outage": 120.0},
        )
        for place in ("create", "list", "read", "file")
        for trouble in (*TROUBLES, *(["lost after it acted"] if place == "create" else []))
        if trouble not in ALIKE
        # Refusals for the rate are waited out without end.
        for when, times in (
            (", once", 1),
            (", always", 12 if trouble.startswith("429") else NO_LIMIT),
        )
    },
    "another input for one that waits": Story(
        items("a", "b"), options={"max_cost": "0.15"}, items_again=items("a", "b", seed=7)
    ),
    "another input for one that was refused": Story(
        items("a", resolution="2k"), items_again=items("a", resolution="2K")
    ),
    **{
        f"another input for one that {state}": Story(
            items("a", "b"), items_again=items("a", "b", seed=7), **met
        )
        for state, met in OTHERS.items()
    },
    "a refusal of the second run of an item": Story(
        items("a"), ("failed",), trouble={"create": ("400", 1)}, spared=1
    ),
    **{
        f"{what}, and tried again": Story(items("a", "b"), between=_retry, **met)
        for what, met in AGAIN.items()
    },
    "failures of an earlier start do not count": Story(
        items("a", "b", "c"),
        ("failed", "failed", "succeeded", "failed", "failed"),
        options={"stop_after_failures": 2},
        options_again={"stop_after_failures": 1},
    ),
    "files are tried as often as was asked": Story(
        items("a"),
        trouble={"file": ("400", 2)},
        options={"retries": bulk.Retries(saving=1)},
    ),
    "what on_run is told, once": Story(
        items("a", "b"),
        trouble={"file": ("400", 2)},
        options={"on_run": _once},
    ),
    "items that come later": Story(items_that_come_later, options=TOGETHER),
    "a run that is gone, and money for one": Story(
        items("a", "b"), ("gone",), options={"max_cost": "0.15", "output": None}
    ),
    "refused creates, and one that waits for their money": Story(
        lambda folder: [*items("a", "b")(folder), *items("c", num_images=2)(folder)],
        trouble={"create": ("400", 2)},
        together=2,
        options={"max_cost": "0.30", **TOGETHER},
    ),
    "money that an earlier start reserved": Story(
        items("a", "b"),
        trouble={"read": ("401", 1)},
        options_again={"max_cost": "0.20", **TOGETHER},
    ),
    "a refusal, and a rate that is slower": Story(
        items("a", "b"),
        trouble={"create": ("429", 1)},
        options={"rate": 0.5, "output": None},
        retries=RetryPolicy(attempts=1),
    ),
    "told to stop, in order": Story(
        items("a", "b", "c", "d", "e"),
        stop_after=1,
        options={**TOGETHER, "concurrency": 2, "in_order": True},
    ),
    "a run that costs nothing": Story(items("a"), ("free",), options={"max_cost": "0.15"}),
    **{
        f"{place} meets {trouble}, once": Story(
            items("a", "b"), trouble={**LOST.get(place, {}), place: (trouble, 1)}
        )
        for place, trouble in (
            *(("create", "425"), ("create", "403"), ("list", "403"), ("read", "403")),
        )
    },
    "a model that is gone once runs were made": Story(
        items("a", "b", "c"), trouble={"create": ("404", 1)}, spared=1
    ),
    "a file that is gone": Story(items("a"), between=_lost_file, options_again={"on_run": _fail}),
    "a file whose size was not noted": Story(items("a"), between=_not_noted),
    "an outage, and no patience": Story(
        items("a"), trouble={"create": ("no connection", NO_LIMIT)}, options={"max_outage": 0.0}
    ),
    "a refused read, and one that waits for money": Story(
        items("a", "b"), trouble={"read": ("401", 1)}, options={"max_cost": "0.15", **TOGETHER}
    ),
    "a run that is gone, tried again without the money for another": Story(
        items("a"), ("gone",), between=_retry, options_again={"max_cost": "0.10"}
    ),
    "money for one more than an earlier start has spent": Story(
        items("a", "b"), ("cheap",), options={"on_run": _disk}, options_again={"max_cost": "0.19"}
    ),
    "money that is reserved for an item that does not come": Story(
        items("a"),
        trouble={"read": ("401", 1)},
        items_again=items("b", "c"),
        options_again={"max_cost": "0.15", **TOGETHER},
    ),
    **{
        f"money that is reserved for an item that comes later, {count} at once": Story(
            items("a", "b"),
            ("cheap",),
            trouble={"read": ("401", 1)},
            items_again=items("c", "b", "a"),
            options_again={"max_cost": "0.20", "concurrency": count, "output": None},
        )
        for count in (1, 2, 3)
    },
    "money that is reserved in order": Story(
        items("a"),
        trouble={"read": ("401", 1)},
        items_again=items("b", "", "a"),
        options_again={"max_cost": "0.15", **TOGETHER, "concurrency": 2, "in_order": True},
    ),
    "a rate, and money for one": Story(
        items("a", "b", "c"), options={"rate": 0.5, "max_cost": "0.15", **TOGETHER}
    ),
    "no money for the second run of an item": Story(
        items("a"),
        ("failed at a price",),
        options={"max_cost": "0.20"},
        options_again={"max_cost": "0.30"},
    ),
    "told to stop while others wait for their turn": Story(
        items("a", "b", "c", "d"),
        trouble={"create": ("401", 1)},
        together=2,
        options={"rate": 0.1, **TOGETHER, "concurrency": 4},
    ),
    "refused again and again, several at once": Story(
        items("a", "b", "c", "d"),
        trouble={"create": ("429", 11)},
        together=2,
        options={"rate": 5.0, **TOGETHER},
        retries=RetryPolicy(attempts=1),
    ),
    "told to stop in an outage": Story(
        items("a", "b"),
        trouble={"create": ("no answer in time", NO_LIMIT)},
        options={"max_outage": 0.0, "rate": 0.1, **TOGETHER},
    ),
    "no callback comes": Story(
        items("a", "b"),
        trouble={"read": ("401", 1)},
        options=BY_CALLBACK,
        options_again=BY_CALLBACK,
    ),
    "the same file of another": Story(items("a"), prepare=partial(_others_file, FILE)),
    "several outputs, and a failure": Story(items("a"), ("partial_succeeded with a word",)),
    "one of several outputs that is gone": Story(
        items("a"), ("partial_succeeded",), between=_lost_one_of_two
    ),
    "a run without files": Story(items("a"), ("succeeded without files",)),
    "a folder for what is done": Story(
        items("a", "b"), ("succeeded", "partial_succeeded"), options={"output": None}
    ),
    "keys that differ by case": Story(items("a", "A")),
    "money that each run gives back to the next": Story(
        items("a", "b", "c"),
        ("cheap",) * 3,
        options={"max_cost": "0.25", **TOGETHER, "concurrency": 2},
    ),
    "money that is reserved for an item that does not come, and one that is refused": Story(
        items(),
        between=_another_under_way,
        items_again=lambda folder: [*items("b")(folder), bulk.BadItem("d", "no prompt")],
        options_again={"max_cost": "0.15", **TOGETHER},
    ),
    "money that is reserved for an item that does not come, and one that is saved": Story(
        items("c"),
        options={"on_run": _disk, "output": None},
        between=_another_under_way,
        items_again=items("b", "c"),
        options_again={"max_cost": "0.30", **TOGETHER},
    ),
    "no money at all": Story(items("a"), options={"max_cost": 0}),
    "no money for one run": Story(items("a"), options={"max_cost_each": 0}),
}


def lines() -> list[str]:
    """Return the list."""
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    threads = set(threading.enumerate())
    first: dict[tuple[str, ...], str] = {}
    found: list[str] = []
    for name, story in STORIES.items():
        try:
            told = asyncio.run(asyncio.wait_for(told_story(story), HANGS))
        except TimeoutError:
            raise AssertionError(f"{name}: it never ends") from None
        same = first.setdefault(tuple(told), name)
        found += [f"{name}: as {same}"] if same != name else [f"{name}:"]
        found += [f"    {line}" for line in told] if same == name else []
    assert handlers == [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    for thread in set(threading.enumerate()) - threads:
        thread.join(HANGS)
        assert not thread.is_alive(), f"{thread.name} still runs"
    return found
