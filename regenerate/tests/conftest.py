"""Fixtures that several test modules share."""

import os
from collections.abc import Iterator

import pytest

from .other_documents import archive, hospital, parcels
from .traps import server, traps

__all__ = ("archive", "hospital", "parcels", "server", "traps", "warm_type_checker")


@pytest.fixture(scope="session", autouse=True)
def warm_type_checker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let mypy read the standard library and httpx once a run, not once a client."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MYPY_CACHE_DIR", os.fspath(tmp_path_factory.mktemp("mypy")))
        yield
