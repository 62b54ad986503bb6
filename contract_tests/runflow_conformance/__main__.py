"""`runflow-conformance`: check a deployment of the Runflow API against its document."""

import argparse
import math
import os
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from runflow_client._config import API_KEY_VARIABLE
from runflow_mock.contract.document import Document, find_document

from ._report.formats import markdown, write_reports
from ._report.proposals import propose, write_proposal
from ._report.report import CONFORMS, COULD_NOT_RUN, read_baseline, write_baseline
from ._schemathesis.runner import CouldNotRun
from ._server import PROFILES, Deployment, check_server
from ._validation.json_pointers import DocumentTree

DEFAULT_SETTLE_TIME = 30.0
DEFAULT_BUDGET = Decimal(5)


def main(arguments: list[str] | None = None) -> int:
    """Run the checks; return 0 if the deployment conforms, 1 if not, 2 if they could not be run."""
    chosen = _parser().parse_args(arguments)
    try:
        key = os.environ.get(API_KEY_VARIABLE, "")
        if not key:
            raise CouldNotRun(f"set {API_KEY_VARIABLE} to a key of the deployment")
        baseline = (
            read_baseline(chosen.baseline)
            if chosen.baseline is not None
            else frozenset[tuple[str, str, str]]()
        )
        deployment = Deployment(
            base_url=chosen.base_url.rstrip("/"),
            document=chosen.document if chosen.document is not None else find_document(),
            api_key=key,
            insecure_hosts=tuple(chosen.insecure_host),
        )
        _check_places(chosen.report_dir, chosen.write_baseline)
        report = check_server(
            deployment,
            seed=chosen.seed,
            profile=chosen.profile,
            time_budget=chosen.time_budget,
            baseline=baseline,
            settle=chosen.settle if chosen.laws else None,
            budget=chosen.budget,
            progress=lambda line: print(line, file=sys.stderr, flush=True),
        )
        write_reports(report, chosen.report_dir)
        tree = DocumentTree(Document.read(deployment.document).content)
        proposed = write_proposal(propose(report.new, tree), chosen.report_dir)
        if chosen.write_baseline is not None:
            write_baseline(chosen.write_baseline, report.differences)
            print(f"\nBaseline: {chosen.write_baseline}", file=sys.stderr)
    except (CouldNotRun, OSError, ValueError) as problem:
        print(f"runflow-conformance could not run: {problem}", file=sys.stderr)
        return COULD_NOT_RUN
    print(markdown(report), end="")
    print(f"\nReports: {chosen.report_dir}", file=sys.stderr)
    if proposed is not None:
        print(
            f"A correction of the document that allows what was seen: {proposed}", file=sys.stderr
        )
    return CONFORMS if chosen.write_baseline is not None else report.exit_code


def _check_places(reports: Path, baseline: Path | None) -> None:
    """Raise CouldNotRun where a report or the baseline could not be written at the end."""
    # What is missing of the folder of the reports is made.
    places = {reports: next(one for one in (reports, *reports.parents, Path()) if one.exists())}
    if baseline is not None:
        places[baseline] = baseline.parent
    for place, folder in places.items():
        if not (folder.is_dir() and os.access(folder, os.W_OK)):
            raise CouldNotRun(f"{place} cannot be written: {folder} is not a folder to write into")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="runflow-conformance",
        description="Check a deployment of the Runflow API against its OpenAPI document. "
        "Creates and deletes resources on it, runs included. "
        f"The key is read from {API_KEY_VARIABLE}.",
        epilog="exit codes: 0 conforms, 1 violates the document, 2 could not run",
    )
    parser.add_argument(
        "--base-url", required=True, help="URL of the deployment, such as http://127.0.0.1:8000"
    )
    parser.add_argument(
        "--document", type=Path, help="the OpenAPI document (JSON); default: the shipped one"
    )
    parser.add_argument(
        "--profile",
        choices=sorted(PROFILES),
        default="quick",
        help="quick (default), or thorough with fuzzing",
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed sends the same requests (default: 1)"
    )
    parser.add_argument(
        "--budget",
        type=_dollars,
        default=DEFAULT_BUDGET,
        metavar="USD",
        help="US dollars that the created runs may cost by the catalog's prices "
        "(default: %(default)s)",
    )
    parser.add_argument("--time-budget", type=_seconds, help="seconds that the run may take")
    parser.add_argument(
        "--laws",
        action="store_true",
        help="also try the laws of runs, lists, money and callbacks; changes the callback secret",
    )
    parser.add_argument(
        "--settle",
        type=_seconds,
        default=DEFAULT_SETTLE_TIME,
        help="with --laws: seconds in which a run ends and its callback is delivered "
        "(default: %(default)g)",
    )
    parser.add_argument(
        "--baseline", type=Path, help="file of accepted differences: only new ones fail"
    )
    parser.add_argument(
        "--write-baseline",
        type=Path,
        help="write the differences that were found as a baseline, and exit with 0",
    )
    parser.add_argument(
        "--report-dir", type=Path, default=Path("conformance-report"), help="folder for the reports"
    )
    parser.add_argument(
        "--insecure-host",
        action="append",
        default=[],
        help="a host that may be called by plain http",
    )
    return parser


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not seconds > 0:
        raise argparse.ArgumentTypeError("expected seconds, more than 0")
    return seconds


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError("expected US dollars, 0 or more")
    return amount


if __name__ == "__main__":
    sys.exit(main())
