"""`python -m runflow_conformance.live`: check Runflow's live API against the document.

It only reads, unless --allow-spend allows runs.
"""

import argparse
import math
import os
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from runflow_client import InvalidArgument
from runflow_client._config import API_KEY_VARIABLE
from runflow_client._urls import PRODUCTION, find_base_url
from runflow_mock.contract.document import find_document

from .._report.formats import markdown
from .._report.report import COULD_NOT_RUN, read_baseline
from .._schemathesis.runner import CouldNotRun
from ._session import LiveSettings, check_live_api

MAX_ALLOWANCE = Decimal(5)  # US dollars: a typing error stays cheap
MAX_RATE = 1000.0  # requests a second


def main(arguments: list[str] | None = None) -> int:
    """Check the API; return 0 if it conforms, 1 if not, 2 if the checks could not be run."""
    chosen = _parser().parse_args(arguments)
    try:
        if not chosen.live:
            raise CouldNotRun(
                "this calls the live API: confirm with --live (make contract-live LIVE=1)"
            )
        key = os.environ.get(API_KEY_VARIABLE, "")
        if not key:
            raise CouldNotRun(f"set {API_KEY_VARIABLE}")
        settings = LiveSettings(
            base_url=find_base_url(chosen.base_url, ()),
            api_key=key,
            document=chosen.document if chosen.document is not None else find_document(),
            folder=chosen.report_dir,
            requests=chosen.requests,
            per_second=chosen.per_second,
            seed=chosen.seed,
            allowance=chosen.allow_spend,
            baseline=read_baseline(chosen.baseline) if chosen.baseline is not None else frozenset(),
        )
        report = check_live_api(settings)
    except (CouldNotRun, InvalidArgument, OSError, ValueError) as problem:
        print(f"contract-live could not run: {problem}", file=sys.stderr)
        return COULD_NOT_RUN
    print(markdown(report), end="")
    print(f"\nReports and redacted interactions: {settings.folder}", file=sys.stderr)
    return report.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="contract-live", description=__doc__)
    parser.add_argument("--live", action="store_true", help="confirm that the live API is called")
    parser.add_argument("--base-url", default=PRODUCTION, help=f"default: {PRODUCTION}")
    parser.add_argument(
        "--document", type=Path, help="the OpenAPI document (JSON); default: the shipped one"
    )
    parser.add_argument(
        "--requests",
        type=_count,
        default=600,
        help="maximum number of requests (default: 600)",
    )
    parser.add_argument(
        "--per-second", type=_rate, default=5.0, help="requests a second (default: 5)"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--allow-spend",
        type=_dollars,
        default=Decimal(0),
        metavar="USD",
        help="make up to three of the cheapest runs for at most this much",
    )
    parser.add_argument(
        "--baseline", type=Path, help="file of accepted differences: only new ones fail"
    )
    parser.add_argument("--report-dir", type=Path, default=Path("reports/live"))
    return parser


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError("expected a whole number, 1 or more")
    return count


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 < rate <= MAX_RATE:
        raise argparse.ArgumentTypeError(
            f"expected requests a second, more than 0 and at most {MAX_RATE:g}"
        )
    return rate


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or not 0 <= amount <= MAX_ALLOWANCE:
        raise argparse.ArgumentTypeError(f"expected US dollars, 0 to {MAX_ALLOWANCE}")
    return amount


if __name__ == "__main__":
    sys.exit(main())
