"""`make faults`: try every fault, write the table, and fail for a fault that nothing catches."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from .campaign import Campaign
from .checks import CHECKS, Check
from .fault import AREAS, FOLDER, ROOT, Fault, UnusableFault, read_faults
from .kinds import KINDS
from .outcomes import OUTCOMES, Outcome, Outcomes
from .running import NotGreen
from .table import TABLE, Table, stored_table

REPORT: Final = "reports/faults.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the faults.

    Return 0 if each was caught, 1 if one was not or a check is of no use, 2 if they could not be
    tried.
    """
    options = _options(arguments)
    began = time.monotonic()
    # In the background it is ignored, and tests would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        table = _table(options)
    except (UnusableFault, NotGreen) as error:
        print(error, file=sys.stderr)
        return 2
    report = ROOT / REPORT
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps(table.report(), indent=2) + "\n", encoding="utf-8")
    report.with_suffix(".md").write_text(table.markdown(), encoding="utf-8")
    if not options.check:
        (FOLDER / TABLE).write_text(table.markdown(), encoding="utf-8")
    problems = table.problems()
    caught = len(table.rows) - len(table.missed())
    print(f"{caught} of {len(table.rows)} faults caught in {time.monotonic() - began:.0f} s")
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="NAME",
        help="this fault only; may be repeated",
    )
    parser.add_argument("--area", choices=AREAS, help="faults of this area only")
    parser.add_argument("--kind", choices=KINDS, help="faults of this kind only")
    parser.add_argument(
        "--check",
        action="append",
        default=[],
        metavar="NAME",
        help="this check only; may be repeated",
    )
    parser.add_argument(
        "--jobs", type=int, default=min(2, os.cpu_count() or 1), help="how many faults at a time"
    )
    parser.add_argument(
        "--resume", action="store_true", help="leave out what an earlier run has tried"
    )
    parser.add_argument(
        "--table", action="store_true", help="try nothing: write the table of what is stored"
    )
    parser.add_argument(
        "--every-test", action="store_true", help="run tests that the fault cannot reach, too"
    )
    return parser.parse_args(arguments)


def _chosen(options: argparse.Namespace, faults: Sequence[Fault]) -> list[Fault]:
    for what, unknown in {
        "fault": set(options.only) - {fault.name for fault in faults},
        "check": set(options.check) - {check.name for check in CHECKS},
    }.items():
        if unknown:
            raise UnusableFault(f"there is no {what} {', '.join(sorted(unknown))}")
    return [
        fault
        for fault in faults
        if options.area in (None, fault.area)
        and options.kind in (None, fault.kind)
        and (not options.only or fault.name in options.only)
    ]


def _table(options: argparse.Namespace) -> Table:
    """Try the chosen faults.

    If they were tried on every check, the table holds what is stored of the others, too.
    """
    every = read_faults()
    chosen = _chosen(options, every)
    if options.check:
        checks = [check for check in CHECKS if check.name in options.check]
        return Table(checks, _try(options, chosen, checks), whole=False)
    outcomes = Outcomes(FOLDER / OUTCOMES, ROOT)
    if options.table:
        return stored_table(outcomes, every)
    if not (options.resume or options.only or options.area or options.kind):
        outcomes.clear()
    tried = outcomes.rows(every) if options.resume else {}
    left = [fault for fault in chosen if fault not in tried]
    if left:
        _try(options, left, CHECKS, outcomes.add)
    return stored_table(outcomes, every)


def _try(
    options: argparse.Namespace,
    faults: Sequence[Fault],
    checks: Sequence[Check],
    store: Callable[[Fault, Mapping[str, Outcome]], None] = lambda fault, outcomes: None,
) -> dict[Fault, Mapping[str, Outcome]]:
    concerned = [check for check in checks if any(check.concerns(fault) for fault in faults)]
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # a database that tests start runs as another user
        campaign = Campaign(
            ROOT,
            Path(folder),
            concerned,
            min(options.jobs, len(faults)),
            every_test=options.every_test,
            print_line=lambda line: print(line, flush=True),
            store=store,
        )
        return campaign.run(faults)


if __name__ == "__main__":
    sys.exit(main())
