"""Every response is read as a typed, complete body or raises a typed error that holds it."""

import pytest
from vectors.client.transport import RecordingClient
from vectors.document import ConformanceDocument
from vectors.files import Vector
from vectors.replay.responses import response_differences

from .sets import vectors


@pytest.mark.parametrize("vector", vectors("responses"))
def test_answer_is_understood(
    vector: Vector, document: ConformanceDocument, recording_client: RecordingClient
) -> None:
    differences = list(response_differences(vector, document, recording_client))
    assert not differences, "\n".join(differences)
