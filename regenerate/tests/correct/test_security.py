"""Security schemes: renamed ones change nothing, and a key goes where the document wants it."""

from typing import Any, Final

import pytest

from ...changes.wire import wire_changes
from ...document.json_tree import JSONObject, JSONValue
from ...document.security import DEFAULT_PLACE, KeyPlace, key_place
from ...lint.linter import lint
from ..small_documents import corrected, with_operation

BEARER: JSONObject = {"type": "http", "scheme": "bearer"}
OAUTH: JSONObject = {"type": "oauth2", "flows": {"password": {"tokenUrl": "t", "scopes": {}}}}
IN_HEADER: JSONObject = {"type": "apiKey", "in": "header", "name": "X-API-Key"}
IN_QUERY: JSONObject = {"type": "apiKey", "in": "query", "name": "key"}
IN_COOKIE: JSONObject = {"type": "apiKey", "in": "cookie", "name": "session"}
BASIC: JSONObject = {"type": "http", "scheme": "basic"}
DIGEST: JSONObject = {"type": "http", "scheme": "digest"}


def secured(everywhere: Any = None, own: Any = None, **schemes: JSONObject) -> JSONObject:
    """Return a document with schemes, for everything or for its operation."""
    document = with_operation({} if own is None else {"security": own})
    components: JSONObject = {"schemas": {}, "securitySchemes": {**schemes}}
    security: JSONObject = {} if everywhere is None else {"security": everywhere}
    return {**document, **security, "components": components}


@pytest.mark.parametrize(
    "other",
    [
        secured([{"HTTPBearer": []}], HTTPBearer=BEARER),
        secured(None, [{"bearerAuth": []}], bearerAuth=BEARER),
        secured(None, [{"A": []}, {"B": []}], A=BEARER, B={**BEARER, "scheme": "Bearer"}),
        secured([{"O": ["read"]}], O=OAUTH),
        secured([{"bearerAuth": []}], bearerAuth=BEARER, Unused=IN_QUERY),
    ],
)
def test_a_scheme_by_another_name_or_place_is_no_change(other: JSONObject) -> None:
    before = corrected(secured([{"bearerAuth": []}], bearerAuth=BEARER))
    assert corrected(other) == before
    assert wire_changes(before, corrected(other)) == []


SECURED: Final[list[tuple[list[JSONValue], list[JSONValue] | None, set[str]]]] = [
    ([{"B": []}, {"Q": []}], [{"bearer": []}, {"query_key": []}], {"bearer", "query_key"}),
    ([{"Q": []}, {"B": []}], [{"bearer": []}, {"query_key": []}], {"bearer", "query_key"}),
    ([{"Q": [], "B": []}], [{"bearer": [], "query_key": []}], {"bearer", "query_key"}),
    ([{"B": []}, {}], [{"bearer": []}, {}], {"bearer"}),
    ([{"None": []}], [{"None": []}], set()),
    ([{"Odd": []}], [{"unknown": []}], {"unknown"}),
    ([], None, set()),
]


@pytest.mark.parametrize(("own", "expected", "schemes"), SECURED)
def test_schemes_are_named_and_ordered_by_what_they_say(
    own: list[JSONValue], expected: list[JSONValue] | None, schemes: set[str]
) -> None:
    found: dict[str, Any] = corrected(secured(None, own, B=BEARER, Q=IN_QUERY, Odd={}))
    [operation] = found["paths"]["/v1/things/{id}"].values()
    assert operation.get("security") == expected
    assert set(found.get("components", {}).get("securitySchemes", {})) == schemes


def test_a_key_in_another_header_is_a_change() -> None:
    before = corrected(secured([{"K": []}], K=BEARER))
    (change,) = wire_changes(before, corrected(secured([{"K": []}], K=IN_HEADER)))
    assert change.what == "what must be shown to be let in changed"


@pytest.mark.parametrize(
    ("scheme", "place"),
    [
        (BEARER, DEFAULT_PLACE),
        (OAUTH, DEFAULT_PLACE),
        (IN_HEADER, KeyPlace("header", "X-API-Key")),
        (IN_QUERY, KeyPlace("query", "key")),
        (IN_COOKIE, KeyPlace("cookie", "session")),
        (BASIC, KeyPlace("header", "Authorization", "Basic")),
    ],
)
def test_a_key_goes_where_the_scheme_says(scheme: JSONObject, place: KeyPlace) -> None:
    document = corrected(secured([{"K": []}], K=scheme))
    assert key_place(document) == place
    assert lint(document) == []


@pytest.mark.parametrize(
    "document",
    [
        secured([{"K": []}], K=DIGEST),
        secured([{"K": []}], K={"type": "mutualTLS"}),
        secured([{"A": [], "B": []}], A=BEARER, B=IN_HEADER),
    ],
)
def test_what_no_single_key_can_do_is_one_finding(document: JSONObject) -> None:
    assert [finding.rule for finding in lint(corrected(document))] == ["security"]


def test_no_key_is_needed_where_none_is_asked_for() -> None:
    for document in (secured(), secured([{"K": []}], [], K=DIGEST), secured([{}], K=DIGEST)):
        assert lint(corrected(document)) == []
