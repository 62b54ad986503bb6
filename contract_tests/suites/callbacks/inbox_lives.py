"""Write down what each step of an event changes in the inbox, column by column."""

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from attrs import define, field
from runflow_client import callbacks
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox, Lease
from runflow_client.testing import sign

SECRET: Final = "whsec_" + "a" * 40
POLICY: Final = HandlingPolicy(
    attempts=3, lease=60.0, first_backoff=4.0, longest_backoff=5.0, keep=100.0
)
LATER: Final = 10.0
"""Seconds between two steps."""


def body_of(number: int) -> bytes:
    """Return the body of an event."""
    told = {"event": "run.failed", "run_id": f"run-{number}", "status": "failed"}
    return json.dumps(told).encode()


@define
class Life:
    """One inbox, and the leases that were taken of it."""

    inbox: Inbox
    leases: list[Lease] = field(factory=list[Lease])

    def put(self, number: int = 1) -> object:
        """Receive an event."""
        body = body_of(number)
        headers = {"Runflow-Signature": sign(body, SECRET), "Runflow-Request-Id": f"id-{number}"}
        return self.inbox.put(callbacks.verify(body, headers, SECRET), body)

    def lease(self) -> object:
        """Take the event that is due longest."""
        lease = self.inbox.lease()
        if lease is None:
            return None
        self.leases.append(lease)
        return f"row {lease.id}, {'spent' if lease.is_spent else 'to be handled'}: {lease}"

    def fail(self) -> object:
        """Settle the newest lease as failed."""
        return self.leases[-1].failed(ValueError("no, rf_live_secret"))

    def work(self, *, fails: bool = False, transactional: bool = False) -> object:
        """Hand one event to a handler."""

        def handle(*given: Any) -> None:
            if fails:
                raise ValueError("it fails")

        if transactional:
            return self.inbox.work_once(handle, transactional=True)
        return self.inbox.work_once(handle)


Step = tuple[str, float, Callable[[Life], object]]
PUT: Final[Step] = ("put", LATER, Life.put)
LEASE: Final[Step] = ("lease", LATER, Life.lease)
FAIL: Final[Step] = ("fail", LATER, Life.fail)
HANDLED: Final[Step] = ("handled", LATER, lambda life: life.leases[-1].handled())

LIVES: Final[dict[str, list[Step]]] = {
    "one that is handled": [
        PUT,
        ("put again", LATER, Life.put),
        LEASE,
        ("lease when there is none", LATER, Life.lease),
        ("renew", LATER, lambda life: life.leases[-1].renew()),
        HANDLED,
        ("handled once more", LATER, lambda life: life.leases[-1].handled()),
        ("fail then", LATER, Life.fail),
        ("put once more", LATER, Life.put),
        ("prune at the age to keep", 70.0, lambda life: life.inbox.prune()),
        ("prune beyond it", 1.0, lambda life: life.inbox.prune()),
    ],
    "one that fails": [
        PUT,
        LEASE,
        FAIL,
        ("lease before it is due", 3.0, Life.lease),
        ("lease when it is due", 1.0, Life.lease),
        FAIL,
        ("lease before it is due", 4.0, Life.lease),
        ("lease when it is due", 1.0, Life.lease),
        FAIL,
        ("lease when it is dead", 1000.0, Life.lease),
        ("prune", LATER, lambda life: life.inbox.prune(older_than=0.0)),
        ("requeue another", LATER, lambda life: life.inbox.requeue([7])),
        ("requeue", LATER, lambda life: life.inbox.requeue()),
        LEASE,
        ("give up", LATER, lambda life: life.leases[-1].give_up("no use")),
        ("prune", LATER, lambda life: life.inbox.prune(older_than=0.0, dead_letters=True)),
    ],
    "one whose leases run out": [
        PUT,
        LEASE,
        ("lease at its end", 60.0, Life.lease),
        ("renew the first", LATER, lambda life: life.leases[0].renew()),
        ("fail the first", LATER, lambda life: life.leases[0].failed(ValueError("late"))),
        ("release the first", LATER, lambda life: life.leases[0].release()),
        ("release the second", LATER, lambda life: life.leases[1].release()),
        LEASE,
        ("lease at its end", 60.0, Life.lease),
        ("lease when it is spent", 60.0, Life.lease),
        ("give up", LATER, lambda life: life.leases[-1].give_up()),
        ("handled after all", LATER, lambda life: life.leases[0].handled()),
    ],
    "several in their order": [
        ("put 1", LATER, lambda life: life.put(1)),
        ("put 2", 0.0, lambda life: life.put(2)),
        ("put 3", LATER, lambda life: life.put(3)),
        LEASE,
        ("work and fail", LATER, lambda life: life.work(fails=True)),
        ("work", LATER, Life.work),
        (
            "work in a transaction and fail",
            0.0,
            lambda life: life.work(fails=True, transactional=True),
        ),
        ("work in a transaction", LATER, lambda life: life.work(transactional=True)),
        ("work when there is nothing", LATER, Life.work),
    ],
    "one whose clock is set back": [
        PUT,
        LEASE,
        FAIL,
        ("lease an hour before", -3600.0, Life.lease),
        ("lease when it is due", 4.0, Life.lease),
    ],
}


def _rows(path: Path) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute("SELECT * FROM runflow_inbox ORDER BY id")]


def _changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    """Tell rows that are new, rows that are gone, and columns with another value."""
    old = {row["id"]: row for row in before}
    for number in old.keys() - {row["id"] for row in after}:
        yield f"row {number} is gone"
    for row in after:
        same = old.get(row["id"], {})
        changed = {name: value for name, value in row.items() if same.get(name, "") != value}
        if changed.get("lease"):
            changed["lease"] = "a token"
        if changed:
            told = ", ".join(f"{name}={value!r}" for name, value in changed.items())
            yield f"row {row['id']}: {told}"


def lines() -> Iterator[str]:
    """Give the list, line by line."""
    for name, steps in LIVES.items():
        yield name
        with tempfile.TemporaryDirectory() as folder:
            yield from _life(Path(folder, "inbox.sqlite3"), steps)


def _life(path: Path, steps: list[Step]) -> Iterator[str]:
    now = 1000.0
    inbox = Inbox(path, policy=POLICY, now=lambda: now)
    life, before = Life(inbox), list[dict[str, Any]]()
    for name, seconds, act in steps:
        now += seconds
        result = act(life)
        yield f"    {now:g} {name}: {result} ({inbox.counts()})"
        after = _rows(path)
        yield from (f"        {change}" for change in _changes(before, after))
        before = after
        for one in inbox.dead_letters():
            yield f"        {one}"
    inbox.close()
