"""One wire for the whole session, and ids that name operation, phase and number."""

from collections.abc import Iterator

import pytest
from vectors.client.transport import Wire
from vectors.document import ConformanceDocument, default_document


@pytest.fixture(scope="session")
def document() -> ConformanceDocument:
    """The document that client and vectors are held against."""
    return default_document()


@pytest.fixture(scope="session")
def judged_wire(document: ConformanceDocument) -> Iterator[Wire]:
    """The generated client over a wire where the Tap raises for everything that is not documented."""
    wire = Wire(document, judged=True)
    yield wire
    wire.close()


@pytest.fixture(scope="session")
def wire(document: ConformanceDocument) -> Iterator[Wire]:
    """The generated client over a wire that brings any answer, documented or not."""
    wire = Wire(document, judged=False)
    yield wire
    wire.close()
