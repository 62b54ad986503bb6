"""Names come from the table, or from method, path and place.

Never from the document's own names.
"""

from itertools import permutations
from pathlib import Path

import pytest

from ...correct.corrected import correct
from ...document.json_tree import DocumentError, JSONObject, object_at, readable_text
from ...naming.operation_names import NamingTable, OperationName, parse_table, read_table
from ..small_documents import answering, json_answer, reference, with_paths

OK: JSONObject = {"responses": {"204": {"description": "OK."}}}


def operation_names(
    *titles: str, table: NamingTable | None = None, tag: str = "Things"
) -> dict[str, str]:
    """Return the names given to operations such as `GET /v1/runs`, as `package.name`."""
    paths: JSONObject = {}
    for number, title in enumerate(titles):
        method, path = title.split()
        item = object_at(paths, path)
        item[method.lower()] = {**OK, "operationId": f"op{number}", "tags": [tag]}
        paths[path] = item
    found = correct(
        with_paths(paths), corrections=None, naming=table or NamingTable()
    ).names.operations
    return {title: f"{name.package}.{name.name}" for title, name in found.items()}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("GET /v1/runs", "list_runs"),
        ("GET /v1/runs/{id}", "get_run"),
        ("GET /v1/runs/", "list_runs"),
        ("GET /v1/runs/{id}/", "get_run"),
        ("POST /v1/runs/{run_id}/archivals", "create_run_archival"),
        ("GET /v1/runs/{run_id}/logs", "list_run_logs"),
        ("GET /v1/runs/statuses", "list_run_statuses"),
        ("GET /v1/runs/statuses/{code}", "get_run_status"),
        ("PUT /v1/asset-folders/{id}", "replace_asset_folder"),
        ("PATCH /v1/asset-folders/{id}", "update_asset_folder"),
        ("DELETE /v1/batches/{id}", "delete_batch"),
        ("GET /v1/health", "get_health"),
        ("HEAD /v1/deliveries/{id}", "check_delivery"),
        ("GET /", "get_root"),
        ("GET /v2/{owner}", "get_root"),
        ("GET /API/V12/Runs", "list_runs"),
        ("GET /v1a/api2/run", "get_v1a_api2_run"),
        ("OPTIONS /v1/runs", "options_run"),
        ("PUT /v1", "replace_root"),
        ("POST /api/v1/runs:cancel", "create_runs_cancel"),
    ],
)
def test_a_name_is_made_from_method_and_path(title: str, name: str) -> None:
    assert operation_names(title) == {title: f"things.{name}"}


def test_names_that_would_be_shared_tell_their_parameters() -> None:
    assert operation_names(
        "GET /v1/models/{id}", "GET /v1/models/{owner}/{id}", "GET /v1/models"
    ) == {
        "GET /v1/models": "things.list_models",
        "GET /v1/models/{id}": "things.get_model_by_id",
        "GET /v1/models/{owner}/{id}": "things.get_model_by_owner_and_id",
    }


def test_names_that_nothing_tells_apart_get_a_hash() -> None:
    names = operation_names("GET /v1/a.b", "GET /v1/a-b", "GET /v1/a_b")
    # The same in every version: a program imports them.
    assert names == {
        "GET /v1/a.b": "things.get_a_b_b6645b47",
        "GET /v1/a-b": "things.get_a_b_51dbdbc6",
        "GET /v1/a_b": "things.get_a_b_8be0c2ba",
    }
    assert names == operation_names("GET /v1/a_b", "GET /v1/a-b", "GET /v1/a.b")


def test_the_table_names_operations_whatever_their_parameters_are_called() -> None:
    table = parse_table({"operations": {"runs": {"fetch": "GET /v1/runs/{id}"}}})
    assert operation_names("GET /v1/runs/{run_uuid}", table=table) == {
        "GET /v1/runs/{run_uuid}": "runs.fetch"
    }


def test_of_a_path_with_a_slash_and_without_one_has_the_name_of_the_table() -> None:
    table = parse_table({"operations": {"runs": {"fetch": "GET /v1/runs"}}})
    assert operation_names("GET /v1/runs/", "GET /v1/runs", table=table) == {
        "GET /v1/runs": "runs.fetch",
        "GET /v1/runs/": "things.list_runs",
    }


def test_a_derived_name_does_not_take_one_of_the_table() -> None:
    table = parse_table({"operations": {"things": {"list_runs": "GET /v1/all-runs"}}})
    assert operation_names("GET /v1/runs", "GET /v1/all-runs", table=table) == {
        "GET /v1/all-runs": "things.list_runs",
        "GET /v1/runs": f"things.list_runs_{operation_names_hash('GET /v1/runs')}",
    }


