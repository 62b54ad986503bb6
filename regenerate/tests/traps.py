"""The client of the trap document, generated once a run, and a server for it to talk to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from suites.sharing import shared_folder

from ..generate.generator import generate
from .packages import CALLS, Package, importable
from .trap_document import document
from .wire_server import WireServer, serving

__all__ = ("CALLS", "PACKAGE", "Traps", "server", "traps")

PACKAGE = "traps_api"


class Traps(Package):
    """The package of the trap document, whose operations have one tag."""

    def operation(self, name: str) -> Any:
        """Return the module of an operation: `get_thing`."""
        return super().operation(f"things.{name}")


@pytest.fixture(scope="session")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    """Generate the client of the trap document and make it importable."""

    def make(folder: Path) -> None:
        generate(document(), folder / PACKAGE, PACKAGE, type_checkers=())

    folder = shared_folder(tmp_path_factory, "traps", make)
    with importable(folder):
        yield Traps(folder / PACKAGE)


@pytest.fixture
def server() -> Iterator[WireServer]:
    """Run a server for one test."""
    with serving() as running:
        yield running
