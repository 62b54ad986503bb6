"""A mock server on a stepped clock, and a document of a few operations."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from runflow_mock import MockRunflow, SteppedClock
from runflow_mock.contract.document import find_document

from ..processes import without_trio

__all__ = ["mock", "small_document", "without_trio", "write_small_document"]

# A few operations are enough here: the whole document is checked by suites/mock/test_fuzz.py.
PATHS = (
    "/v1/runs",
    "/v1/runs/{id}",
    "/v1/models/{owner}/{slug}/runs",
    "/v1/billing/balance",
    "/v1/callback-secrets",
)


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(clock=SteppedClock(step=1.0)) as server:
        yield server


@pytest.fixture
def small_document(tmp_path: Path) -> Path:
    return write_small_document(tmp_path)


def write_small_document(folder: Path) -> Path:
    """Write a document of a few operations into the folder, and return its path."""
    content: dict[str, Any] = json.loads(find_document().read_text(encoding="utf-8"))
    content["paths"] = {path: content["paths"][path] for path in PATHS}
    for item in content["paths"].values():
        for operation in item.values():
            for response in operation["responses"].values():
                response.pop("links", None)
    path = folder / "openapi.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
