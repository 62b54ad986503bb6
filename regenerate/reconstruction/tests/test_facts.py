"""The reconstructed document says what the tables of facts say.

Nothing missing, nothing different, nothing added.
"""

from typing import Final

import pytest

from .observed import observed_operation, observed_schema
from .reading import JsonObject, as_list, as_object, inside, objects, operations_of, read_json

OPERATIONS: Final = read_json("regenerate/reconstruction/tables/operations.json")
SCHEMAS: Final = read_json("regenerate/reconstruction/tables/schemas.json")
OPERATION_FACTS: Final = {
    str(facts["operation"]): facts for facts in objects(OPERATIONS["operations"], "operations.json")
}
SCHEMA_FACTS: Final = inside(SCHEMAS, "schemas")


def test_the_document_has_these_operations_and_no_others(reconstructed: JsonObject) -> None:
    assert sorted(operation.name for operation in operations_of(reconstructed)) == sorted(
        OPERATION_FACTS
    )


@pytest.mark.parametrize("name", OPERATION_FACTS)
def test_operation_is_as_the_facts_say(name: str, reconstructed: JsonObject) -> None:
    found = [operation for operation in operations_of(reconstructed) if operation.name == name]
    assert found, f"the document has no operation {name}"
    assert observed_operation(found[0]) == _expected_operation(OPERATION_FACTS[name])


def test_the_document_has_these_schemas_and_no_others(reconstructed: JsonObject) -> None:
    names = [*SCHEMA_FACTS, *inside(SCHEMAS, "enums")]
    assert sorted(inside(reconstructed, "components", "schemas")) == sorted(names)


@pytest.mark.parametrize("name", SCHEMA_FACTS)
def test_schema_is_as_the_facts_say(name: str, reconstructed: JsonObject) -> None:
    schema = inside(reconstructed, "components", "schemas", name)
    assert observed_schema(schema) == _expected_schema(inside(SCHEMA_FACTS, name))


@pytest.mark.parametrize("name", inside(SCHEMAS, "enums"))
def test_enum_is_as_the_facts_say(name: str, reconstructed: JsonObject) -> None:
    schema = inside(reconstructed, "components", "schemas", name)
    assert schema.get("type") == "string"
    assert schema.get("enum") == inside(SCHEMAS, "enums")[name]


def test_every_assumption_says_so_at_the_top(reconstructed: JsonObject) -> None:
    info = inside(reconstructed, "info")
    assert info.get("x-reconstructed-on")
    assert info.get("x-reconstructed-because")


def test_the_head_of_the_document(reconstructed: JsonObject) -> None:
    assert reconstructed["openapi"] == "3.1.0"
    assert inside(reconstructed, "info")["title"] == "Runflow API"
    assert inside(reconstructed, "info")["version"] == "0.1.0"
    assert reconstructed["servers"] == [
        {"url": "https://api.runflow.io", "description": "Production"}
    ]
    assert reconstructed["security"] == [{"HTTPBearer": []}]
    schemes = inside(reconstructed, "components", "securitySchemes")
    assert schemes == {"HTTPBearer": {"type": "http", "scheme": "bearer"}}
    used = {str(facts["tag"]) for facts in OPERATION_FACTS.values()}
    assert {str(tag["name"]) for tag in objects(reconstructed["tags"], "tags")} == used


def _expected_operation(facts: JsonObject) -> JsonObject:
    parameters = objects(facts["parameters"], "parameters")
    if "list_query" in facts:
        shared = objects(OPERATIONS["list_query"], "list_query")
        parameters += [{**item, "inferred": facts["list_query"] == "inferred"} for item in shared]
    if facts["organization"]:
        parameters.append(inside(OPERATIONS, "organization"))
    request = facts["request"]
    responses: JsonObject = {
        status: {"inferred": False, **as_object(response, status)}
        for status, response in inside(facts, "responses").items()
    }
    for status in as_list(facts["errors"], "errors"):
        responses[str(status)] = inside(OPERATIONS, "errors")
    return {
        "tag": [facts["tag"]],
        "method": facts["method"],
        "path": facts["path"],
        "key": facts["key"],
        "inferred": facts["basis"] != "documented",
        "parameters": {
            f"{item['location']} {item['name']}": _expected_parameter(item) for item in parameters
        },
        "request": None
        if request is None
        else {"inferred": False, **as_object(request, "request")},
        "responses": responses,
    }


def _expected_parameter(facts: JsonObject) -> JsonObject:
    left_out = ("name", "location", "wildcard", "because")
    return {"inferred": False} | {
        word: value for word, value in facts.items() if word not in left_out
    }


def _expected_schema(facts: JsonObject) -> JsonObject:
    return {
        "open": facts.get("open", False),
        "inferred": facts.get("inferred", False),
        "fields": {
            name: _expected_field(as_object(field, name))
            for name, field in inside(facts, "fields").items()
        },
    }


def _expected_field(facts: JsonObject) -> JsonObject:
    expected = {"inferred": False} | {
        word: value for word, value in facts.items() if word not in ("basis", "because")
    }
    if "pattern" in facts:
        expected["pattern"] = inside(SCHEMAS, "patterns")[str(facts["pattern"])]
    return expected
