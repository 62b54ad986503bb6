"""What is proposed for one difference between the document and the API."""

from typing import Any

import pytest
from runflow_conformance._findings import Finding
from runflow_conformance._report.proposals import propose
from runflow_conformance._report.report import group_findings
from runflow_conformance._validation.json_pointers import DocumentTree
from runflow_mock.contract.document import Document

CONTENT: dict[str, Any] = Document.read().content
RESPONSES = "/paths/~1v1~1models~1{owner}~1{slug}~1runs/post/responses"


@pytest.mark.parametrize(
    ("status", "schema"),
    [(200, "Run"), (202, "Run"), (418, "ErrorResponse"), (502, "ErrorResponse")],
)
def test_another_status_is_proposed_with_the_body_of_its_kind(status: int, schema: str) -> None:
    finding = Finding(
        operation="POST /v1/models/{owner}/{slug}/runs",
        rule="undocumented_status",
        where=f"response {status}",
        pointer=RESPONSES,
        what=f"the status {status} is not documented",
        observed=status,
    )
    proposed = propose(group_findings([finding], frozenset()), DocumentTree(CONTENT))
    assert proposed is not None
    (action,) = proposed["actions"]
    (answer,) = action["update"].values()
    assert action["update"].keys() == {str(status)}
    reference = answer["content"]["application/json"]["schema"]["$ref"]
    assert reference == f"#/components/schemas/{schema}"
