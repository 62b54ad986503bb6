"""Every signed callback is verified, refused or read as it must be."""

from __future__ import annotations

import pytest
from runflow_conformance.document import ConformanceDocument
from runflow_conformance.replay_callbacks import callback_differences
from runflow_conformance.vectors_file import Vector

from .sets import vectors


@pytest.mark.parametrize("vector", vectors("callbacks"))
def test_callback_is_verified_and_read(vector: Vector, document: ConformanceDocument) -> None:
    differences = list(callback_differences(vector, document))
    assert not differences, "\n".join(differences)
