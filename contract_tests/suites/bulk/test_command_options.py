"""Each option of `runflow bulk run` goes to `bulk.run`, and its reason to stop to the exit code."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client import bulk, errors

from ..cli.in_process import run_here
from .test_command_words import Loop

MODEL: Final = "google/nano-banana-pro"
GIVEN: Final = ("bulk", "run", "rows.csv", "--model", MODEL, "-o", "out", "--yes")
DEFAULTS: Final[dict[str, Any]] = {
    "journal": Path("rows.csv.journal.sqlite"),
    "output": "out",
    "template": "",
    "concurrency": 50,
    "rate": None,
    "max_cost": None,
    "max_cost_each": None,
    "stop_after_failures": None,
}
OPTIONS: Final[dict[str, tuple[tuple[str, ...], dict[str, Any]]]] = {
    "none": ((), {}),
    "--journal": (("--journal", "j.sqlite"), {"journal": Path("j.sqlite")}),
    "--concurrency": (("--concurrency", "7"), {"concurrency": 7}),
    "--rate": (("--rate", "0.5"), {"rate": 0.5}),
    "--max-cost": (("--max-cost", "$1.50"), {"max_cost": Decimal("1.50")}),
    "--max-cost, nothing": (("--max-cost", "0"), {"max_cost": Decimal(0)}),
    "--max-cost-each": (("--max-cost-each", "0.25"), {"max_cost_each": Decimal("0.25")}),
    "--max-cost-each, nothing": (("--max-cost-each", "0"), {"max_cost_each": Decimal(0)}),
    "--stop-after": (("--stop-after", "3"), {"stop_after_failures": 3}),
    "--template": (("--template", "prompt=A {prompt}"), {"template": '{"prompt": "A {prompt}"}'}),
    "--template, of JSON": (
        ("--template", '{"seed": 7}', "--template", "prompt={prompt}"),
        {"template": '{"prompt": "{prompt}", "seed": 7}'},
    ),
}
CODES: Final = {
    **dict.fromkeys(("max_cost", "failures", "stop", "another"), 8),
    **dict.fromkeys(("SIGINT", "SIGTERM"), 130),
    **dict.fromkeys(("credit", "refused"), 3),
    "outage": 6,
    **dict.fromkeys(("disk", "items", "error"), 1),
}
"""The exit code of each reason."""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rows.csv").write_text("key,prompt\na,A cat\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Ended(Exception):
    """The bulk run was asked for."""


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_goes_to_the_bulk_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    asked: list[dict[str, Any]] = []

    def run(model: str, items: Any, **options: Any) -> None:
        asked.append({"model": model, "keys": [item.key for item in items], **options})
        raise Ended

    monkeypatch.setattr(bulk, "run", run)
    options, changed = OPTIONS[name]
    run_here(*GIVEN, *options, RUNFLOW_API_KEY="rf_live_x")
    assert asked == [{"model": MODEL, "keys": ["a"], **DEFAULTS, **changed}]


@pytest.mark.parametrize("reason", CODES)
def test_each_reason_to_stop_has_its_code(
    folder: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    stopped = bulk.BulkStopped(reason, "it is so", bulk.Summary(done=1, spent=Decimal("0.15")))
    refused = errors.Unauthorized(status=401, method="GET", path="/v1/runs")
    stopped.__cause__ = refused if reason == "refused" else OSError("full")

    class Stopping:
        def __iter__(self) -> Iterator[bulk.ItemResult]:
            raise stopped

    monkeypatch.setattr(bulk, "run", lambda *_, **__: Stopping())
    done = run_here(*GIVEN, "--json", RUNFLOW_API_KEY="rf_live_x")
    assert done.code == CODES[reason]
    assert done.document["error"] == {
        "kind": "BulkStopped",
        "exit_code": CODES[reason],
        "message": "stopped: it is so. $0.15 spent; 0 runs ($0) under way. Start it again with the "
        "same journal to continue",
        "remedy": "Check RUNFLOW_API_KEY, or run: runflow login" if reason == "refused" else None,
        "reason": reason,
        **dict.fromkeys(("failed", "refused", "running", "waiting"), 0),
        "done": 1,
        "total": 1,
        "spent": "0.15",
        "reserved": "0",
    }


def test_a_result_is_one_line_whatever_it_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = "two\r\nlines,\tand  cells\n"
    result = bulk.ItemResult(key="a\tb  c\nd", number=1, status="failed", failure=said)
    monkeypatch.setattr(bulk, "run", lambda *_, **__: Loop((result,), bulk.Summary(failed=1)))
    done = run_here(*GIVEN, RUNFLOW_API_KEY="rf_live_x")
    assert done.out == "a b  c d\tfailed\t\ttwo lines, and  cells \n"
