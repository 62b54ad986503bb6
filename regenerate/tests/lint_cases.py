"""Small documents that break the rules of the lint, each with the place of the finding."""

from ..document.json_tree import JSONObject, JSONValue, object_at
from .small_documents import answering, reference, with_operation, with_paths

TEXT: JSONObject = {"type": "string"}
LISTS: JSONObject = {"type": "array", "items": TEXT}
NESTED: JSONObject = {"type": "object", "properties": {"lists": LISTS}}
OK: JSONObject = {"responses": {"200": {"description": "OK."}}}
THING: JSONObject = {"type": "object", "properties": {"id": TEXT}}


def parameter(
    where: str, schema: JSONValue = None, name: str = "q", **fields: JSONValue
) -> JSONObject:
    """Return a document with one more parameter."""
    written: JSONObject = {
        "name": name,
        "in": where,
        "schema": TEXT if schema is None else schema,
        **fields,
    }
    return with_operation({"parameters": [written]})


def parameters(*names: str, **operation: JSONValue) -> JSONObject:
    """Return a document with query parameters of these names."""
    return with_operation(
        {
            **operation,
            "parameters": [{"name": name, "in": "query", "schema": TEXT} for name in names],
        }
    )


def property_named(*names: str) -> JSONObject:
    """Return a document whose answer has properties of these names."""
    return answering({"type": "object", "properties": dict.fromkeys(names, TEXT)})


def operations(*ids: str, tag: str = "things") -> JSONObject:
    """Return a document with one operation an id, all of one tag."""
    return with_paths(
        {
            f"/v1/{n}": {"get": {**OK, "operationId": name, "tags": [tag]}}
            for n, name in enumerate(ids)
        }
    )


def body(kind: str, schema: JSONValue) -> JSONObject:
    """Return a document whose operation takes a body of this content type."""
    return with_paths(
        {"/v1": {"post": {**OK, "requestBody": {"content": {kind: {"schema": schema}}}}}}
    )


def without(document: JSONObject, section: str, key: str) -> JSONObject:
    """Return the document without one key of one of its sections."""
    return {
        **document,
        section: {
            name: value for name, value in object_at(document, section).items() if name != key
        },
    }


def union(**fields: JSONValue) -> JSONObject:
    """Return a document whose answer is one of two objects."""
    variants: list[JSONValue] = [reference("A"), reference("B")]
    other: JSONObject = {"type": "object", "properties": {"kind": TEXT}}
    return answering({"oneOf": variants, **fields}, A=other, B=other)


def bodies(**contents: JSONValue) -> JSONObject:
    """Return a document whose operation takes a body of one of several content types.

    `_` stands for their slash.
    """
    content: JSONObject = {
        kind.replace("_", "/"): {"schema": schema} for kind, schema in contents.items()
    }
    return with_paths({"/v1": {"post": {**OK, "requestBody": {"content": content}}}})


BYTES: JSONObject = {"type": "string", "format": "binary"}
PHOTO: JSONObject = {"type": "object", "properties": {"photo": BYTES}}
ITEMS: JSONObject = {"type": "array", "items": TEXT}
CONTENT = "/paths/~1v1/post/requestBody/content"
WEBHOOK: JSONObject = {
    "run": {"post": {**OK, "requestBody": {"content": {"application/json": {"schema": THING}}}}}
}
GET = "/paths/~1v1~1things~1{id}/get"
SCHEMA = f"{GET}/responses/200/content/application~1json/schema"

