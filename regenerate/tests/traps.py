"""The client of the trap document, generated once a session, and a server for it to talk to."""

import asyncio
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regenerate.generate import generate
from regenerate.tests.trap_document import document
from regenerate.tests.wire_server import WireServer, serving

PACKAGE = "traps_api"
CALLS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")


class Traps:
    """The generated package: `traps.models`, `traps.errors`, ..., and its operations by name."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __getattr__(self, name: str) -> Any:
        return importlib.import_module(f"{PACKAGE}.{name}")

    def operation(self, name: str) -> Any:
        """Give the module of an operation."""
        return importlib.import_module(f"{PACKAGE}.api.things.{name}")

    def call(self, how: str, name: str, *path: Any, client: Any, **arguments: Any) -> Any:
        """Call an operation in one of the four ways."""
        function = getattr(self.operation(name), how)
        if not how.startswith("asyncio"):
            with client:
                return function(*path, client=client, **arguments)

        async def call() -> Any:
            async with client:
                return await function(*path, client=client, **arguments)

        return asyncio.run(call())


@pytest.fixture(scope="session")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    """Generate the client of the trap document and make it importable."""
    output = tmp_path_factory.mktemp("traps") / PACKAGE
    generate(document(), output, PACKAGE, type_checkers=())
    sys.path.insert(0, str(output.parent))
    yield Traps(output)
    sys.path.remove(str(output.parent))


@pytest.fixture
def server() -> Iterator[WireServer]:
    """Run a server for one test."""
    with serving() as running:
        yield running
