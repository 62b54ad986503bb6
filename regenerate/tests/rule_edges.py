"""Documents on both sides of each bound that a rule of the lint has, by rule: operations."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from ..document.json_tree import JSONObject, JSONValue
from .lint_cases import LISTS, OK, TEXT, THING, operations, parameter, parameters, property_named
from .schema_edges import NULL, OBJECT, called, components
from .small_documents import answering, reference, with_operation, with_paths

CLIENT_NAMES: Final = [
    "Any",
    "AuthenticatedClient",
    "Client",
    "DecodingError",
    "File",
    "Final",
    "FreeFormObject",
    "Literal",
    "Mapping",
    "NoReturn",
    "Operation",
    "RequestArguments",
    "RequestFiles",
    "Response",
    "Self",
    "UNSET",
    "UnknownVariant",
    "Unset",
]
FIELD_NAMES: Final = [
    "Any",
    "File",
    "Literal",
    "Mapping",
    "RequestFiles",
    "Self",
    "UNSET",
    "UUID",
    "Unset",
    "additional_properties",
    "from_dict",
    "from_part",
    "to_dict",
    "to_multipart",
]


def in_shared_places(written: JSONObject) -> JSONObject:
    """Return a document with this parameter beside the operations and among the components."""
    paths: JSONObject = {"/v1": {"parameters": [written], "get": OK}}
    return components(with_paths(paths), parameters={"P": written})


def of_names() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield documents for the rules about names."""
    yield "same-module", "three", operations("a_b", "a-b", "A.b", "other")
    yield "same-module", "numbers", operations("1", "-1", "+1", tag="2")
    tagged: JSONObject = {**OK, "tags": ["T", "U"], "operationId": "list"}
    other: JSONObject = {**OK, "tags": ["U", "T"], "operationId": "list"}
    default: JSONObject = {**OK, "tags": ["default"]}
    paths: JSONObject = {"/a": {"get": tagged, "post": tagged}, "/b": {"get": other}}
    yield "same-module", "the first tag counts", with_paths(paths)
    yield "same-module", "no tag", with_paths({"/a-b": {"get": OK}, "/a_b": {"get": default}})
    written: JSONObject = {**OK, "operationId": "get_a_b"}
    yield (
        "same-module",
        "one id",
        with_paths({"/a/b": {"get": OK, "put": OK}, "/c": {"get": written}}),
    )
    for name in (
        "a/b",
        "a\\b",
        "a'b",
        'a"b',
        "a`b",
        "a{b",
        "a}b",
        "a..b",
        "a.b",
        "aXb",
        "-",
        "é",
        "a b",
    ):
        yield "file-name", f"named {name}", operations(name)
    for length in (200, 201):
        yield "file-name", f"{length} letters", answering(TEXT, **{"a" * length: THING})
    tags: JSONObject = {**OK, "tags": ["a/b", "", "c'd"], "operationId": ""}
    yield "file-name", "tags", with_paths({"/a": {"get": tags}})
    strange = [f"a{letter}b" for letter in "\x00\u00ad\u00a0\u2028\u2029\"'"]
    schema: JSONObject = {
        "properties": {one: {"enum": ["b", one, 1], "const": one} for one in strange},
        "enum": [1],
        "const": 1,
    }
    yield "wire-name", "strange letters", answering(schema)
    yield "wire-name", "two letters", property_named("\x01\x00a\x01")
    for odd in strange:
        yield "wire-name", f"{odd} in parameters", in_shared_places({"name": odd})
    yield "same-class", "three", answering(TEXT, Run=THING, run=THING, RUN=THING, Runs=THING)
    yield "same-class", "a number", answering(TEXT, **{"1": THING, "Field1": THING})
    names = (*CLIENT_NAMES, "Response2", "file", "none", "list", "Type", "Final_")
    yield "client-name", "each", answering(TEXT, **dict.fromkeys(names, THING))
    titled: JSONObject = {
        name: {"title": title}
        for name, title in zip("ABCDEF", ("One", "one", "", "", "o n e", "Two"), strict=True)
    }
    yield "equal-title", "of case and none", answering(TEXT, **titled, G=THING)
    numbers: JSONObject = {"A": {"title": "1"}, "B": {"title": "Field1"}}
    yield "equal-title", "a number", answering(TEXT, **numbers)
    for name in (*FIELD_NAMES, "toDict", "names"):
        yield "property-name", name, property_named(name)
    yield (
        "property-name",
        "all",
        property_named(*FIELD_NAMES, *map(str.lower, FIELD_NAMES), "request_files"),
    )
    yield "property-name", "three", property_named("+1", "-1", "1", "a-b", "a_b", "aB")
    yield "parameter-name", "three", parameters("+1", "-1", "*1", "aB", "a_b")
    for where in ("path", "query", "header", "cookie", "elsewhere"):
        one: JSONObject = {"name": "+1", "in": where}
        shared: JSONObject = {"P": {"name": "-1", "in": where}, "B": {"name": "body", "in": where}}
        given: JSONObject = {
            "parameters": [one, {"$ref": "#/components/parameters/P"}, shared["B"]]
        }
        yield "parameter-name", where, components(with_operation(given), parameters=shared)
        sent = with_operation({**given, "requestBody": {}})
        yield "parameter-name", f"{where} with a body", components(sent, parameters=shared)


