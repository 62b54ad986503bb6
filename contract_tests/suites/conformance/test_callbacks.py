"""Every callback vector is verified, refused or read as it must be."""

import pytest
from vectors.document import ConformanceDocument
from vectors.files import Vector
from vectors.replay.callbacks import callback_differences

from .sets import vectors


@pytest.mark.parametrize("vector", vectors("callbacks"))
def test_callback_is_verified_and_read(vector: Vector, document: ConformanceDocument) -> None:
    differences = list(callback_differences(vector, document))
    assert not differences, "\n".join(differences)
