"""Each rule of the lint finds its defects, names place and remedy, and passes sound documents."""

import contextlib
import copy
import socket
import threading
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import pytest
from openapi_python_client.parser import GeneratorData
from openapi_python_client.schema import Schema

from ...correct.corrected import correct
from ...document.json_tree import JSONObject, JSONValue, at_pointer, parse_document
from ...lint import _tools
from ...lint.findings import Finding
from ...lint.linter import RULES, lint
from ...project.paths import DOCUMENT
from ..lint_cases import BYTES, CASES, TEXT, THING, bodies, body, parameter
from ..small_documents import answering, json_answer, reference, taking, with_operation, with_paths


@pytest.mark.parametrize(
    ("rule", "document", "place"), CASES, ids=[f"{rule}-{n}" for n, (rule, *_) in enumerate(CASES)]
)
def test_a_rule_finds_what_it_is_for(rule: str, document: JSONObject, place: str) -> None:
    found = list(RULES[rule](document))
    assert place in [where for where, _, _ in found]
    assert all(what and remedy.endswith(".") for _, what, remedy in found)


def test_every_rule_has_a_case_and_a_reason() -> None:
    assert {rule for rule, *_ in CASES} == set(RULES)
    assert all(rule.__doc__ for rule in RULES.values())


@pytest.mark.parametrize(
    "document",
    [
        answering(TEXT),
        answering({"type": "array", "items": reference("Run")}, Run=THING),
        answering({"anyOf": [reference("Run"), {"type": "null"}]}, Run=THING, RunLog=THING),
        answering(reference("N"), N={"type": "object", "properties": {"next": reference("N")}}),
        answering({"type": "string", "enum": ["succeeded", "failed", "partial_succeeded"]}),
        answering(
            {
                "type": "object",
                "properties": {"$ref": TEXT, "enum": TEXT, "fooBar": TEXT, "foo_bar": TEXT},
            }
        ),
        taking(reference("R"), R=THING),
        body("multipart/form-data", reference("R")) | {"components": {"schemas": {"R": THING}}},
        body("image/png", BYTES),
        body(
            "multipart/form-data",
            {"type": "object", "properties": {"a": BYTES, "b": {"type": "array", "items": BYTES}}},
        ),
        bodies(
            application_json=reference("R"),
            application_xml=reference("R"),
            text_csv=TEXT,
            image_png={},
            image_jpeg={},
        )
        | {"components": {"schemas": {"R": THING}}},
        parameter("header", {"type": "string", "format": "uuid"}),
        parameter("header", {"anyOf": [TEXT, {"type": "null"}]}),
        parameter("query", {"type": "array", "items": TEXT}),
        parameter("query", {"type": "string", "format": "date-time"}),
        with_operation(
            {
                "responses": {
                    "200": json_answer(TEXT),
                    "4XX": json_answer(THING),
                    "default": json_answer(THING),
                }
            }
        ),
        {**answering({"type": "string", "nullable": True}), "openapi": "3.0.3"},
    ],
)
def test_sound_documents_have_no_findings(document: JSONObject) -> None:
    assert lint(document) == []


