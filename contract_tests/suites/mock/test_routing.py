"""Which operation a request means where several path templates match."""

import re
from itertools import combinations

import httpx
import pytest
from runflow_mock.contract.document import Document, Operation
from runflow_mock.contract.routing import Router

OPERATIONS = Document.read().operations
ROUTER = Router(OPERATIONS)


def segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def common_path(first: str, second: str) -> str | None:
    """Return a path that matches both templates, None if there is none of their length."""
    pairs = list(zip(segments(first), segments(second), strict=False))
    if len(segments(first)) != len(segments(second)):
        return None
    chosen = [right if left.startswith("{") else left for left, right in pairs]
    fits = all(
        left.startswith("{") or left == one for (left, _), one in zip(pairs, chosen, strict=True)
    )
    fits_second = all(
        right.startswith("{") or right == one for (_, right), one in zip(pairs, chosen, strict=True)
    )
    return (
        "/" + "/".join(re.sub(r"\{.*\}", "x", one) for one in chosen)
        if fits and fits_second
        else None
    )


def fixed(operation: Operation) -> int:
    return sum(not segment.startswith("{") for segment in segments(operation.path))


AMBIGUOUS = [
    (first, second, path)
    for first, second in combinations(OPERATIONS, 2)
    if first.path != second.path and (path := common_path(first.path, second.path)) is not None
]


def test_there_are_paths_that_match_several_templates() -> None:
    assert any(path == "/v1/models/x/outputs/runs" for _, _, path in AMBIGUOUS)


@pytest.mark.parametrize(
    ("first", "second", "path"), AMBIGUOUS, ids=[f"{one} or {two}" for one, two, _ in AMBIGUOUS]
)
def test_fixed_segments_decide_and_then_the_method(
    first: Operation, second: Operation, path: str
) -> None:
    most = max(fixed(operation) for operation in OPERATIONS if common_path(operation.path, path))
    for operation in (first, second):
        found = ROUTER.match(operation.method, path)
        if fixed(operation) == most:
            assert found is not None
            assert found.operation.method == operation.method
            assert fixed(found.operation) == most
        else:
            assert found is None or fixed(found.operation) == most


def test_a_model_may_be_called_like_a_collection(api: httpx.Client) -> None:
    for slug in ("outputs", "inputs", "examples"):
        answer = api.post(f"/v1/models/acme/{slug}/runs", json={"input": {}})
        assert (answer.status_code, answer.json()["code"]) == (404, "MODEL_NOT_FOUND")
        refused = api.put(f"/v1/models/acme/{slug}/runs")
        assert refused.status_code == 405
        assert refused.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("is_reversed", [False, True])
def test_of_templates_with_as_many_fixed_segments_the_one_without_a_span_counts(
    is_reversed: bool,
) -> None:
    paths = ("/v1/{owner}/{slug}/runs", "/v1/{id}/items/{number}")
    operation = {"responses": {"200": {"description": "x"}}}
    content = {"openapi": "3.1.0", "paths": {path: {"get": operation} for path in paths}}
    operations = Document(content).operations
    found = Router(operations[::-1] if is_reversed else operations).match("GET", "/v1/x/items/runs")
    assert found is not None
    assert found.operation.path == paths[1]
    assert found.path_values == {"id": "x", "number": "runs"}
