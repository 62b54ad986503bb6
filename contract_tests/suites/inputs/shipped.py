"""The catalog of the repository, read as data."""

import json
from pathlib import Path
from typing import Any, Final

CATALOG: Final = Path(__file__).parents[3] / "catalog"


def _read() -> dict[str, dict[str, Any]]:
    models: dict[str, dict[str, Any]] = {}
    for file in sorted((CATALOG).iterdir(), key=lambda file: file.name):
        for model in json.loads(file.read_text(encoding="utf-8"))["models"]:
            models[model["id"]] = model
    return models


MODELS: Final = _read()
"""Every model of the catalog by id."""