def operation_names_hash(title: str) -> str:
    """Return the end that tells an operation from one with the same name."""
    table = parse_table({"operations": {"things": {"list_runs": "GET /elsewhere"}}})
    return operation_names(title, table=table)[title].rpartition("_")[2]


@pytest.mark.parametrize(
    ("tag", "package"),
    [("Asset Folders", "asset_folders"), ("RunLogs", "run_logs"), ("💥", "default")],
)
def test_the_package_of_an_unknown_operation_is_its_tag(tag: str, package: str) -> None:
    assert operation_names("GET /v1/runs", tag=tag) == {"GET /v1/runs": f"{package}.list_runs"}


def schema_names(document: JSONObject, table: JSONObject | None = None) -> list[str]:
    """Return the schema names of the corrected document."""
    naming = parse_table({"schemas": table or {}})
    return sorted(correct(document, corrections=None, naming=naming).names.schemas)


THING: JSONObject = {"type": "object", "properties": {"id": {"type": "string"}}}


def test_a_schema_is_named_by_where_it_stands() -> None:
    inner: JSONObject = {
        "type": "object",
        "properties": {
            "parts": {"type": "array", "items": THING},
            "owner": {"anyOf": [THING, {"type": "null"}]},
            "state": {"type": "string", "enum": ["a", "b"]},
            "by_name": {"type": "object", "additionalProperties": THING},
            "either": {"anyOf": [THING, {"type": "array", "items": THING}]},
            "anything": {"type": "object"},
        },
    }
    assert schema_names(
        answering(reference("models__x__FullValidator"), models__x__FullValidator=inner)
    ) == [
        "GetThingResponse",
        "GetThingResponseByName",
        "GetThingResponseByNameValue",
        "GetThingResponseEitherVariant1",
        "GetThingResponseEitherVariant2Item",
        "GetThingResponseOwner",
        "GetThingResponsePart",
        "GetThingResponseState",
        "JsonObject",
    ]


def test_the_table_names_places_and_what_is_below_them() -> None:
    page: JSONObject = {
        "type": "object",
        "properties": {"items": {"type": "array", "items": THING}},
    }
    table: JSONObject = {
        "ThingPage": ["GET /v1/things/{key} 200"],
        "Thing": ["ThingPage.items[]"],
        "Idle": ["GET /x 200"],
    }
    corrected = correct(answering(page), None, parse_table({"schemas": table}))
    assert corrected.names.schemas == {
        "Thing": "ThingPage.items[]",
        "ThingPage": "GET /v1/things/{} 200",
    }
    assert corrected.unmatched_names == ("GET /x 200",)


def test_what_the_document_lacks_is_told_in_order() -> None:
    operations: JSONObject = {"p": {"b": "GET /z", "a": "GET /y", "c": "GET /v1/a"}}
    schemas: JSONObject = {"B": ["GET /z 200"], "A": ["GET /y 200"]}
    table = parse_table({"operations": operations, "schemas": schemas})
    found = correct(with_paths({"/v1/b": {"get": OK}, "/v1/a": {"get": OK}}), None, table)
    assert found.unmatched_names == ("GET /y", "GET /z", "GET /y 200", "GET /z 200")
    assert [*found.names.operations] == ["GET /v1/a", "GET /v1/b"]


def test_a_place_at_an_operation_goes_before_a_place_below_a_schema() -> None:
    one: JSONObject = {"type": "object", "properties": {"next": reference("b")}}
    paths: JSONObject = {
        "/v1/a": {"get": {"responses": {"200": json_answer(reference("a"))}}},
        "/v1/b": {"get": {"responses": {"200": json_answer(reference("b"))}}},
    }
    table: JSONObject = {
        "First": ["GET /v1/a 200"],
        "Second": ["GET /v1/b 200"],
        "Never": ["First.next"],
    }
    corrected = correct(with_paths(paths, a=one, b=THING), None, parse_table({"schemas": table}))
    assert corrected.names.schemas == {"First": "GET /v1/a 200", "Second": "GET /v1/b 200"}
    assert corrected.names.conflicts == ("First.next: the table says Never, it is Second already",)


def test_equal_schemas_with_one_name_become_one_and_unlike_ones_do_not() -> None:
    def document(other: JSONObject) -> JSONObject:
        paths: JSONObject = {
            "/v1/a": {"get": {"responses": {"200": json_answer(reference("a"))}}},
            "/v1/b": {"get": {"responses": {"200": json_answer(reference("b"))}}},
        }
        return with_paths(paths, a={**THING, "description": "One."}, b=other)

    table: JSONObject = {"Thing": ["GET /v1/a 200", "GET /v1/b 200"]}
    assert schema_names(document({**THING, "description": "Other."}), table) == ["Thing"]
    unlike: JSONObject = {"type": "object", "properties": {"id": {"type": "integer"}}}
    assert schema_names(document(unlike), table) == ["GetBResponse", "Thing"]


