"""pyright, strict, takes the clients that other tests make: one run looks at all of them."""

import shutil
from pathlib import Path

import pytest

from ...generate.checks import check_types
from .test_bent_clients import TWINS, made, twin
from .test_fastapi_output import made_app
from .test_habits import made_habits
from .test_more_fastapi_output import made_more
from .test_parameter_styles import made_styles
from .test_types import made_types


def test_pyright_takes_every_client(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path, warm_types: None
) -> None:
    packages = [
        made_types(tmp_path_factory) / "types_api",
        made_habits(tmp_path_factory) / "habits_api",
        made_app(tmp_path_factory) / "app_api",
        made_more(tmp_path_factory) / "more_api",
        made_styles(tmp_path_factory) / "styles_api",
    ]
    for name in TWINS:
        folder = made(tmp_path_factory, name, twin(name))
        packages.append(folder / "generated" / "runflow_api")
    clients = tmp_path / "clients"
    for number, package in enumerate(packages):
        place = clients / f"client_{number}" / package.name
        shutil.copytree(package, place, ignore=shutil.ignore_patterns("__pycache__"))
    check_types(clients, "pyright")
