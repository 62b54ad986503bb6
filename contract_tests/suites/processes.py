"""Processes that tests start load what a user's do."""

import os
from collections.abc import Callable, Iterator

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


def in_a_child(work: Callable[[], object]) -> str:
    """What the work comes to in a forked child: its value or its error, as text."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            told = str(work())
        except BaseException as error:
            told = f"{type(error).__name__}: {error}"
        os.write(writing, told.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return told
