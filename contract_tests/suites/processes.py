"""Processes that tests start load what a user's do."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def without_trio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide trio from the processes that a test starts.

    httpcore loads it wherever it is installed, which takes a tenth of a second. Only tests need
    it, and those that do run in this process. Not for processes that load hypothesis: it loads trio
    itself where that is installed.
    """
    folder = tmp_path_factory.mktemp("hidden")
    (folder / "trio.py").write_text('raise ImportError("trio is hidden from this process")\n')
    before = os.environ.get("PYTHONPATH")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, (str(folder), before))))
        yield
