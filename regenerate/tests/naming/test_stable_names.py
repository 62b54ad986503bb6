"""Names that stay when operations, statuses or other answers are added to the document."""

from typing import Any, Final

import pytest

from ...correct.corrected import CorrectedDocument
from ...document.json_tree import JSONObject, JSONValue
from ...naming.operation_names import NamingTable, line_of, parse_table, read_table
from ...project.paths import NAMING
from ..small_documents import corrected_with, json_answer, reference, with_paths

OK: Final[JSONObject] = {"description": "OK."}
PROBLEM: Final[JSONObject] = {
    "type": "object",
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
}
VALIDATION_ERROR: Final[JSONObject] = {
    "type": "object",
    "properties": {"loc": {"type": "array", "items": {}}, "msg": {"type": "string"}},
}
HTTP_VALIDATION_ERROR: Final[JSONObject] = {
    "type": "object",
    "properties": {"detail": {"type": "array", "items": reference("V")}},
}
NO_CREDIT: Final[JSONObject] = {"type": "object", "properties": {"missing": {"type": "string"}}}
QUOTA: Final[JSONObject] = {"type": "object", "properties": {"limit": {"type": "integer"}}}
SCHEMAS: Final[dict[str, JSONValue]] = {
    "P": PROBLEM,
    "V": VALIDATION_ERROR,
    "H": HTTP_VALIDATION_ERROR,
    "N": NO_CREDIT,
    "Q": QUOTA,
}


def names_of(table: NamingTable, **answers: JSONObject) -> dict[str, str]:
    """Return the name of each class by the schema's name in the document.

    Each argument is a path with its answers by status: the names of their schemas.
    """
    paths: JSONObject = {
        f"/v1/{path}": {
            "get": {
                "responses": {
                    "200": OK,
                    **{status: json_answer(reference(str(one))) for status, one in found.items()},
                }
            }
        }
        for path, found in answers.items()
    }
    names = corrected_with(with_paths(paths, **SCHEMAS), table).names.published
    return {where.rsplit("/", 1)[-1]: name for name, where in names.items()}


@pytest.mark.parametrize(
    "answers",
    [
        {"runs": {"404": "P", "422": "H"}, "batches": {"422": "H"}},
        {"assets": {"422": "H"}, "runs": {"404": "P", "422": "H"}, "batches": {"422": "H"}},
        {"assets": {"400": "H"}, "runs": {"404": "P", "422": "H"}},
        {"assets": {"400": "H", "401": "P"}, "runs": {"422": "H"}},
        {"a": {"422": "N"}, "runs": {"404": "P", "422": "H"}, "z": {"422": "N"}},
    ],
)
def test_the_error_of_validation_has_one_name_wherever_it_stands(
    answers: dict[str, JSONObject],
) -> None:
    names = names_of(read_table(), **answers)
    assert (names["P"], names["H"], names["V"]) == (
        "ErrorResponse",
        "HTTPValidationError",
        "ValidationError",
    )


def test_a_shared_error_keeps_its_name_when_an_operation_is_added_before() -> None:
    table = NamingTable()
    before = names_of(table, runs={"402": "N"}, tasks={"402": "N"})
    after = names_of(table, assets={"402": "N"}, runs={"402": "N"}, tasks={"402": "N"})
    assert before == after == {"N": "ErrorResponse402"}


def test_unlike_shared_errors_of_one_status_are_told_apart_by_their_fields() -> None:
    found: dict[str, JSONObject] = {
        "b": {"402": "N"},
        "c": {"402": "Q"},
        "d": {"402": "N"},
        "e": {"402": "Q"},
    }
    before = names_of(NamingTable(), **found)
    after = names_of(NamingTable(), a={"402": "Q"}, **found)
    assert before == after == {"N": "ErrorResponse402Missing", "Q": "ErrorResponse402Limit"}


def test_an_error_of_one_operation_is_named_after_it() -> None:
    assert names_of(NamingTable(), runs={"402": "N"}) == {"N": "ListRunsResponse402"}


@pytest.mark.parametrize("status", ["200", "201", "202"])
@pytest.mark.parametrize("decided", ["200", "201", "202"])
def test_a_success_has_one_name_whatever_its_status(status: str, decided: str) -> None:
    table = parse_table({"schemas": {"Session": [f"POST /v1/uploads {decided}"]}})
    paths: JSONObject = {
        "/v1/uploads": {"post": {"responses": {status: json_answer(reference("N"))}}}
    }
    found = corrected_with(with_paths(paths, N=NO_CREDIT), table)
    assert set(found.names.schemas) == {"Session"}
    assert found.unmatched_names == ()


def test_two_successes_have_the_names_of_their_own_statuses() -> None:
    table = parse_table({"schemas": {"Made": ["POST /v1/a 201"], "Known": ["POST /v1/a 200"]}})
    answers: JSONObject = {"200": json_answer(reference("N")), "201": json_answer(reference("Q"))}
    paths: JSONObject = {"/v1/a": {"post": {"responses": answers}}}
    found = corrected_with(with_paths(paths, N=NO_CREDIT, Q=QUOTA), table)
    assert found.names.schemas == {"Known": "POST /v1/a 200", "Made": "POST /v1/a 201"}


