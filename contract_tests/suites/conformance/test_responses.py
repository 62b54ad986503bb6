"""Every answer is understood: typed, complete, written back the same, or a typed error that holds it."""

import pytest
from vectors.client.transport import Wire
from vectors.document import ConformanceDocument
from vectors.files import Vector
from vectors.replay.responses import response_differences

from .sets import vectors


@pytest.mark.parametrize("vector", vectors("responses"))
def test_answer_is_understood(vector: Vector, document: ConformanceDocument, wire: Wire) -> None:
    differences = list(response_differences(vector, document, wire))
    assert not differences, "\n".join(differences)
