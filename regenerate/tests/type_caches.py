"""What mypy knows of the libraries, of our own client, and of the overlay: found out once a run,
and kept for the next one, for which mypy finds out anew what has changed.

Where several workers run the tests, each has a copy, as mypy writes into it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest
from suites.sharing import locked, shared_folder

from ..generate.checks import check_types, overlay_type_errors
from ..project.paths import OUTPUT, ROOT, own_paths

KEPT: Final = ROOT / ".mypy_cache" / "tests"
"""Where it is kept; `make clean` removes it."""

__all__ = ("type_cache", "warm_overlay", "warm_types")


@pytest.fixture(scope="session", autouse=True)
def type_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Let mypy keep what it knows in a folder of this worker."""
    folder = tmp_path_factory.mktemp("mypy")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPY_CACHE_DIR", os.fspath(folder))
        yield folder


@pytest.fixture(scope="session")
def warm_types(type_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let mypy know what clients import before it checks one."""
    _warm(tmp_path_factory, type_cache, "client", lambda: check_types(OUTPUT, "mypy"))


@pytest.fixture(scope="session")
def warm_overlay(type_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Let mypy know the overlay and the mock server before it checks them with another client."""

    def check() -> None:
        assert overlay_type_errors(OUTPUT, own_paths().users) == []

    _warm(tmp_path_factory, type_cache, "overlay", check)


def _warm(
    factory: pytest.TempPathFactory, cache: Path, name: str, check: Callable[[], object]
) -> None:
    def make(folder: Path) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        with locked(KEPT / f"{name}.lock"), pytest.MonkeyPatch.context() as patch:
            patch.setenv("MYPY_CACHE_DIR", os.fspath(KEPT))
            check()
            shutil.copytree(KEPT / name, folder / name)

    known = shared_folder(factory, f"known-{name}", make)
    shutil.copytree(known / name, cache / name, dirs_exist_ok=True)
