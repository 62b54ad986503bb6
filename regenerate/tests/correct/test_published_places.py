"""A place of the corrected document is told where it stands in the published one."""

from typing import Any, Final

import pytest

from ...correct.published_places import published_place
from ...document.json_tree import JSONObject


def document(*names: str) -> JSONObject:
    """Return an operation that takes these parameters, in this order."""
    parameters: list[JSONObject] = [
        {"in": "query", "name": name, "schema": {"type": "string"}} for name in names
    ]
    return {"paths": {"/a": {"get": {"parameters": [*parameters]}}}}


def test_a_parameter_is_found_by_its_name_wherever_it_was_sorted_to() -> None:
    published, corrected = document("b", "c", "a"), document("a", "b", "c")
    assert [
        published_place(published, corrected, {}, f"/paths/~1a/get/parameters/{index}/schema")
        for index in range(3)
    ] == [f"/paths/~1a/get/parameters/{index}/schema" for index in (2, 0, 1)]


TEXT: Final[JSONObject] = {"type": "string"}
PUBLISHED: Final[dict[str, Any]] = {
    "paths": {
        "/a": {
            "parameters": [
                {"in": "query", "name": "shared", "schema": TEXT},
                {"in": "header", "name": "both", "schema": TEXT},
                {"$ref": "#/components/parameters/Other"},
            ],
            "get": {
                "parameters": [
                    {"in": "query", "name": "both", "schema": {"allOf": [TEXT, {}]}},
                    {"$ref": "#/components/parameters/None"},
                ],
                "responses": {
                    "2xx": {"content": {" Application/JSON": {"schema": TEXT}}},
                    "2XX ": {"description": "Behind."},
                    "404": {"$ref": "#/components/responses/Gone"},
                },
            },
            "post": {"parameters": [{"in": "query", "name": "shared", "schema": TEXT}]},
        },
        "/ref": {"$ref": "#/components/pathItems/Item"},
        "/circle": {"$ref": "#/paths/~1circle"},
    },
    "components": {
        "pathItems": {"Item": {"parameters": [{"in": "query", "name": "i"}], "get": {}}},
        "parameters": {"Other": {"in": "query", "name": "other", "schema": TEXT}},
        "responses": {"Gone": {"headers": {"X": {"schema": TEXT}}}},
        "schemas": {
            "Odd~1": {"properties": {"~1": TEXT}},
            "Model/One": {
                "properties": {
                    "list": {"type": "array", "items": {"$ref": "#/components/schemas/Two"}},
                    "wrapped": {"allOf": [{}, {"$ref": "#/components/schemas/Two"}]},
                    "kinds": {"type": ["string", "null"], "maxLength": 3},
                    "union": {"oneOf": [{"x": 1}, {"type": "object", "properties": {"z": TEXT}}]},
                    "lost": {"$ref": "#/components/schemas/None"},
                }
            },
            "Two": {
                "properties": {"ID": TEXT, "id": TEXT, "next": {"$ref": "#/components/schemas/Two"}}
            },
        },
    },
}
PARAMETERS: Final = ("both", "other", "shared", "none")
CORRECTED: Final[dict[str, Any]] = {
    "paths": {
        path: {
            method: {"parameters": [{"in": "query", "name": name} for name in PARAMETERS]}
            for method in ("get", "post", "put")
        }
        for path in ("/a", "/ref", "/none")
    }
}
CORRECTED["paths"]["/a"]["get"]["parameters"].append({"in": "header", "name": "both"})
CORRECTED["paths"]["/ref"]["get"]["parameters"].append({"in": "query", "name": "i"})
NAMES: Final = {
    "One": "/components/schemas/Model~1One",
    "Two": "/components/schemas/Two",
    "Inner": "/paths/~1a/get/responses/404/headers/X/schema",
    "Odd": "/components/schemas/Odd~01",
    "Held": "/components/schemas/~1components~1schemas~1Two~1properties~1id",
}
ONE, TWO = (NAMES[name] for name in ("One", "Two"))
FIELDS: Final = f"{ONE}/properties"
S: Final = "/components/schemas"
GET: Final = "/paths/~1a/get"


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("", ""),
        ("/paths/~1a/get/parameters", f"{GET}/parameters"),
        (f"{GET}/parameters/0", f"{GET}/parameters/0"),
        (f"{GET}/parameters/0/schema/maxLength", f"{GET}/parameters/0/schema"),
        (f"{GET}/parameters/0/schema/type", f"{GET}/parameters/0/schema/allOf/0/type"),
        (f"{GET}/parameters/1/schema/type", "/components/parameters/Other/schema/type"),
        (f"{GET}/parameters/2/schema", "/paths/~1a/parameters/0/schema"),
        (f"{GET}/parameters/3/schema", GET),
        (f"{GET}/parameters/4/schema", "/paths/~1a/parameters/1/schema"),
        (f"{GET}/parameters/5", f"{GET}/parameters/1"),
        (f"{GET}/parameters/x", f"{GET}/parameters/1"),
        ("/paths/~1a/post/parameters/2/name", "/paths/~1a/post/parameters/0/name"),
        ("/paths/~1a/put/parameters/2", "/paths/~1a/parameters/0"),
        ("/paths/~1a/put/parameters/3", "/paths/~1a/put"),
        ("/paths/~1ref/get/parameters/4", "/components/pathItems/Item/parameters/0"),
        ("/paths/~1ref/get/parameters/0", "/components/pathItems/Item/get"),
        ("/paths/~1none/get/parameters/0", "/paths/~1none/get"),
        (
            f"{GET}/responses/2XX/content/application~1json/schema/type",
            f"{GET}/responses/2xx/content/ Application~1JSON/schema/type",
        ),
        (f"{GET}/responses/404/headers/x/schema", "/components/responses/Gone/headers/X/schema"),
        (f"{GET}/responses/500/x", f"{GET}/responses"),
        ("/paths/~1circle/get", "/paths/~1circle"),
        (S, S),
        (f"{S}/One", ONE),
        (f"{S}/One/properties/list/items/properties/id", f"{TWO}/properties/id"),
        (f"{S}/One/properties/wrapped/properties/id/type", f"{TWO}/properties/id/type"),
        (f"{S}/One/properties/kinds/anyOf/0/maxLength", f"{FIELDS}/kinds/maxLength"),
        (f"{S}/One/properties/kinds/anyOf/1", f"{FIELDS}/kinds"),
        (f"{S}/One/properties/union/anyOf/1/properties/z", f"{FIELDS}/union/oneOf/1/properties/z"),
        (f"{S}/One/properties/union/anyOf/2", f"{FIELDS}/union/oneOf"),
        (f"{S}/One/properties/union/properties/z", f"{FIELDS}/union/oneOf/1/properties/z"),
        (f"{S}/One/properties/lost/properties/id", f"{FIELDS}/lost"),
        (f"{S}/Two/properties/next/properties/next/properties/id", f"{TWO}/properties/id"),
        (f"{S}/Inner/type", "/components/responses/Gone/headers/X/schema/type"),
        (f"{S}/Held/type", f"{TWO}/properties/id/type"),
        (f"{S}/Held", f"{TWO}/properties/id"),
        (f"{S}/Two/properties/Id", f"{TWO}/properties/ID"),
        (f"{S}/Odd/properties/~01/type", f"{S}/Odd~01/properties/~01/type"),
        (f"{S}/Missing/type", S),
    ],
)
def test_a_place_is_followed_as_far_as_it_can_be(place: str, expected: str) -> None:
    assert published_place(PUBLISHED, CORRECTED, dict(NAMES), place) == expected


def test_a_place_below_many_levels_is_followed() -> None:
    deep: JSONObject = {"type": "string"}
    for _ in range(25):
        deep = {"properties": {"a": deep}}
    place = "/components/schemas/Deep" + "/properties/a" * 25 + "/type"
    document: JSONObject = {"components": {"schemas": {"Deep": deep}}}
    assert published_place(document, {}, {}, place) == place
