"""Processes that tests start load what a user's do."""

import os
from collections.abc import Iterator

import pytest


def path_without_trio(factory: pytest.TempPathFactory) -> str:
    """Return a PYTHONPATH that hides trio.

    httpcore loads it wherever it is installed, which takes a tenth of a second. Only tests need
    it, and those that do run in this process.
    """
    folder = factory.getbasetemp() / "hidden"
    folder.mkdir(exist_ok=True)
    (folder / "trio.py").write_text('raise ImportError("trio is hidden from this process")\n')
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join(dict.fromkeys(filter(None, (str(folder), *before))))


@pytest.fixture(scope="module", autouse=True)
def without_trio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide trio from the processes that a test starts, those that load hypothesis included: among
    its plugins is trio, where that is installed.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path_without_trio(tmp_path_factory))
        patch.setenv("HYPOTHESIS_NO_PLUGINS", "1")
        yield