SOUND: dict[str, JSONObject] = {
    "values and null": {"type": ["string", "null"], "enum": ["a", "b", None]},
    "values or null": {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
    "numbers": {"type": "integer", "enum": [0, 1, -1]},
    "one value": {"type": "string", "enum": ["a"]},
    "an empty value": {"type": "string", "enum": ["", "a"]},
    "a constant": {"type": "string", "const": "a"},
    "limits of zero": {"type": "integer", "minimum": 0, "maximum": 0},
    "a default that is false": {"type": "boolean", "default": False},
    "a default that is null": {"type": ["string", "null"], "default": None},
    "a number": {"type": "number"},
    "an id": {"type": "string", "format": "uuid"},
    "a moment": {"type": "string", "format": "date-time"},
    "a map": {"type": "object", "additionalProperties": {"type": "integer"}},
    "anything": {},
    "an object without fields": {"type": "object", "properties": {}},
    "a list of lists": {"type": "array", "items": {"type": "array", "items": TEXT}},
}
AROUND: dict[str, Callable[[JSONObject], JSONObject]] = {
    "answer": answering,
    "field": lambda one: answering({"type": "object", "properties": {"f": one}}),
    "item": lambda one: answering({"type": "array", "items": one}),
    "value": lambda one: answering({"type": "object", "additionalProperties": one}),
    "class": lambda one: answering(reference("Named"), Named=one),
    "sent": taking,
}


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("sound", SOUND)
def test_sound_schemas_have_no_findings_anywhere(sound: str, around: str) -> None:
    assert lint(AROUND[around](SOUND[sound])) == []


def test_the_published_document_has_no_findings() -> None:
    assert lint(correct(parse_document(DOCUMENT.read_bytes())).document) == []


def test_all_findings_come_at_once_in_the_order_of_their_places() -> None:
    schema: JSONObject = {
        "type": "object",
        "properties": {"a": {"type": "array"}, "b": {"enum": []}, "to_dict": TEXT},
    }
    found = lint(answering(schema, Response=THING))
    assert {"array", "enum", "property-name", "client-name"} <= {finding.rule for finding in found}
    assert [finding.place for finding in found] == sorted(finding.place for finding in found)


def test_places_are_pointers_into_the_document() -> None:
    for rule, document, _ in CASES:
        for finding in lint(document):
            if rule not in ("head", "validity") and finding.place:
                at_pointer(document, finding.place)


def test_a_finding_reads_as_a_sentence() -> None:
    finding = Finding("/paths/~1a", "array", "the array does not say what it holds", "Add items.")
    assert str(finding) == "/paths/~1a: the array does not say what it holds (array). Add items."


@pytest.fixture
def asked() -> Iterator[tuple[int, list[object]]]:
    """Return a port of this machine, and who connected to it: each is turned away at once."""
    found: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def turn_away() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = server.accept()
                    found.append(address)
                    connection.close()

        thread = threading.Thread(target=turn_away, daemon=True)
        thread.start()
        yield server.getsockname()[1], found
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_nothing_is_fetched(asked: tuple[int, list[object]]) -> None:
    port, found = asked
    url = f"http://127.0.0.1:{port}/x.json"
    for document in (
        answering({"$ref": url}),
        answering({**TEXT, "$schema": url}),
        answering({**TEXT, "$id": url}),
        {**answering(TEXT), "jsonSchemaDialect": url},
        with_paths({"/a": {"$ref": url}}),
        {**with_paths({"/a": {"$ref": url}}), "openapi": "3.0.3"},
        with_operation({"parameters": [{"$ref": url}]}),
        with_operation({"responses": {"200": {"$ref": url}}}),
        with_operation(
            {"responses": {"200": {"description": "D", "links": {"a": {"operationRef": url}}}}}
        ),
    ):
        lint(document)
        lint(correct(document, None).document)
    for scheme, version in product(("http", "https", "ftp"), ("3.0.3", "3.1.0")):
        elsewhere = answering({"$ref": url.replace("http", scheme, 1)})
        assert unread({**elsewhere, "openapi": version})
    assert found == []


def unread(document: JSONObject) -> bool:
    """Return whether the validator says that it cannot read what a reference leads to."""
    (found,) = RULES["validity"](document)
    return found[:1] == ("",) and found[1].startswith("the validator cannot read it: ")


def invalid(schema: JSONObject, **more: JSONValue) -> list[str]:
    """Return what the validator finds in a document with this schema."""
    return [what for _, what, _ in RULES["validity"]({**answering(schema), **more})]


def test_a_schema_is_looked_at_again_where_it_was_wrong_or_means_something_else() -> None:
    sound: JSONObject = {"type": "number", "minimum": 731, "exclusiveMinimum": 1}
    of_old: JSONObject = {**sound, "exclusiveMinimum": True}
    draft = "http://json-schema.org/draft-04/schema#"
    assert invalid(sound) == invalid(of_old, jsonSchemaDialect=draft) == []
    for _ in range(2):
        assert invalid(of_old) == ["True is not of type 'number'"]
    assert invalid(sound) == []


def test_so_many_valid_schemas_are_remembered_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that looks at many documents must not keep all their schemas."""
    remembered = set[tuple[str, str]]()
    monkeypatch.setattr(_tools, "_valid_schemas", remembered)
    monkeypatch.setattr(_tools, "_MAX_VALID_SCHEMAS", 4)
    sizes: list[int] = []
    for length in range(9):
        assert invalid({**TEXT, "maxLength": length}) == []
        sizes.append(len(remembered))
    assert 0 < max(sizes) <= 4


def test_no_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x.json"
    path.write_text('{"type": "string"}')
    for address in (path.as_uri(), "x.json", str(path)):
        for version in ("3.0.3", "3.1.0"):
            assert unread({**answering({"$ref": address}), "openapi": version})


def test_findings_are_the_same_on_every_run() -> None:
    document = answering({"type": "string", "enum": ["a"], "default": "b"}, Response=THING)
    assert [str(finding) for finding in lint(document)] == [
        str(finding) for finding in lint(document)
    ]
    assert any("b is not valid for enum ..." in finding.what for finding in lint(document))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (None, []),
        (ValueError("no\n such  name"), ["the generator stops: no such name"]),
        (ValueError("x" * 279), [f"the generator stops: {'x' * 279}"]),
        (ValueError("x" * 280), [f"the generator stops: {'x' * 276}..."]),
        (RecursionError(), ["the generator does not end"]),
    ],
)
def test_the_schemas_of_the_generator_are_copied_as_usual_after_a_lint(
    error: Exception | None, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(*_: object, **__: object) -> None:
        assert error is not None
        raise error

    if error is not None:
        monkeypatch.setattr(GeneratorData, "from_dict", raises)
    schema = Schema.model_validate(TEXT)
    assert [(place, what) for place, what, _ in RULES["generator"](answering(TEXT))] == [
        ("", one) for one in told
    ]
    assert copy.deepcopy(schema) is not schema


@pytest.mark.parametrize(
    ("made", "told"), [(2, []), (1, ["the generator makes 1 of 2 operations"])]
)
def test_an_operation_that_the_generator_leaves_out_in_silence_is_told(
    made: int, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = SimpleNamespace(parse_errors=[], endpoints=[None] * made)
    data = SimpleNamespace(errors=[], endpoint_collections_by_tag={"default": collection})

    def from_dict(*_: object, **__: object) -> SimpleNamespace:
        return data

    monkeypatch.setattr(GeneratorData, "from_dict", from_dict)
    document = with_paths({"/a": {"get": {"responses": {}}, "put": {"responses": {}}}})
    found = [*RULES["generator"](document)]
    assert [(place, what) for place, what, _ in found] == [("/paths", one) for one in told]
