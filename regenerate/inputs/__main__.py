"""Make the typed inputs: `python -m regenerate.inputs [--check | --refresh]`.

Without an option it writes the input classes, and says where Runflow's public catalog differs.
That needs no key. `--check` proves the classes, `--refresh` asks the API first.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ..project.directory import TreeError
from ..project.transaction import TransactionError
from ._changes import catalog_changes
from ._refresh import refresh
from ._remote import PRODUCTION, RemoteError, check_is_runflow, fetch_models, open_api
from ._upstream import upstream_lines
from .catalog import Catalog, CatalogError, read_catalog
from .writing import Places, WritingError, stale_paths, write_models

ROOT: Final = Path(__file__).resolve().parents[2]
_FAILURES: Final = (
    CatalogError,
    OSError,
    RemoteError,
    TransactionError,
    TreeError,
    WritingError,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 when it is done, 1 when the tree is not what the catalog gives, 2 when it failed.
    """
    parser = argparse.ArgumentParser(prog="python -m regenerate.inputs", description=__doc__)
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument(
        "--check",
        action="store_true",
        help="write nothing; fail if the tree is not what the catalog gives",
    )
    mode.add_argument(
        "--refresh",
        action="store_true",
        help="first bring the catalog up to GET /v1/models (RUNFLOW_API_KEY)",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    places = Places(options.root)
    try:
        return _check(places) if options.check else _write(places, ask_api=options.refresh)
    except _FAILURES as error:
        print(error, file=sys.stderr)
        return 2


def _check(places: Places) -> int:
    stale = stale_paths(read_catalog(places.catalog), places)
    for path in stale:
        print(f"{path} is not what the catalog gives: run make models", file=sys.stderr)
    if not stale:
        print("The typed inputs are what the catalog gives.")
    return 1 if stale else 0


def _write(places: Places, *, ask_api: bool) -> int:
    base_url = os.environ.get("RUNFLOW_BASE_URL") or PRODUCTION
    if os.environ.get("ALLOW_OTHER_SOURCE") != "1":
        check_is_runflow(base_url)
    catalog = read_catalog(places.catalog)
    if ask_api:
        catalog = _refreshed(catalog, base_url)
    written = write_models(catalog, places)
    for path in written:
        print(f"  written: {path}")
    print(f"{len(catalog)} models, {len(written)} files written")
    print("\n".join(upstream_lines(base_url)))
    return 0


def _refreshed(catalog: Catalog, base_url: str) -> Catalog:
    key = os.environ.get("RUNFLOW_API_KEY", "")
    if not key:
        raise RemoteError("RUNFLOW_API_KEY is not set: the API's catalog cannot be read")
    rows = fetch_models(open_api(base_url, key))
    refreshed = refresh(catalog, rows)
    changes = catalog_changes(catalog, refreshed.catalog)
    print(f"The API lists {len(rows)} models; {len(changes)} changes.")
    for change in changes:
        print(f"  {change}")
    for note in refreshed.notes:
        print(f"  check: {note}")
    return refreshed.catalog


if __name__ == "__main__":
    sys.exit(main())
