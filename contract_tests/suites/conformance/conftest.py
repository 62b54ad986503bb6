"""The document and two clients for the whole session."""

from collections.abc import Iterator

import pytest
from vectors.client.transport import RecordingClient
from vectors.document import ConformanceDocument, default_document

from ..processes import without_trio

__all__ = ["document", "recording_client", "validating_client", "without_trio"]


@pytest.fixture(scope="session")
def document() -> ConformanceDocument:
    """Return the document that client and vectors are checked against."""
    return default_document()


@pytest.fixture(scope="session")
def validating_client(document: ConformanceDocument) -> Iterator[RecordingClient]:
    """Give a client whose Tap raises for undocumented interactions."""
    client = RecordingClient(document, validated=True)
    yield client
    client.close()


@pytest.fixture(scope="session")
def recording_client(document: ConformanceDocument) -> Iterator[RecordingClient]:
    """Give a client that accepts any response, documented or not."""
    client = RecordingClient(document, validated=False)
    yield client
    client.close()