def test_recursive_schemas_can_be_equal() -> None:
    def node(name: str) -> JSONObject:
        return {
            "type": "object",
            "properties": {"children": {"type": "array", "items": reference(name)}},
        }

    paths: JSONObject = {
        "/v1/a": {"get": {"responses": {"200": json_answer(reference("a"))}}},
        "/v1/b": {"get": {"responses": {"200": json_answer(reference("b"))}}},
    }
    table: JSONObject = {"Node": ["GET /v1/a 200", "GET /v1/b 200"]}
    assert schema_names(with_paths(paths, a=node("a"), b=node("b")), table) == ["Node"]


def test_an_error_of_any_operation_has_one_name() -> None:
    responses: JSONObject = {
        "200": {"description": "OK."},
        "404": json_answer(reference("e")),
        "503": json_answer(reference("e")),
    }
    paths: JSONObject = {
        "/v1/a": {"get": {"responses": responses}},
        "/v1/b": {"get": {"responses": responses}},
    }
    table: JSONObject = {"Problem": ["* 4XX", "* 5XX"]}
    assert schema_names(with_paths(paths, e=THING), table) == ["Problem"]


def test_where_one_name_fits_unlike_schemas_the_table_says_which_has_it() -> None:
    responses: JSONObject = {
        "200": {"description": "OK."},
        "404": json_answer(reference("usual")),
        "422": json_answer(reference("odd")),
    }
    first: JSONObject = {"responses": {status: responses[status] for status in ("200", "422")}}
    paths: JSONObject = {"/v1/a": {"get": first}, "/v1/b": {"get": {"responses": responses}}}
    odd: JSONObject = {"type": "object", "properties": {"detail": {"type": "string"}}}
    naming = parse_table({"schemas": {"Problem": ["* 404", "* 4XX"]}})
    found = correct(with_paths(paths, usual=THING, odd=odd), None, naming)
    assert found.names.schemas == {"ErrorResponse422": "GET /v1/a 422", "Problem": "GET /v1/b 404"}
    assert (
        found.names.conflicts[0]
        == "* 4XX: the table says Problem, but it is not like GET /v1/b 404"
    )


def test_bodies_parameters_and_callbacks_have_places() -> None:
    body: JSONObject = {"content": {"application/json": {"schema": reference("x")}}}
    told: JSONObject = {"content": {"application/json": {"schema": reference("y")}}}
    order: JSONObject = {
        "name": "sort by",
        "in": "query",
        "schema": {"type": "string", "enum": ["a", "b"]},
    }
    operation: JSONObject = {
        **OK,
        "requestBody": body,
        "parameters": [order],
        "callbacks": {"done": {"{$request.body#/url}": {"post": {**OK, "requestBody": told}}}},
    }
    document = with_paths({"/v1/runs": {"post": operation}}, x=THING, y=THING, unused=THING)
    assert schema_names(document) == ["CreateRunBody", "CreateRunCallbackBody", "CreateRunSortBy"]
    table: JSONObject = {
        "RunCreate": ["POST /v1/runs body"],
        "Told": ["POST /v1/runs callback body"],
        "Order": ["POST /v1/runs query sort by"],
    }
    assert schema_names(document, table) == ["Order", "RunCreate", "Told"]


def test_callbacks_are_told_apart_by_where_they_go() -> None:
    def document(first: str, second: str) -> JSONObject:
        def told(name: str) -> JSONObject:
            return {
                "post": {
                    **OK,
                    "requestBody": {"content": {"application/json": {"schema": reference(name)}}},
                }
            }

        callbacks: JSONObject = {
            first: {"{$request.body#/a}": told("a")},
            second: {"{$request.body#/b}": told("b")},
        }
        if first > second:
            callbacks = dict(reversed(callbacks.items()))
        other: JSONObject = {"type": "object", "properties": {"b": {"type": "string"}}}
        return with_paths({"/v1/runs": {"post": {**OK, "callbacks": callbacks}}}, a=THING, b=other)

    one, other = (
        correct(document(*names), None, NamingTable()) for names in (("x", "y"), ("y", "x"))
    )
    assert sorted(one.names.schemas) == ["CreateRunCallback2Body", "CreateRunCallbackBody"]
    assert readable_text(one.document) == readable_text(other.document)