def of_paths() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield documents for the rules about paths, answers, servers and keys."""
    yield "path-item-reference", "beside", with_paths({"/a": {"$ref": "x", "get": OK}, "/b": {}})
    for path in (
        *("/", "a", "", "/a/", "//", "/a/{id}", "/a{id}b", "/{a}{b}", "/{9a}", "/{a.b}", "/{_-}"),
        *("/a b", "/a\\b", "/a#b", "/a'b", '/a"b', "/a}b", "/a\x7fb", "/a..b", "/..", "/é"),
        *("/a?b", "/a\x00b", "/a\x1fb", "/a/../b", "/a/./b", "/a./.b"),
    ):
        yield "path-template", f"path {path}", with_paths({path: {}})
    in_path: JSONObject = {"name": "id", "in": "path"}
    shared: JSONObject = {"P": in_path, "Q": {**in_path, "in": "query"}}
    items: dict[str, JSONObject] = {
        "in the item": {"parameters": [in_path], "get": OK},
        "behind a reference": {
            "get": {**OK, "parameters": [{"$ref": "#/components/parameters/P"}]}
        },
        "of the query": {"get": {**OK, "parameters": [{"$ref": "#/components/parameters/Q"}]}},
        "two too many": {"get": {**OK, "parameters": [{**in_path, "name": one} for one in "ba"]}},
    }
    for name, given in items.items():
        yield "path-template", name, components(with_paths({"/{id}": given}), parameters=shared)
    yield "path-template", "twice", with_paths({"/{b}/{a}/{b}/{a}": {"parameters": [], "get": OK}})
    ambiguous: JSONObject = {
        "/{a}": {"get": OK, "put": OK},
        "/{b}": {"get": OK},
        "/{c}": {"get": OK, "post": OK},
        "/{c}/": {"get": OK},
    }
    yield "ambiguous-path", "three", with_paths(ambiguous)
    codes = [
        "99",
        "100",
        "199",
        "200",
        "599",
        "600",
        "1XX",
        "5XX",
        "6XX",
        "0XX",
        "4xx",
        "default",
        "Default",
        "2000",
        "20",
        "x-a",
        "200x",
    ]
    yield "answer", "each", with_operation({"responses": {code: {} for code in codes}})
    yield "answer", "extensions alone", with_operation({"responses": {"x-a": {}}})
    kinds = [
        "a/b",
        "*/*",
        "a/b;c",
        "a/b;c=d",
        "a/b ;c",
        "a b/c",
        ";",
        "a",
        "a/",
        "/a",
        "a/b/c",
        "a/b+c",
        "a/b,c/d",
        "A/B",
        "x-y/z.1",
        "",
        "a/b\n",
        "a/(b)",
    ]
    content: JSONObject = {kind: {} for kind in kinds}
    both: JSONObject = {"B": {"content": {"a": {}}}}
    yield "content-type", "each", with_operation({"responses": {"200": {"content": content}}})
    yield "content-type", "shared", components(with_paths({}), requestBodies=both, responses=both)
    yield "content-type", "called", called({**OK, "requestBody": {"content": {"a": {}}}})
    payloads: JSONObject = {
        "a/a": {"schema": THING},
        "b/b": {"schema": reference("R")},
        "c/c": {"schema": True},
        "d/d": {},
        "e/e": {"schema": {}},
    }
    yield "incoming-payload", "called", called({"requestBody": {"content": payloads}})
    behind: JSONObject = {"requestBody": {"$ref": "#/components/requestBodies/B"}}
    yield (
        "incoming-payload",
        "shared",
        {
            **called(behind),
            "components": {"requestBodies": {"B": {"content": payloads}}},
        },
    )
    yield "incoming-payload", "sent", with_operation({"requestBody": {"content": payloads}})
    hosts = ["https://a.test", "https://b.test", f"https://{'c' * 72}", f"https://{'c' * 73}"]
    lives: list[JSONObject] = [
        {**OK, "servers": [{"url": hosts[n % 4]}, {"url": hosts[(n + 1) % 4]}]} for n in range(6)
    ]
    served: JSONObject = {f"/{n}": {"get": one} for n, one in enumerate([*lives, lives[0]])}
    yield "other-server", "several", with_paths({**served, "/n": {"get": {**OK, "servers": []}}})
    yield "other-server", "of items alone", with_paths({"/a": {"servers": [{}], "get": OK}})
    yield "no-operation", "items without one", with_paths({"/a": {"x-get": OK, "parameters": []}})
    yield "no-operation", "one", with_paths({"/a": {"trace": OK}})
    yield "no-operation", "webhooks alone", {**called(OK), "paths": {}}
    yield from of_keys()


def of_keys() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield documents whose operations ask for keys."""
    schemes: JSONObject = {
        "Bearer": {"type": "http", "scheme": "bearer"},
        "Header": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "Query": {"type": "apiKey", "in": "query", "name": "key"},
    }
    for most in schemes:
        other = next(one for one in schemes if one != most)
        wanted: dict[str, JSONValue] = {
            "/a": [{most: []}],
            "/b": [{most: []}],
            "/c": [{other: []}],
            "/d": [{other: []}],
            "/e": [{other: []}, {most: []}],
            "/f": [{most: [], other: []}],
            "/g": [{other: []}, {}],
            "/h": [],
            "/i": [{most: []}],
            "/k": [{most: []}],
            "/j": [{other: [], most: []}, {other: []}],
        }
        paths: JSONObject = {
            path: {"get": {**OK, "security": security}} for path, security in wanted.items()
        }
        yield "security", most, components(with_paths(paths), securitySchemes=schemes)
    yield "security", "unknown", with_operation({"security": [{"None": []}]})


