"""Know where everything stands that a target reads or writes.

These are the project's own places, or a folder for another document.
"""

import hashlib
import keyword
import re
import sys
import tomllib
from pathlib import Path
from typing import Final

from attrs import frozen

from ..document.json_tree import sha256
from .directory import tree_hash
from .transaction import FOLDER

ROOT: Final = Path(__file__).resolve().parents[2]
CORRECTIONS: Final = ROOT / "regenerate" / "corrections"
DOCUMENT: Final = ROOT / "openapi.public.json"
NAMING: Final = ROOT / "regenerate" / "naming" / "naming.yaml"
NEEDS: Final = ROOT / "regenerate" / "changes" / "overlay_needs.yaml"
OUTPUT: Final = ROOT / "generated" / "runflow_api"
SETTINGS: Final = ROOT / "regenerate" / "generate" / "generator.yaml"
TEMPLATES: Final = ROOT / "regenerate" / "generate" / "templates"

_UNVERSIONED: Final = "0.0.0"
_VERSION: Final = re.compile(r'^__version__ = "([^"]+)"', re.MULTILINE)
_NOTHING: Final = hashlib.sha256().hexdigest()


@frozen
class ProjectPaths:
    """The places of one client. None stands for a missing one.

    `output` is the folder of the generated package, and its name the package's.
    """

    document: Path
    lock: Path
    output: Path
    changes: Path
    reports: Path
    templates: Path = TEMPLATES
    corrections: Path | None = None
    naming: Path | None = None
    overlay_needs: Path | None = None
    project: Path | None = None
    users: tuple[Path, ...] = ()
    """The packages that use the client: the overlay first, then the mock server."""

    @property
    def work(self) -> Path:
        """The folder in which changes are prepared. Only transactions need it."""
        return self.lock.parent / FOLDER

    @property
    def kept(self) -> Path:
        """The corrected document of the client that is there, kept to compare the next one with."""
        return self.work / "corrected.json"

    def version(self) -> str:
        """Return the version of the project that holds the client; 0.0.0 where there is none."""
        if self.project is None:
            return _UNVERSIONED
        settings = tomllib.loads(self.project.read_text(encoding="utf-8"))
        if "version" in settings["project"]:
            return str(settings["project"]["version"])
        module = self.project.parent / settings["tool"]["hatch"]["version"]["path"]
        found = _VERSION.search(module.read_text(encoding="utf-8"))
        return found[1] if found else _UNVERSIONED

    def ingredients(self) -> dict[str, str]:
        """Return the sha256 of everything besides the document that decides about the client.

        The keys are the names in the lock.
        """
        return {
            "corrections": tree_hash(self.corrections)
            if self.corrections is not None
            else _NOTHING,
            "naming": sha256(self.naming.read_bytes()) if self.naming is not None else _NOTHING,
            "settings": sha256(SETTINGS.read_bytes()),
            "templates": tree_hash(self.templates),
        }


def is_package_name(name: str) -> bool:
    """Return whether a generated package can have this name.

    It must be importable and must not hide a module that the package imports.
    """
    taken = (
        keyword.iskeyword(name)
        or name in sys.stdlib_module_names
        or name in ("attr", "attrs", "httpx")
    )
    return re.fullmatch(r"[a-z][a-z0-9_]*", name) is not None and not taken


def own_paths() -> ProjectPaths:
    """Return the places of this project's client."""
    return ProjectPaths(
        document=DOCUMENT,
        lock=ROOT / "openapi.lock.json",
        output=OUTPUT,
        changes=ROOT / "CHANGES.md",
        reports=ROOT / "reports",
        corrections=CORRECTIONS,
        naming=NAMING,
        overlay_needs=NEEDS,
        project=ROOT / "pyproject.toml",
        users=(
            ROOT / "overlay" / "runflow_client",
            ROOT / "contract_tests" / "runflow_mock",
        ),
    )


def paths_in(folder: Path, package_name: str) -> ProjectPaths:
    """Return the places of a client of another document, all in one folder.

    There are no corrections, no naming table and no overlay.
    """
    return ProjectPaths(
        document=folder / "openapi.json",
        lock=folder / "openapi.lock.json",
        output=folder / package_name,
        changes=folder / "CHANGES.md",
        reports=folder / "reports",
    )
