"""Every answer is understood: typed, complete, written back the same, or a typed error that holds it."""

from __future__ import annotations

import pytest
from runflow_conformance.document import ConformanceDocument
from runflow_conformance.replay_responses import response_differences
from runflow_conformance.vectors_file import Vector
from runflow_conformance.wire import Wire

from .sets import vectors


@pytest.mark.parametrize("vector", vectors("responses"))
def test_answer_is_understood(vector: Vector, document: ConformanceDocument, wire: Wire) -> None:
    differences = list(response_differences(vector, document, wire))
    assert not differences, "\n".join(differences)
