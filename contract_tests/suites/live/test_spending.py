"""What a session that may spend money asks for, and what its report says of it."""

import re
import sys
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from runflow_conformance import CouldNotRun
from runflow_conformance.laws import TargetClock
from runflow_conformance.live._session import check_live_api
from runflow_mock import MockRunflow, SteppedClock

from ..server.stand_in import standing_in
from ..snapshot import check_snapshot
from .test_rehearsal import reads, spending

LIST: Final = Path(__file__).with_name("snapshots") / "spending.txt"
UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SESSIONS: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    # what is set otherwise, and the fault of the server
    "as usual": ({}, {}),
    "for less": ({"allowance": Decimal("0.005")}, {}),
    "for nothing": ({"allowance": Decimal(0)}, {}),
    "no request left for the second look at a run": ({"requests": 2}, {}),
    "a law is broken": ({}, {"operation": "get_run", "fault": "null", "field": "completed_at"}),
    "a run is refused": ({}, {"operation": "create_run", "status": 422}),
    "it costs more": (
        {},
        {"operation": "get_run", "fault": "unknown_status", "field": "cost", "value": "9"},
    ),
}


def session(folder: Path, options: dict[str, Any], fault: dict[str, Any]) -> list[str]:
    """Return what the session asks for, and its report, line by line."""
    with MockRunflow(SteppedClock()) as mock, standing_in(folder / "stand-in") as stand_in:
        reads(stand_in, 1)
        if fault:
            mock.fail_next(**fault, count=None)
        report = check_live_api(evolve(spending(mock, folder), **options))
        asked = [
            f"asks {one.method} {one.raw_path} {one.body.decode()}".rstrip()
            for one in mock.requests
        ]
        paid = sum((entry.amount for entry in mock.ledger), Decimal(0))
    found = [f"{one.count} x {one.finding}" for one in report.differences]
    found += [f"operations {', '.join(report.operations)}"]
    lines = [*asked, f"{report.profile}, {paid} US dollars", *report.notes, *found]
    return [UUID.sub("_", line) for line in lines]


def test_what_is_bought_and_told_is_what_it_was_before(tmp_path: Path) -> None:
    lines: list[str] = []
    for number, (name, (options, fault)) in enumerate(SESSIONS.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        lines.append(f"=== {name}")
        for line, repeated in groupby(session(folder, options, fault)):
            count = len(list(repeated))
            lines.append(f"{line} x {count}" if count > 1 else line)
    check_snapshot(LIST, "\n".join(lines) + "\n")


def test_a_run_that_is_tried_again_is_one_more_write(tmp_path: Path) -> None:
    with MockRunflow(SteppedClock()) as mock, standing_in(tmp_path / "stand-in") as stand_in:
        reads(stand_in, 0)
        mock.fail_next("create_run", status=503, count=None)
        report = check_live_api(spending(mock, tmp_path))
        writes = [one for one in mock.requests if one.method != "GET"]
    assert len(writes) == 3  # as many as runs that the allowance pays
    assert any("the budget of 3 writes is spent" in note for note in report.notes)


def test_a_run_that_does_not_end_is_looked_at_ever_more_seldom(tmp_path: Path) -> None:
    slept: list[float] = []
    with MockRunflow(SteppedClock()) as mock, standing_in(tmp_path / "stand-in") as stand_in:

        def sleep(seconds: float) -> None:
            slept.append(seconds)
            mock.advance(seconds)

        reads(stand_in, 1)
        mock.next_outcome("never")
        settings = evolve(spending(mock, tmp_path), clock=TargetClock(sleep))
        check_live_api(evolve(settings, allowance=Decimal("0.001")))
    pauses = [one for one in slept if one > 1]  # others are those between requests
    usual = [5.0, 7.5, 11.25, 16.875, 25.3125, 30.0, 30.0, 30.0]  # give or take a fifth
    assert [round(one / other, 1) for one, other in zip(pauses, usual, strict=False)] == [
        pytest.approx(1.0, abs=0.21) for _ in usual
    ]


def test_nothing_is_bought_where_the_checks_cannot_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "schemathesis", None)  # as where it is not installed
    with MockRunflow(SteppedClock()) as mock:
        with pytest.raises(CouldNotRun, match="schemathesis not found"):
            check_live_api(spending(mock, tmp_path))
        assert mock.requests == []
