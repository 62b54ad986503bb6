"""A mock server and a folder with files for the blocks of the pages."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from runflow_mock import AcceleratedClock, MockRunflow

from ..processes import path_without_trio
from ..sharing import shared_folder
from .airflow_stand_in import airflow_stand_in
from .blocks import run_module
from .commands import write_commands

SECRET = "whsec_pages"
DOCUMENTED_KEY = "rf_live_..."


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site once, and return its folder."""

    def build(folder: Path) -> None:
        run_module("docs._build", str(folder / "build"))

    return shared_folder(tmp_path_factory, "docs", build) / "build" / "site"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    """Return a server that also takes the key that pages show."""
    with MockRunflow(clock=AcceleratedClock(60)) as server:
        server.keys.add(DOCUMENTED_KEY)
        yield server


@pytest.fixture
def folder(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    mock: MockRunflow,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Enter an empty folder with a photo, and an environment that leads to the mock server."""
    place = tmp_path / "here"
    place.mkdir()
    Image.new("RGB", (640, 480), "orange").save(place / "photo.jpg")
    write_commands(tmp_path / "commands")
    monkeypatch.chdir(place)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", path_without_trio(tmp_path_factory))
    monkeypatch.setenv("PATH", f"{tmp_path / 'commands'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("RUNFLOW_BASE_URL", mock.base_url)
    monkeypatch.setenv("RUNFLOW_API_KEY", mock.api_key)
    monkeypatch.setenv("RUNFLOW_CALLBACK_SECRET", SECRET)
    for name, module in airflow_stand_in().items():
        monkeypatch.setitem(sys.modules, name, module)
    assert shutil.which("make") == str(tmp_path / "commands" / "make")
    return place
