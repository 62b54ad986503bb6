"""The generated client sends every request vector as the document says."""

import pytest
from runflow_api.http_library import httpx
from runflow_mock.api.handlers import HANDLERS
from vectors.client.operations import generated_operation, generated_operations, identity
from vectors.client.transport import RecordingClient
from vectors.document import ConformanceDocument
from vectors.files import Vector
from vectors.replay.requests import request_differences
from vectors.samples import Sampler

from .sets import vectors


def answer(document: ConformanceDocument, label: str) -> httpx.Response:
    """Return a documented response: the Tap validates it, too."""
    status = document.operations[label].success_status
    schema = document.response_schema(label, status)
    if schema is None:
        return httpx.Response(status)
    return httpx.Response(status, json=Sampler(document).body(schema, optional=True))


@pytest.mark.parametrize("vector", vectors("requests"))
def test_request_on_the_wire(
    vector: Vector, document: ConformanceDocument, validating_client: RecordingClient
) -> None:
    differences = list(
        request_differences(
            vector, document, validating_client, answer(document, vector["operation"])
        )
    )
    assert not differences, "\n".join(differences)


def test_document_and_client_have_the_same_operations(document: ConformanceDocument) -> None:
    documented = {identity(label) for label in document.operations}
    # Corrections add the operations of ComfyUI workflows from outside the document.
    added = {one for one in generated_operations() if "/comfyui-workflows" in one}
    assert set(generated_operations()) - added == documented
    assert len(added) == 3


def test_each_operation_says_its_method_path_and_own_name(document: ConformanceDocument) -> None:
    assert len(document.operations) > 60
    names = {identity(f"{one.method} {one.path}"): one.name for one in HANDLERS.values()}
    for label in document.operations:
        generated = generated_operation(label)
        told = generated.operation
        assert identity(f"{told.method} {told.path}") == identity(label)
        assert told.name == generated.build_request.__module__.split(".")[-1]
        assert told.name == names.get(identity(label), told.name)
