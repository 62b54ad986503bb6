"""Clients of documents that are not Runflow's, made by the command line once a run."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from suites.sharing import shared_folder

from ..__main__ import main
from ..document.json_tree import JSONObject
from ..document.yaml_files import read_yaml
from ..project.paths import ROOT
from ..targets.run import Environment
from ..tests import archive_document
from .packages import Package, importable
from .wire_server import serving

FOLDER: Final = Path(__file__).with_name("documents")
Make = Callable[[JSONObject, Path, str], int]


def arguments(into: Path, name: str) -> list[str]:
    """Return what makes a client in a folder of its own, without any correction."""
    corrections = into.parent / "no-corrections"
    corrections.mkdir(exist_ok=True)
    return [
        "regenerate",
        "--into",
        str(into),
        "--package-name",
        name,
        "--corrections",
        str(corrections),
    ]


def by_command(document: JSONObject, into: Path, name: str) -> int:
    """Make the client of a file by a command, through every gate, and give the exit code."""
    published = into.parent / f"{name}.json"
    published.write_text(json.dumps(document), encoding="utf-8")
    environment = {**os.environ, "SPEC_URL": str(published)}
    command = [sys.executable, "-W", "error", "-m", "regenerate", *arguments(into, name)]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def by_server(document: JSONObject, into: Path, name: str) -> int:
    """Make the client of a document that a server on this machine publishes.

    One type checker runs. The exit code is returned.
    """
    with serving() as server:
        server.answer(200, json.dumps(document).encode())
        environment = {"SPEC_URL": f"{server.url}/openapi.json"}
        return main(arguments(into, name), environment, Environment(type_checkers=("mypy",)))


DOCUMENTS: Final[dict[str, tuple[Callable[[], JSONObject], Make]]] = {
    "pet_hospital": (lambda: read_yaml(FOLDER / "pet_hospital.yaml"), by_command),
    "parcel_service": (lambda: read_yaml(FOLDER / "parcel_service.yaml"), by_server),
    "archive": (archive_document.document, by_server),
}


def made(factory: pytest.TempPathFactory, name: str) -> Iterator[Package]:
    """Yield the client of one of the documents, made at its first use and importable."""
    read, make = DOCUMENTS[name]

    def fill(folder: Path) -> None:
        assert make(read(), folder / "client", f"{name}_api") == 0

    folder = shared_folder(factory, name, fill) / "client"
    with importable(folder):
        yield Package(folder / f"{name}_api")


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Iterator[Package]:
    """Return the client of the pet hospital: OpenAPI 3.0."""
    yield from made(tmp_path_factory, "pet_hospital")


@pytest.fixture(scope="session")
def parcels(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Iterator[Package]:
    """Return the client of the parcel service: OpenAPI 3.1."""
    yield from made(tmp_path_factory, "parcel_service")


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Iterator[Package]:
    """Return the client of the archive: 300 operations."""
    yield from made(tmp_path_factory, "archive")
