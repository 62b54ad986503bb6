"""The document of this project is valid, whether it is the published one or the reconstruction."""

import pytest
from openapi_spec_validator import validate

from ...document.json_tree import JSONObject, operations, parse_document, text_at
from ...project.paths import DOCUMENT


@pytest.fixture(name="document", scope="module")
def fixture_document() -> JSONObject:
    return parse_document(DOCUMENT.read_bytes())


def test_the_document_is_valid_openapi(document: JSONObject) -> None:
    validate(document)


def test_every_operation_has_a_name_of_its_own(document: JSONObject) -> None:
    names = [text_at(operation.data, "operationId") for operation in operations(document)]
    assert "" not in names
    assert len(set(names)) == len(names)
