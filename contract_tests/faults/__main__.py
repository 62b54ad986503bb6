"""`make faults`: try every fault, write reports/faults.json and the table, and fail for a fault that nothing catches."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from faults.checks import CHECKS, Check
from faults.fault import FOLDER, KINDS, ROOT, Fault, UnusableFault, read_faults
from faults.kept import OUTCOMES, Kept
from faults.running import NotGreen, Outcome
from faults.table import TABLE, Table
from faults.trial import Trial

REPORT: Final = "reports/faults.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the faults. Give 0 if each was caught, 1 if not (or a check is of no use), 2 if it could not be tried."""
    options = _options(arguments)
    began = time.monotonic()
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # in the background it is ignored, and tests would inherit that
    try:
        table = _table(options)
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
    caught = len(table.rows) - len(table.missed())
    print(f"{caught} of {len(table.rows)} faults caught in {time.monotonic() - began:.0f} s")
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="this fault only; may be repeated")
    parser.add_argument("--kind", choices=KINDS, help="faults of this kind only")
    parser.add_argument("--check", action="append", default=[], metavar="NAME", help="this check only; may be repeated")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1), help="how many faults at a time")
    parser.add_argument("--resume", action="store_true", help="leave out what an earlier run has tried")
    parser.add_argument("--every-test", action="store_true", help="run tests that the fault cannot reach, too")
    parser.add_argument("--until-caught", action="store_true", help="one check that catches it is enough; no table")
    return parser.parse_args(arguments)


def _chosen(options: argparse.Namespace, faults: Sequence[Fault]) -> list[Fault]:
    unknown = set(options.only) - {fault.name for fault in faults}
    if unknown:
        raise UnusableFault(f"there is no fault {', '.join(sorted(unknown))}")
    kinds = (options.kind,) if options.kind else KINDS
    return [fault for fault in faults if fault.kind in kinds and (not options.only or fault.name in options.only)]


def _checks(options: argparse.Namespace, faults: Sequence[Fault]) -> list[Check]:
    unknown = set(options.check) - {check.name for check in CHECKS}
    if unknown:
        raise UnusableFault(f"there is no check {', '.join(sorted(unknown))}")
    return [
        check
        for check in CHECKS
        if (not options.check or check.name in options.check) and any(check.concerns(fault) for fault in faults)
    ]


def _table(options: argparse.Namespace) -> Table:
    """What came of the chosen faults; where each was tried on every check, with what is kept of the others."""
    every = read_faults()
    chosen = _chosen(options, every)
    if options.check or options.until_caught:
        checks = _checks(options, chosen)
        return Table(checks, _try(options, chosen, checks, None), whole=False)
    kept = Kept(FOLDER / OUTCOMES, ROOT)
    if not (options.resume or options.only or options.kind):
        kept.forget()
    tried = kept.rows(every) if options.resume else {}
    left = [fault for fault in chosen if fault not in tried]
    if left:
        _try(options, left, _checks(options, left), kept)
    rows = kept.rows(every)
    whole = len(rows) == len(every)
    return Table(CHECKS, rows if whole else {fault: rows[fault] for fault in chosen}, whole)


def _try(
    options: argparse.Namespace, faults: Sequence[Fault], checks: Sequence[Check], kept: Kept | None
) -> dict[Fault, Mapping[str, Outcome]]:
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
            keep=None if kept is None else kept.keep,
        )
        trial.prove_green()
        return trial.run(faults)


if __name__ == "__main__":
    sys.exit(main())
