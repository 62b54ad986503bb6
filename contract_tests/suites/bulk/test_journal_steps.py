"""Each step of an item in the journal changes what the list says, and nothing else."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from runflow_client.bulk import Journal, Summary

from .bulk_stories import AFTER, BEFORE

FEE: Final = Decimal("0.15")
GONE: Final = "not there any more"
INPUT: Final = '{"prompt": "a lamp"}'

Change = dict[str, Any]
Step = tuple[Callable[[Journal], object], Change]


def seen(journal: Journal, others: Summary) -> Change:
    """Return all that the journal tells of the item, and of everything but these others."""
    entry = journal.find("a")
    mine = [] if entry is None else [entry]
    states = [one.state for one in mine]
    for listed in (journal.entries(), journal.entries(*states)):
        assert [one for one in listed if one.key == "a"] == mine
    return {
        **({} if entry is None else attrs.asdict(entry)),
        **{
            f"all {name}": value - getattr(others, name)
            for name, value in attrs.asdict(journal.summary()).items()
        },
        "files": [attrs.astuple(file) for file in journal.files("a")],
        "has runs": journal.has_runs(),
    }


def beside(journal: Journal) -> tuple[object, ...]:
    """Have another item, whose create may have been sent; return all that is told of it."""
    if journal.find("b") is None:
        journal.add("b", 6, "line 7", INPUT, "mark of b")
        journal.intend("b", 1, "ref-b", FEE)
        journal.expect_file("b", 0, "b.png")
    return journal.find("b"), journal.files("b")


def changed(before: Change, after: Change) -> Change:
    """Return what is another value now; of a moment, that it is."""
    return dict.fromkeys(before.keys() - after, GONE) | {
        name: "now" if name.endswith("_at") and BEFORE < (value or 0.0) < AFTER else value
        for name, value in after.items()
        if name not in before or before[name] != value
    }


def add(journal: Journal) -> None:
    journal.add("a", 7, "line 8", INPUT, "mark")


def intend(attempt: int) -> Callable[[Journal], object]:
    return lambda journal: journal.intend("a", attempt, f"ref-{attempt}", FEE)


def created(attempt: int) -> Callable[[Journal], object]:
    return lambda journal: journal.created("a", attempt, f"run-{attempt}")


def ended(attempt: int, state: str, status: str, **told: Any) -> Callable[[Journal], object]:
    facts = {"cost": None, "duration_ms": None, **told}
    return lambda journal: journal.ended("a", attempt, state, status=status, **facts)


NEW: Final[Change] = {
    "key": "a",
    "number": 7,
    "place": "line 8",
    "session": 1,
    "attempt": 1,
    **dict.fromkeys(("failure_code", "failure", "client_ref", "estimate", "run_id", "status")),
    **dict.fromkeys(("cost", "duration_ms", "intended_at", "created_at", "ended_at")),
}
ADDED: Final[Step] = (
    add,
    {**NEW, "input": INPUT, "fingerprint": "mark", "state": "waiting", "all waiting": 1},
)
UNDER_WAY: Final[Change] = {"all running": 1, "all waiting": 0, "all reserved": FEE}
NOT_UNDER_WAY: Final[Change] = {"all running": 0, "all reserved": Decimal(0)}
INTENT: Final[Change] = {
    "state": "intended",
    "client_ref": "ref-1",
    "estimate": FEE,
    "intended_at": "now",
    **UNDER_WAY,
}
CREATED: Final[Change] = {"state": "created", "run_id": "run-1", "created_at": "now"}
NO_RUN: Final[Change] = dict.fromkeys(("run_id", "status", "created_at", "ended_at"))
REFUSED: Final[Step] = (
    lambda journal: journal.settle("a", "refused", "CODE", "no such field"),
    {
        "state": "refused",
        "failure_code": "CODE",
        "failure": "no such field",
        "all refused": 1,
        "all waiting": 0,
    },
)
LIVES: Final[dict[str, list[Step]]] = {
    "done": [
        ADDED,
        (intend(1), INTENT),
        (intend(1), {}),
        (created(1), {**CREATED, "has runs": True}),
        (created(1), {}),
        (
            ended(1, "ended", "succeeded", cost=Decimal("0.20"), duration_ms=900),
            {
                "state": "ended",
                "status": "succeeded",
                "cost": Decimal("0.20"),
                "duration_ms": 900,
                "ended_at": "now",
                "all spent": Decimal("0.20"),
                "all reserved": Decimal(0),
            },
        ),
        (lambda journal: journal.expect_file("a", 0, "a.png"), {"files": [(0, "a.png", None)]}),
        (lambda journal: journal.saved("a", 0, 21), {"files": [(0, "a.png", 21)]}),
        (lambda journal: journal.expect_file("a", 0, "a+1.png"), {"files": [(0, "a+1.png", None)]}),
        (lambda journal: journal.saved("a", 0, 7), {"files": [(0, "a+1.png", 7)]}),
        (
            lambda journal: journal.expect_file("a", 1, "a+0.png"),
            {"files": [(0, "a+1.png", 7), (1, "a+0.png", None)]},
        ),
        (
            lambda journal: journal.settle("a", "done"),
            {"state": "done", "all done": 1, "all running": 0},
        ),
        (lambda journal: journal.meet("a", 3, "line 4"), {"number": 3, "place": "line 4"}),
        (lambda journal: journal.retry(), {}),
        (lambda journal: journal.forget_refused(), {}),
    ],
    "failed": [
        ADDED,
        (intend(1), INTENT),
        (
            lambda journal: journal.take_back("a", 1),
            {
                "state": "waiting",
                "client_ref": None,
                "estimate": None,
                "intended_at": None,
                **NOT_UNDER_WAY,
                "all waiting": 1,
            },
        ),
        (intend(1), INTENT),
        (created(1), {**CREATED, "has runs": True}),
        (
            ended(1, "waiting", "failed", cost=FEE, failure_code="CODE", failure="no"),
            {
                "state": "waiting",
                "status": "failed",
                "cost": FEE,
                "all spent": FEE,
                "ended_at": "now",
                "failure_code": "CODE",
                "failure": "no",
                **NOT_UNDER_WAY,
                "all waiting": 1,
            },
        ),
        (
            intend(2),
            {
                "state": "intended",
                "attempt": 2,
                "client_ref": "ref-2",
                "intended_at": "now",
                "cost": None,
                "failure_code": None,
                "failure": None,
                **NO_RUN,
                **UNDER_WAY,
            },
        ),
        (created(2), {**CREATED, "run_id": "run-2"}),
        (
            ended(2, "failed", "failed", cost=FEE, failure_code="OTHER", failure="not"),
            {
                "state": "failed",
                "status": "failed",
                "cost": FEE,
                "all spent": 2 * FEE,
                "ended_at": "now",
                "failure_code": "OTHER",
                "failure": "not",
                **NOT_UNDER_WAY,
                "all failed": 1,
            },
        ),
        (
            lambda journal: journal.retry(),
            {
                "state": "waiting",
                "attempt": 3,
                "cost": None,
                "failure_code": None,
                "failure": None,
                "client_ref": None,
                "estimate": None,
                "intended_at": None,
                **NO_RUN,
                "all failed": 0,
                "all waiting": 1,
            },
        ),
        (intend(3), {**INTENT, "client_ref": "ref-3"}),
    ],
    "refused": [
        (
            lambda journal: journal.refuse("a", 7, "line 8", "not read"),
            {
                **NEW,
                "input": "{}",
                "fingerprint": "",
                "state": "refused",
                "failure": "not read",
                "all refused": 1,
            },
        ),
        (lambda journal: journal.refuse("a", 9, "line 9", "once more"), {}),
        (
            lambda journal: journal.replace("a", INPUT, "other mark"),
            {
                "input": INPUT,
                "fingerprint": "other mark",
                "state": "waiting",
                "failure": None,
                "all refused": 0,
                "all waiting": 1,
            },
        ),
        REFUSED,
        (
            lambda journal: journal.retry(),
            {
                "state": "waiting",
                "failure_code": None,
                "failure": None,
                "all refused": 0,
                "all waiting": 1,
            },
        ),
        REFUSED,
        (
            lambda journal: journal.forget_refused(),
            {**dict.fromkeys((*NEW, "input", "fingerprint", "state"), GONE), "all refused": 0},
        ),
    ],
    **{
        f"{status} and tried again": [
            ADDED,
            (intend(1), INTENT),
            (created(1), {**CREATED, "has runs": True}),
            (
                ended(1, "failed", status),
                {
                    "state": "failed",
                    "status": status,
                    "ended_at": "now",
                    **NOT_UNDER_WAY,
                    "all failed": 1,
                },
            ),
            (
                lambda journal: journal.retry(),
                {
                    "state": "waiting",
                    "attempt": 2,
                    "client_ref": None,
                    "estimate": None,
                    "intended_at": None,
                    **NO_RUN,
                    "all failed": 0,
                    "all waiting": 1,
                },
            ),
        ]
        for status in ("canceled", "cancelled")
    },
    "gone and tried again": [
        ADDED,
        (intend(1), INTENT),
        (created(1), {**CREATED, "has runs": True}),
        (
            lambda journal: journal.settle("a", "failed", "not_found", "it is gone"),
            {
                "state": "failed",
                "failure_code": "not_found",
                "failure": "it is gone",
                **NOT_UNDER_WAY,
                "all failed": 1,
            },
        ),
        (
            lambda journal: journal.retry(),
            {
                "state": "created",
                "failure": None,
                "all failed": 0,
                "all running": 1,
                "all reserved": FEE,
            },
        ),
        (created(1), {"failure_code": None}),
        (
            lambda journal: journal.lose("a"),
            {
                "state": "waiting",
                "attempt": 2,
                **dict.fromkeys(("client_ref", "estimate", "intended_at")),
                **dict.fromkeys(("run_id", "created_at")),
                **NOT_UNDER_WAY,
                "all waiting": 1,
            },
        ),
        (intend(2), {**INTENT, "client_ref": "ref-2"}),
    ],
    "refused after a failure": [
        ADDED,
        (intend(1), INTENT),
        (created(1), {**CREATED, "has runs": True}),
        (
            ended(1, "waiting", "failed"),
            {
                "state": "waiting",
                "status": "failed",
                "ended_at": "now",
                **NOT_UNDER_WAY,
                "all waiting": 1,
            },
        ),
        REFUSED,
        (lambda journal: journal.forget_refused(), {}),
    ],
    "not taken back, for its run exists": [
        ADDED,
        (intend(1), INTENT),
        (created(1), {**CREATED, "has runs": True}),
        (
            lambda journal: journal.take_back("a", 1),
            {"state": "waiting", **NOT_UNDER_WAY, "all waiting": 1},
        ),
    ],
    "unsaved": [
        ADDED,
        (intend(1), INTENT),
        (created(1), {**CREATED, "has runs": True}),
        (
            ended(1, "ended", "partial_succeeded", cost=FEE, duration_ms=5),
            {
                "state": "ended",
                "status": "partial_succeeded",
                "cost": FEE,
                "duration_ms": 5,
                "ended_at": "now",
                "all spent": FEE,
                "all reserved": Decimal(0),
            },
        ),
        (
            lambda journal: journal.settle("a", "failed", "disk", "full"),
            {
                "state": "failed",
                "failure_code": "disk",
                "failure": "full",
                "all failed": 1,
                "all running": 0,
            },
        ),
        (
            lambda journal: journal.retry(),
            {
                "state": "created",
                "failure_code": None,
                "failure": None,
                "all failed": 0,
                "all running": 1,
            },
        ),
    ],
}


@pytest.mark.parametrize("life", LIVES)
def test_a_step_changes_what_the_list_says(tmp_path: Path, life: str) -> None:
    made: list[Change] = []
    with Journal.open(tmp_path / "j.sqlite", model="acme/lamp") as journal:
        other = beside(journal)
        others = journal.summary()
        before = seen(journal, others)
        for step, _ in LIVES[life]:
            step(journal)
            after = seen(journal, others)
            made.append(changed(before, after))
            before = after
            assert beside(journal) == other, "another item is not touched"
    assert made == [change for _, change in LIVES[life]]
