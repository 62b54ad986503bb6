"""Generated packages as tests use them: made once a run, imported under their own names."""

import asyncio
import importlib
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve
from suites.sharing import shared_folder

from ..document.json_tree import readable_text
from ..generate.build import build
from ..project.paths import paths_in
from ..project.progress import Progress

CALLS = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")


class Package:
    """A generated package: `package.models`, `package.errors`, ..., and its operations by name."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __getattr__(self, name: str) -> Any:
        return importlib.import_module(f"{self.path.name}.{name}")

    def operation(self, name: str) -> Any:
        """Return the module of an operation: `things.get_thing`."""
        return importlib.import_module(f"{self.path.name}.api.{name}")

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


@contextmanager
def importable(folder: Path) -> Generator[None]:
    """Let the packages of a folder be imported for the time of the context."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def made_of_app(factory: pytest.TempPathFactory, package: str, app: Any) -> Path:
    """Return a folder with the client of a FastAPI app, through all gates but pyright."""

    def make(folder: Path) -> None:
        paths = evolve(paths_in(folder, package), corrections=None)
        raw = readable_text(app.openapi()).encode()
        build(paths, raw, folder / "staging", Progress("test"), ("mypy",))

    return shared_folder(factory, package, make) / "staging" / "made"


def answer_of_app(
    made: Package,
    app: Any,
    operation: Any,
    *path: Any,
    headers: Mapping[str, str] | None = None,
    **arguments: Any,
) -> Any:
    """Call an app in this process by the module of an operation; return the detailed answer."""

    async def answer() -> Any:
        transport = httpx.ASGITransport(app=app)
        http = httpx.AsyncClient(transport=transport, base_url="http://app", headers=headers)
        async with made.client.Client("http://app").set_async_httpx_client(http) as client:
            return await operation.asyncio_detailed(*path, client=client, **arguments)

    return asyncio.run(answer())
