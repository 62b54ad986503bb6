"""Every operation needs exactly the scope that its handler names."""

from collections.abc import Iterator

import httpx
import pytest
from runflow_mock import MockRunflow
from runflow_mock.api.calls import Handler
from runflow_mock.api.handlers import HANDLERS

SOME_ID = "0190aaaa-0000-7000-8000-000000000001"
SCOPED = [handler for handler in HANDLERS.values() if handler.scope is not None]
SCOPES = sorted({str(handler.scope) for handler in SCOPED})


def address_of(path: str) -> str:
    """Return the path with a value for each parameter; it need not exist."""
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + SOME_ID + rest.partition("}")[2]
    return path


@pytest.fixture(scope="module")
def server() -> Iterator[MockRunflow]:
    with MockRunflow() as running:
        for scope in SCOPES:
            running.keys.add(f"rf_live_only_{scope}", scopes=[scope])
            others = [other for other in SCOPES if other != scope]
            running.keys.add(f"rf_live_without_{scope}", scopes=others)
        yield running


@pytest.mark.parametrize("handler", SCOPED, ids=[handler.name for handler in SCOPED])
def test_an_operation_needs_its_scope_and_no_other(server: MockRunflow, handler: Handler) -> None:
    method, scope = handler.method, handler.scope
    url = server.base_url + address_of(handler.path)
    answers: dict[str, httpx.Response] = {}
    for kind in ("only", "without"):
        headers = {"Authorization": f"Bearer rf_live_{kind}_{scope}"}
        body: object = {} if method in ("POST", "PATCH", "PUT") else None
        answers[kind] = httpx.request(method, url, headers=headers, json=body)
    refused = answers["without"].json()
    assert (answers["without"].status_code, refused["code"]) == (403, "PERMISSION_DENIED")
    assert refused["message"] == f"this key lacks the scope {scope}"
    assert answers["only"].status_code in (200, 201, 204, 404, 422)