def test_payloads_of_webhooks_are_kept() -> None:
    document = with_paths(
        {"/v1/runs": {"get": OK}}, told={"type": "object", "properties": {"run": THING}}
    )
    content: JSONObject = {"application/json": {"schema": reference("told")}}
    document["webhooks"] = {"run.completed": {"post": {**OK, "requestBody": {"content": content}}}}
    assert schema_names(document) == ["RunCompletedWebhookBody", "RunCompletedWebhookBodyRun"]
    assert schema_names(document, {"Event": ["webhook run.completed body"]}) == [
        "Event",
        "EventRun",
    ]


def test_a_free_form_object_can_have_a_place_of_its_own() -> None:
    document = answering({"type": "object"})
    assert schema_names(document) == ["JsonObject"]
    assert schema_names(document, {"Readiness": ["GET /v1/things/{id} 200"]}) == ["Readiness"]


def test_no_class_takes_the_name_of_any_object() -> None:
    properties: JSONObject = {"object": THING, "free": {"type": "object"}}
    document = answering({"type": "object", "properties": properties})
    table: JSONObject = {"Json": ["GET /v1/things/{id} 200"]}
    assert schema_names(document, table) == ["Json", "JsonObject", "JsonObject2"]


def test_derived_names_differ_in_more_than_case() -> None:
    properties: JSONObject = dict.fromkeys(("a_b", "aB", "a-b"), THING)
    names = schema_names(answering({"type": "object", "properties": properties}))
    assert names == [
        "GetThingResponse",
        "GetThingResponseAB",
        "GetThingResponseAB2",
        "GetThingResponseAB3",
    ]


def test_a_long_name_is_cut_and_still_told_apart() -> None:
    properties: JSONObject = {f"{'a' * 120}_{end}": THING for end in "xy"}
    names = schema_names(answering({"type": "object", "properties": properties}))
    cut = f"GetThingResponseA{'a' * 119}"[:100]
    assert names == ["GetThingResponse", cut, f"{cut}2"]


def test_the_names_of_the_document_have_no_say() -> None:
    def document(a: str, b: str, c: str) -> JSONObject:
        first: JSONObject = {"type": "object", "properties": {"x": reference(b), "y": reference(c)}}
        loop: JSONObject = {
            "type": "object",
            "properties": {"again": reference(a), "z": reference(c)},
        }
        return answering(reference(a), **{a: first, b: loop, c: THING})

    texts = {
        readable_text(correct(document(*names), None, NamingTable()).document)
        for names in permutations("pqr")
    }
    assert len(texts) == 1


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ({"operations": {"runs": {"Get": "GET /v1/runs"}}}, "snake case"),
        ({"operations": {"Runs": {"get": "GET /v1/runs"}}}, "Runs.get: names are snake case"),
        ({"operations": {"runs": {"get": None}}}, r"runs\.get: give it as METHOD /path"),
        ({"operations": {"runs": {"get": "GET"}}}, "METHOD /path"),
        ({"operations": {"runs": {"get": "/v1/runs"}}}, "METHOD /path"),
        ({"operations": {"runs": {"get": "get /v1/runs"}}}, "METHOD /path"),
        ({"operations": {"runs": {"get": "GET v1/runs"}}}, "METHOD /path"),
        ({"operations": {"runs": {"get": "GET /v1/runs 200"}}}, "METHOD /path"),
        ({"schemas": {"Run": "GET /v1/runs 200"}}, "schema Run: give its places as a list"),
        ({"schemas": {"Run": None}}, "a list of texts"),
        ({"schemas": {"Run": ["GET /v1/runs 200", 1]}}, "a list of texts"),
        (
            {"operations": {"a": {"x": "GET /a"}, "b": {"x": "GET /b", "y": "GET  /a"}}},
            r"b\.y: GET /a or the name stands twice",
        ),
        ({"operations": {"runs": {"a": "GET /v1/{x}", "b": "GET /v1/{y}"}}}, "stands twice"),
        ({"schemas": {"run": ["GET /v1/runs 200"]}}, "Pascal case"),
        ({"schemas": {"A": ["GET /{x} 200"], "B": ["GET /{y}  200"]}}, "is A already"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(table: JSONObject, reason: str) -> None:
    with pytest.raises(DocumentError, match=reason):
        parse_table(table)


def test_a_part_of_the_table_may_be_left_empty() -> None:
    assert parse_table({"operations": None, "schemas": None}) == NamingTable()
    assert parse_table({"operations": {"runs": None}}) == NamingTable()


def test_the_table_of_the_project_is_read(tmp_path: Path) -> None:
    table = read_table()
    assert table.operations["GET /v1/runs/{}"] == OperationName("runs", "get_run")
    assert len(table.operations) == 67
    wrong = tmp_path / "naming.yaml"
    wrong.write_text("schemas: {run: [GET /v1/runs 200]}\n")
    with pytest.raises(DocumentError, match=r"^naming\.yaml: schema run"):
        read_table(wrong)
