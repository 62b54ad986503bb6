"""The catalog as it is shipped, read as data."""

import json
from importlib.resources import files
from typing import Any, Final


def _read() -> dict[str, dict[str, Any]]:
    models: dict[str, dict[str, Any]] = {}
    for file in sorted((files("runflow_client") / "catalog").iterdir(), key=lambda file: file.name):
        for model in json.loads(file.read_text(encoding="utf-8"))["models"]:
            models[model["id"]] = model
    return models


MODELS: Final = _read()
"""Every model of the catalog by id."""