def of_parameters() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield documents for the rules about parameters."""
    written_parameters: dict[str, JSONObject] = {
        "a reference": {"$ref": "#/components/parameters/P"},
        "content": {"name": "a", "in": "query", "content": {"application/json": {}}},
        "a schema of anything": {"name": "a", "in": "query", "schema": True},
        "neither": {"in": "query"},
    }
    for name, written in written_parameters.items():
        yield "parameter-schema", name, with_operation({"parameters": [written]})
        yield "parameter-schema", f"{name}, shared", in_shared_places(written)
    shared: JSONObject = {"$ref": "#/components/parameters/P"}
    strange: JSONObject = {"name": "p", "in": "query", "style": "label", "schema": LISTS}
    given = components(with_operation({"parameters": [shared]}), parameters={"P": strange})
    yield "parameter-style", "behind a reference", given
    schemas: dict[str, JSONObject] = {
        "text": TEXT,
        "list": LISTS,
        "lists": {"type": "array", "items": LISTS},
        "flat": {"type": "object", "properties": {"a": TEXT}},
        "deep": {"type": "object", "properties": {"a": LISTS}},
        "maybe": {"anyOf": [OBJECT, NULL]},
        "named": reference("Deep"),
    }
    named: JSONObject = {"schemas": {"Deep": schemas["deep"]}}
    styles = (None, "simple", "form", "deepObject", "label", "spaceDelimited", "strange")
    for where, style, schema in product(("path", "query", "header", "cookie"), styles, schemas):
        for explode in (None, True, False):
            fields: JSONObject = {"style": style} if style is not None else {}
            if explode is not None:
                fields["explode"] = explode
            name = f"{where} {style} {schema} {explode}"
            found = parameter(where, schemas[schema], "q", **fields)
            yield "parameter-style", name, {**found, "components": named}


def operation_edges() -> Iterator[tuple[str, str, JSONObject]]:
    """Yield every edge of a rule about operations: the rule, a name, and the document."""
    yield from of_names()
    yield from of_paths()
    yield from of_parameters()
