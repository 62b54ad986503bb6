"""Write the catalog and the inputs package, together or not at all, or prove that they fit."""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from ..project.transaction import FOLDER, transaction
from .catalog import Catalog, catalog_files
from .checks import check_catalog
from .classes import input_modules

_FORMATTER_TIMEOUT: Final = 120.0
_LAYOUT: Final = (
    "--isolated",
    "--no-cache",
    "--quiet",
    "--line-length",
    "120",
    "--target-version",
    "py311",
)


class WritingError(Exception):
    """The classes could not be made. What was there is as it was."""


@frozen
class Places:
    """Where the catalog and the classes stand in the project."""

    root: Path

    @property
    def catalog(self) -> Path:
        """The folder of the catalog's files, one for each owner."""
        return self.root / "catalog"

    @property
    def inputs(self) -> Path:
        """The generated package."""
        return self.root / "overlay" / "runflow_client" / "inputs"


def generated_inputs(catalog: Catalog) -> dict[str, bytes]:
    """Return the bytes of every module of the inputs package, by its path inside the package.

    Raises:
        CatalogError: the catalog has problems; all are listed.
        WritingError: the formatter refused the text, or did not end.
    """
    check_catalog(catalog)
    with tempfile.TemporaryDirectory(prefix="regenerate-models-") as work:
        folder = Path(work)
        _write(folder, {path: text.encode() for path, text in input_modules(catalog).items()})
        _ruff("check", "--select", "I", "--fix", *_LAYOUT, str(folder))
        _ruff("format", *_LAYOUT, str(folder))
        return _read(folder)


def write_models(catalog: Catalog, places: Places) -> list[str]:
    """Put the catalog's files and the package in their places in one step.

    Returns:
        The paths that changed.

    Raises:
        CatalogError, WritingError: as generated_inputs. Everything is then as it was.
        TransactionError: another process is at work here, or a change that was interrupted cannot
            be finished.
    """
    inputs = generated_inputs(catalog)
    changed = stale_paths(catalog, places, inputs)
    with transaction(places.root / FOLDER) as change:
        for name, text in catalog_files(catalog).items():
            change.write(places.catalog / name, text.encode())
        package = change.staging / "inputs"
        _write(package, inputs)
        change.put(places.inputs, package)
        change.commit()
    return changed


def stale_paths(
    catalog: Catalog, places: Places, inputs: Mapping[str, bytes] | None = None
) -> list[str]:
    """Return the paths that are not what the catalog gives: changed, missing or superfluous ones.

    `inputs` are the modules, where they are made already.
    """
    wanted = generated_inputs(catalog) if inputs is None else inputs
    files = {name: text.encode() for name, text in catalog_files(catalog).items()}
    there = {path.name: path.read_bytes() for path in places.catalog.glob("*.json")}
    return [
        *(f"catalog/{name}" for name in _differing(files, there)),
        *(f"inputs/{path}" for path in _differing(wanted, _read(places.inputs))),
    ]


def _differing(wanted: Mapping[str, bytes], found: Mapping[str, bytes]) -> list[str]:
    return sorted(
        path for path in wanted.keys() | found.keys() if wanted.get(path) != found.get(path)
    )


def _read(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def _write(folder: Path, contents: Mapping[str, bytes]) -> None:
    for path, content in contents.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def _ruff(*arguments: str) -> None:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments],
            capture_output=True,
            check=False,
            encoding="utf-8",
            timeout=_FORMATTER_TIMEOUT,
        )
    except subprocess.TimeoutExpired:
        raise WritingError(
            f"ruff {arguments[0]} did not end within {_FORMATTER_TIMEOUT:.0f} seconds"
        ) from None
    if done.returncode != 0:
        raise WritingError(f"ruff {arguments[0]} failed:\n{done.stdout}{done.stderr}")
