"""`make faults`: try every fault, write reports/faults.json and the table, and fail for a fault that nothing catches."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from faults.checks import CHECKS, Check
from faults.patches import FOLDER, KINDS, ROOT, Fault, UnusableFault, read_faults
from faults.running import NotGreen
from faults.table import Table
from faults.trial import Trial

REPORT: Final = "reports/faults.json"
TABLE: Final = "TABLE.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the faults. Give 0 if each was caught, 1 if not (or a check is of no use), 2 if it could not be tried."""
    options = _options(arguments)
    began = time.monotonic()
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # in the background it is ignored, and tests would inherit that
    try:
        faults = _chosen(options)
        checks = _checks(options, faults)
        table = _try(options, faults, checks)
    except (UnusableFault, NotGreen) as error:
        print(error, file=sys.stderr)
        return 2
    text = table.markdown()
    report = ROOT / REPORT
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps(table.report(), indent=2) + "\n", encoding="utf-8")
    report.with_suffix(".md").write_text(text, encoding="utf-8")
    if table.whole:
        (FOLDER / TABLE).write_text(text, encoding="utf-8")
    problems = table.problems()
    print(f"{len(faults) - len(table.missed())} of {len(faults)} faults caught in {time.monotonic() - began:.0f} s")
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this fault only; may be repeated")
    parser.add_argument("--kind", choices=KINDS, help="faults of this kind only")
    parser.add_argument("--check", action="append", default=[], metavar="NAME", help="this check only; may be repeated")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="how many faults at a time")
    parser.add_argument("--every-test", action="store_true", help="run tests that the fault cannot reach, too")
    parser.add_argument("--until-caught", action="store_true", help="one check that catches it is enough; no table")
    return parser.parse_args(arguments)


def _chosen(options: argparse.Namespace) -> list[Fault]:
    faults = read_faults(kinds=(options.kind,) if options.kind else KINDS)
    unknown = set(options.only) - {fault.name for fault in faults}
    if unknown:
        raise UnusableFault(f"there is no fault {', '.join(sorted(unknown))}")
    return [fault for fault in faults if not options.only or fault.name in options.only]


def _checks(options: argparse.Namespace, faults: Sequence[Fault]) -> list[Check]:
    unknown = set(options.check) - {check.name for check in CHECKS}
    if unknown:
        raise UnusableFault(f"there is no check {', '.join(sorted(unknown))}")
    return [
        check
        for check in CHECKS
        if (not options.check or check.name in options.check) and any(check.concerns(fault) for fault in faults)
    ]


def _try(options: argparse.Namespace, faults: Sequence[Fault], checks: Sequence[Check]) -> Table:
    with tempfile.TemporaryDirectory(prefix="faults-", ignore_cleanup_errors=True) as room:
        Path(room).chmod(0o711)  # a database that tests start runs as another user
        trial = Trial(
            ROOT,
            Path(room),
            checks,
            options.jobs,
            select=not options.every_test,
            until_caught=options.until_caught,
            tell=lambda line: print(line, flush=True),
        )
        trial.prove_green()
        whole = not (options.only or options.check or options.kind or options.until_caught)
        return Table(checks, trial.run(faults), whole)


if __name__ == "__main__":
    sys.exit(main())
