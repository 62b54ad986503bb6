"""What the templates are told of a document with every fact."""

from suites.snapshot import check_snapshot

from ...correct.bodies import settle_bodies
from ...correct.headers import settle_headers
from ...document.json_tree import JSONObject, JSONValue, copy_document
from ...generate._template_data import facts_template, limits_module
from ..every_word import SNAPSHOTS
from ..small_documents import with_paths

TEXT: JSONObject = {"type": "string"}


def parameter(where: str, name: str, schema: JSONValue, **more: JSONValue) -> JSONObject:
    return {"name": name, "in": where, "required": where == "path", "schema": schema, **more}


NAMES = "#/components/schemas/Names"
LIST: JSONObject = {"type": "array", "items": TEXT}
DEEP: JSONObject = {"type": "object", "additionalProperties": TEXT}
KEY: JSONObject = {"type": "apiKey", "in": "query", "name": "the key"}
DONE: JSONObject = {"responses": {"200": {"description": "D"}}}
EVERY_FACT: JSONObject = {
    **with_paths(
        {
            "/v1/{b}/and/{a}.zip": {
                "get": {
                    **DONE,
                    "operationId": "get",
                    "parameters": [
                        parameter("path", "a", TEXT, description="A's {{ x }}\n'\"é"),
                        parameter("path", "b", {"type": "integer"}, deprecated=True),
                        parameter("query", "plain", {"type": "integer", "maximum": 100}),
                        parameter("query", "joined", LIST, explode=False),
                        parameter("query", "piped", LIST, style="pipeDelimited", explode=False),
                        parameter("query", "deep", DEEP, style="deepObject"),
                        parameter("query", "text", {**LIST}, **{"x-json-text": True}),
                        parameter("query", "named", {"$ref": NAMES}, explode=False),
                        parameter("query", "odd", TEXT, style="label"),
                        parameter("header", "X-List", LIST, deprecated=True, description="D."),
                        parameter("header", "X-When", {"type": "string", "format": "date-time"}),
                        parameter("cookie", "c", {**TEXT, "description": "inner"}, deprecated=True),
                    ],
                },
                "delete": {**DONE, "operationId": "del", "deprecated": True, "x-inferred": True},
            },
            "/v1/{first}/{whole}": {
                "get": {
                    **DONE,
                    "operationId": "whole",
                    "parameters": [
                        parameter("path", "whole", TEXT, **{"x-many-segments": True}),
                        parameter("path", "first", LIST, **{"x-many-segments": "yes"}),
                        parameter("cookie", "list", LIST, explode=False),
                    ],
                }
            },
            "/v1/models/{id}": {
                "post": {
                    **DONE,
                    "operationId": "post",
                    "deprecated": "yes",
                    "tags": ["Models", "more"],
                    "parameters": [
                        parameter("path", "id", TEXT, **{"x-many-segments": True}),
                        parameter("query", "plain", {"type": "integer", "maximum": 0}),
                        parameter("query", "most", {"anyOf": [{"maximum": 7}, {"maximum": 9}]}),
                        parameter("query", "part", {"type": "number", "maximum": 1.5}),
                        parameter("query", "flag", {"maximum": True}),
                        parameter("header", "limit", {"type": "integer", "maximum": 5}),
                    ],
                    "responses": {
                        "200": {"content": {"application/json": {}, "text/csv": {}}},
                        "201": {"content": {"application/json": {}}},
                        "404": {"content": {"image/png": {}, "a/b+json": {}}},
                    },
                }
            },
        },
        Names=LIST,
        Status={"type": "string", "enum": ["a", "b"], "description": "Terminal: b."},
    )
}


def test_what_templates_are_told_is_what_it_was_before() -> None:
    settled = settle_bodies(copy_document(EVERY_FACT))
    settle_headers(settled.document)
    facts = facts_template(settled.document, settled.several, ["api_key", "it's"])
    lines = [facts.replace("}, '", "},\n    '").replace(": [{", ":\n    [{")]
    lines += [limits_module(EVERY_FACT), limits_module(with_paths({}))]
    lines += [facts_template(with_paths({}), {}, ())]
    keyed: JSONObject = {**EVERY_FACT, "components": {"securitySchemes": {"K": KEY}}}
    paths: JSONObject = {"/a": {"get": {**DONE, "security": [{"K": []}]}}}
    lines += [facts_template({**keyed, "paths": paths}, {}, ())]
    check_snapshot(SNAPSHOTS / "facts.txt", "\n".join(lines))
