"""The public surface: its names and signatures are pinned, and nothing else shows."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from . import surface

LIST = Path(__file__).with_name("public_names.txt")


def test_the_public_names_and_signatures_are_those_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(surface.lines()))


@pytest.mark.parametrize("package", ["runflow_client", "runflow_client.callbacks"])
def test_a_package_shows_its_public_names_and_nothing_else(package: str) -> None:
    code = f"import {package} as shown, runflow_client.errors; print(*dir(shown))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == sorted(import_module(package).__all__)


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    import runflow_client

    with pytest.raises(AttributeError, match="has no attribute 'Runfow'"):
        runflow_client.Runfow  # type: ignore[attr-defined] # noqa: B018
