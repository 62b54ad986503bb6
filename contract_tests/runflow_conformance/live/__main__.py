"""`python -m runflow_conformance.live`: hold Runflow's live API against the document. Reads only, unless money is allowed."""

import argparse
import os
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path

from runflow_client.errors import InvalidArgument
from runflow_client.settings import API_KEY_VARIABLE, PRODUCTION, find_base_url
from runflow_mock.document import find_document

from .._report.formats import markdown
from .._report.report import COULD_NOT_RUN, read_baseline
from .._schemathesis.runner import CouldNotRun
from .session import LiveSettings, look

MAX_ALLOWANCE = Decimal(5)  # US dollars: a slip of the finger stays cheap


def main(arguments: list[str] | None = None) -> int:
    """Look at the API; return 0 if it conforms, 1 if it differs from the document, 2 if that could not be found out."""
    chosen = _parser().parse_args(arguments)
    try:
        if not chosen.live:
            raise CouldNotRun(
                "this calls the live API: say so with --live (make contract-live LIVE=1)"
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
        report = look(settings)
    except (CouldNotRun, InvalidArgument, OSError, ValueError) as problem:
        print(f"contract-live could not run: {problem}", file=sys.stderr)
        return COULD_NOT_RUN
    print(markdown(report), end="")
    print(f"\nReports and redacted interactions: {settings.folder}", file=sys.stderr)
    return report.exit_code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="contract-live", description=__doc__)
    parser.add_argument("--live", action="store_true", help="yes, the live API")
    parser.add_argument("--base-url", default=PRODUCTION, help=f"default: {PRODUCTION}")
    parser.add_argument(
        "--document", type=Path, help="the OpenAPI document (JSON); the shipped one without this"
    )
    parser.add_argument(
        "--requests",
        type=_count,
        default=600,
        help="the most requests that are sent (default: 600)",
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
        help="make up to three of the cheapest runs",
    )
    parser.add_argument(
        "--baseline", type=Path, help="file of known differences: only new ones fail"
    )
    parser.add_argument("--report-dir", type=Path, default=Path("reports/live"))
    return parser


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return count


def _rate(text: str) -> float:
    rate = float(text)
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError("expected requests a second, more than 0")
    return rate


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise argparse.ArgumentTypeError("expected US dollars") from None
    if not 0 <= amount <= MAX_ALLOWANCE:
        raise argparse.ArgumentTypeError(f"expected US dollars, 0 to {MAX_ALLOWANCE}")
    return amount


if __name__ == "__main__":
    sys.exit(main())