CASES: list[tuple[str, JSONObject, str]] = [
    # names
    ("same-module", operations("Models.list", "models-list"), "/paths/~1v1~11/get"),
    (
        "same-module",
        with_paths({"/v1/a-b": {"get": OK}, "/v1/a_b": {"get": OK}}),
        "/paths/~1v1~1a_b/get",
    ),
    ("file-name", operations("../../etc/passwd"), "/paths/~1v1~10/get/operationId"),
    ("file-name", operations("a\x00b"), "/paths/~1v1~10/get/operationId"),
    ("file-name", operations('a"""b'), "/paths/~1v1~10/get/operationId"),
    ("file-name", operations("fine", tag="{{ tag }}"), "/paths/~1v1~10/get/tags"),
    ("file-name", operations("fine", tag="💥"), "/paths/~1v1~10/get/tags"),
    ("file-name", operations("a" * 201), "/paths/~1v1~10/get/operationId"),
    ("file-name", answering(TEXT, **{"../x": THING}), "/components/schemas/..~1x"),
    ("wire-name", parameter("query", name="a\nb"), f"{GET}/parameters/1/name"),
    ("wire-name", parameter("header", name='a"b'), f"{GET}/parameters/1/name"),
    ("wire-name", property_named("a\u2028b"), f"{SCHEMA}/properties/a\u2028b"),
    ("wire-name", answering({"type": "string", "enum": ["a\nb"]}), f"{SCHEMA}/enum"),
    ("wire-name", answering({"type": "string", "const": "a\x7f"}), f"{SCHEMA}/const"),
    ("same-class", answering(TEXT, run=THING, RUN=THING), "/components/schemas/RUN"),
    (
        "same-class",
        answering(TEXT, RunLog=THING, **{"run-log": THING}),
        "/components/schemas/run-log",
    ),
    ("client-name", answering(TEXT, Response=THING), "/components/schemas/Response"),
    ("client-name", answering(TEXT, unset=THING), "/components/schemas/unset"),
    ("client-name", answering(TEXT, ValueError=THING), "/components/schemas/ValueError"),
    (
        "equal-title",
        answering(TEXT, A={**THING, "title": "T"}, B={**THING, "title": "T"}),
        "/components/schemas/B/title",
    ),
    ("property-name", property_named("to_dict"), f"{SCHEMA}/properties/to_dict"),
    (
        "property-name",
        property_named("additionalProperties"),
        f"{SCHEMA}/properties/additionalProperties",
    ),
    ("property-name", property_named("+1", "-1"), f"{SCHEMA}/properties/-1"),
    ("property-name", property_named("Self", "self"), f"{SCHEMA}/properties/Self"),
    ("parameter-name", parameters("+1", "-1"), f"{GET}/parameters/2"),
    (
        "parameter-name",
        parameters("body", requestBody={"content": {"application/json": {}}}),
        f"{GET}/parameters/1",
    ),
    # operations
    (
        "path-item-reference",
        with_paths({"/a": {"$ref": "#/paths/~1b"}, "/b": {"get": OK}}),
        "/paths/~1a",
    ),
    ("path-template", with_paths({"/a/{id}": {"get": OK}}), "/paths/~1a~1{id}/get"),
    ("path-template", parameter("path", name="other", required=True), GET),
    ("path-template", with_paths({"/a/../b": {"get": OK}}), "/paths/~1a~1..~1b"),
    ("path-template", with_paths({"/a?b=c": {"get": OK}}), "/paths/~1a?b=c"),
    ("path-template", with_paths({"/a/{b": {"get": OK}}), "/paths/~1a~1{b"),
    ("path-template", with_paths({"/{slug:path}": {"get": OK}}), "/paths/~1{slug:path}"),
    ("ambiguous-path", with_paths({"/{a}": {"get": OK}, "/{b}": {"get": OK}}), "/paths/~1{b}/get"),
    (
        "parameter-schema",
        with_operation({"parameters": [{"name": "q", "in": "query"}]}),
        f"{GET}/parameters/1",
    ),
    (
        "parameter-style",
        parameter("query", NESTED, style="deepObject"),
        f"{GET}/parameters/1",
    ),
    ("parameter-style", parameter("query", TEXT, style="deepObject"), f"{GET}/parameters/1"),
    ("parameter-style", parameter("query", LISTS, style="simple"), f"{GET}/parameters/1"),
    ("parameter-style", parameter("header", LISTS, style="pipeDelimited"), f"{GET}/parameters/1"),
    (
        "parameter-style",
        parameter("query", {"type": "array", "items": LISTS}, explode=False),
        f"{GET}/parameters/1",
    ),
    ("parameter-style", parameter("cookie", LISTS), f"{GET}/parameters/1"),
    ("parameter-style", parameter("cookie", NESTED, explode=False), f"{GET}/parameters/1"),
    ("parameter-style", parameter("header", NESTED), f"{GET}/parameters/1"),
    (
        "parameter-style",
        parameter("header", {"type": "object"}, explode=True),
        f"{GET}/parameters/1",
    ),
    ("content-type", body("json", TEXT), f"{CONTENT}/json"),
    ("answer", with_operation({"responses": {}}), f"{GET}/responses"),
    (
        "answer",
        with_operation({"responses": {"200": {"description": "D"}, "ok": {"description": "D"}}}),
        f"{GET}/responses/ok",
    ),
    (
        "incoming-payload",
        {**answering(TEXT), "webhooks": WEBHOOK},
        "/webhooks/run/post/requestBody/content/application~1json",
    ),
    (
        "other-server",
        with_operation({"servers": [{"url": "https://uploads.example.com"}]}),
        f"{GET}/servers",
    ),
    (
        "security",
        {
            **with_operation({"security": [{"K": []}]}),
            "components": {"securitySchemes": {"K": {"type": "mutualTLS"}}},
        },
        f"{GET}/security",
    ),
    ("no-operation", with_paths({}), "/paths"),
    # bodies
    ("form", body("multipart/form-data", TEXT), f"{CONTENT}/multipart~1form-data"),
    ("body", with_operation({"requestBody": {"content": {}}}), f"{GET}/requestBody"),
    ("bytes", answering(PHOTO), f"{SCHEMA}/properties/photo"),
    (
        "bytes",
        answering({"type": "array", "items": reference("R")}, R=PHOTO),
        "/components/schemas/R/properties/photo",
    ),
    ("bytes", parameter("query", BYTES), f"{GET}/parameters/1/schema"),
    (
        "bytes",
        body("application/x-www-form-urlencoded", PHOTO),
        f"{CONTENT}/application~1x-www-form-urlencoded/schema/properties/photo",
    ),
    (
        "bytes",
        body(
            "multipart/form-data",
            {"type": "object", "properties": {"parts": {"type": "array", "items": PHOTO}}},
        ),
        f"{CONTENT}/multipart~1form-data/schema/properties/parts/items/properties/photo",
    ),
    ("body-type", bodies(application_json=TEXT, text_plain=TEXT), f"{CONTENT}/text~1plain"),
    ("body-type", bodies(application_json={}, text_plain=TEXT), f"{CONTENT}/text~1plain"),
    (
        "body-type",
        bodies(**{"application_json": ITEMS, "application_a+json": {**ITEMS, "items": {}}}),
        f"{CONTENT}/application~1a+json",
    ),
    # schemas
    ("reference", answering(reference("Gone")), SCHEMA),
    ("reference", answering({"$ref": "http://127.0.0.1:1/x.json"}), SCHEMA),
    ("reference", answering({"$ref": "file:///etc/passwd"}), SCHEMA),
    ("reference", answering({"$ref": "other.json#/x"}), SCHEMA),
    (
        "dialect",
        {**answering(TEXT), "jsonSchemaDialect": "http://127.0.0.1:1/"},
        "/jsonSchemaDialect",
    ),
    ("dialect", answering({**TEXT, "$schema": "http://127.0.0.1:1/"}), f"{SCHEMA}/$schema"),
    ("dialect", answering({**TEXT, "$id": "http://127.0.0.1:1/"}), f"{SCHEMA}/$id"),
    ("head", without(answering(TEXT), "info", "version"), "/info/version"),
    ("head", {**answering(TEXT), "openapi": "3.2.0"}, "/openapi"),
    ("enum", answering({"enum": []}), f"{SCHEMA}/enum"),
    ("enum", answering({"enum": ["a", 1]}), f"{SCHEMA}/enum"),
    ("enum", answering({"enum": [1.5]}), f"{SCHEMA}/enum"),
    ("enum", answering({"type": "integer", "enum": ["1"]}), f"{SCHEMA}/enum"),
    ("array", answering({"type": "array"}), SCHEMA),
    (
        "recursive-array",
        answering(TEXT, L={"type": "array", "items": reference("L")}),
        "/components/schemas/L",
    ),
    (
        "recursive-array",
        answering(TEXT, J={"anyOf": [TEXT, {"type": "array", "items": reference("J")}]}),
        "/components/schemas/J",
    ),
    ("all-of", answering({"allOf": [TEXT, {"type": "integer"}]}), f"{SCHEMA}/allOf"),
    ("discriminator", union(discriminator={"propertyName": "kind"}), SCHEMA),
    ("properties-beside-union", union(properties={"id": TEXT}), SCHEMA),
    ("two-unions", union(anyOf=[TEXT]), SCHEMA),
    ("two-unions", union(type=["object", "null"]), SCHEMA),
    ("null-reference", answering({**reference("A"), "nullable": True}, A=THING), SCHEMA),
    ("file", answering({"type": "string", "contentMediaType": "image/png"}), SCHEMA),
    (
        "impossible",
        answering({"type": "object", "properties": {"a": False}}),
        f"{SCHEMA}/properties/a",
    ),
    # tools
    ("validity", {**answering(TEXT), "paths": []}, "/paths"),
    ("validity", operations("twice", "twice"), ""),
    (
        "generator",
        parameter("path", {"anyOf": [TEXT, {"type": "null"}]}, name="id", required=True),
        GET,
    ),
    ("generator", answering({"type": "string", "format": "uuid", "default": "no"}), GET),
]