def answers_of(table: JSONObject, **paths: dict[str, dict[str, str]]) -> CorrectedDocument:
    """Return a document whose operations answer with these schemas, by path, method and status."""
    whole: JSONObject = {
        f"/v1/{path}": {
            method: {
                "responses": {status: json_answer(reference(one)) for status, one in found.items()}
            }
            for method, found in methods.items()
        }
        for path, methods in paths.items()
    }
    return corrected_with(with_paths(whole, **SCHEMAS), parse_table({"schemas": table}))


CLASSES: Final[dict[str, tuple[JSONObject, dict[str, dict[str, dict[str, str]]], list[str]]]] = {
    "an error of two operations of one path": (
        {},
        {"a": {"get": {"402": "N"}, "post": {"402": "N"}}},
        ["ErrorResponse402"],
    ),
    "an error of two statuses of one operation": (
        {},
        {"a": {"get": {"403": "N", "402": "N"}}},
        ["GetAResponse402"],
    ),
    "an error of two statuses of two operations": (
        {},
        {"a": {"get": {"403": "N", "402": "N"}}, "b": {"get": {"403": "N"}}},
        ["ErrorResponse402"],
    ),
    "every other answer of two operations": (
        {},
        {"a": {"get": {"default": "N"}}, "b": {"get": {"default": "N"}}},
        ["ErrorResponseDefault"],
    ),
    "a server's error and a redirect of two": (
        {},
        {"a": {"get": {"500": "N", "302": "Q"}}, "b": {"get": {"500": "N", "302": "Q"}}},
        ["ErrorResponse500", "GetAResponse302"],
    ),
    "two successes and another answer": (
        {},
        {"a": {"post": {"202": "N", "201": "Q", "302": "P"}}},
        ["CreateAResponse", "CreateAResponse202", "CreateAResponse302"],
    ),
    "a range of successes": ({}, {"a": {"post": {"2XX": "N"}}}, ["CreateAResponse"]),
    "a name of the table in other letters": (
        {"GETARESPONSE": ["GET /none 200"]},
        {"a": {"get": {"200": "N"}}},
        ["GetAResponse2"],
    ),
}


@pytest.mark.parametrize("case", CLASSES)
def test_a_class_is_named_after_its_operation_or_its_status(case: str) -> None:
    table, paths, expected = CLASSES[case]
    found = answers_of(table, **paths)
    assert sorted(found.names.schemas) == sorted(expected)


def test_the_callbacks_of_each_operation_are_counted_anew() -> None:
    paths: dict[str, Any] = {}
    for path in ("a", "b"):
        told = {"post": {"requestBody": json_answer(reference("N")), "responses": {"200": OK}}}
        callbacks = {"done": {"{$request.body#/url}": told}, "late": {"{$request.body#/x}": told}}
        paths[f"/v1/{path}"] = {"post": {"responses": {"200": OK}, "callbacks": callbacks}}
    table: JSONObject = {
        "First": ["POST /v1/a callback body", "POST /v1/b callback body"],
        "Second": ["POST /v1/a callback2 body", "POST /v1/b callback2 body"],
    }
    found = corrected_with(with_paths(paths, N=NO_CREDIT), parse_table({"schemas": table}))
    assert found.unmatched_names == ()


def test_every_place_of_the_table_that_is_there_is_matched() -> None:
    table: JSONObject = {"Problem": ["GET /v1/a 404", "* 404", "* 4XX {code,message}", "* 403"]}
    assert answers_of(table, a={"get": {"404": "P"}}).unmatched_names == ("* 403",)


def test_what_leads_nowhere_is_like_what_leads_there_too() -> None:
    def conflicts(first: JSONObject, second: JSONObject) -> tuple[str, ...]:
        paths: JSONObject = {
            path: {"get": {"responses": {"200": json_answer({"properties": {"x": schema}})}}}
            for path, schema in (("/a", first), ("/b", second))
        }
        table = parse_table({"schemas": {"Shared": ["GET /a 200", "GET /b 200"]}})
        return corrected_with(with_paths(paths), table).names.conflicts

    none, other = reference("None"), reference("Other")
    assert conflicts(none, none) == ()
    assert conflicts(none, other) == (
        "GET /b 200: the table says Shared, but it is not like GET /a 200",
    )
    assert len(conflicts(none, {"type": "string"})) == 1
    assert conflicts({"type": "number", "maximum": 1}, {"type": "number", "maximum": 1.0}) == ()


def test_the_line_of_a_name_in_the_table() -> None:
    lines = NAMING.read_text(encoding="utf-8").splitlines()
    line = line_of(NAMING, "HTTPValidationError")
    assert line is not None
    assert lines[line - 1].strip().startswith("HTTPValidationError:")
    assert line_of(NAMING, "Nowhere") is None
