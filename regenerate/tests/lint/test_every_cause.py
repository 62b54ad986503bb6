"""Which of the tools' findings are told beside ours, and what the command prints."""

import copy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openapi_python_client.schema import Schema
from suites.snapshot import check_snapshot

from ...document.json_tree import (
    MAX_NESTING,
    DocumentError,
    JSONObject,
    JSONValue,
    readable_text,
)
from ...lint.linter import OUR_NAMES, RULES, lint, main
from ..every_word import SNAPSHOTS
from ..lint_cases import CASES, OK, TEXT, THING
from ..rule_edges import operation_edges
from ..schema_edges import schema_edges
from ..small_documents import answering, reference, with_operation, with_paths

LOOP: JSONObject = {"anyOf": [TEXT, reference("Loop")]}
BAD: JSONObject = {"type": "array"}
WRONG: JSONObject = {"type": "string", "format": "uuid", "default": "no"}


def two(first: JSONValue, second: JSONValue, **named: JSONValue) -> JSONObject:
    """Return a document with two operations that answer with these schemas."""
    paths: JSONObject = {
        f"/{name}": {
            "get": {
                "responses": {
                    "200": {"description": "D", "content": {"application/json": {"schema": schema}}}
                }
            }
        }
        for name, schema in (("a", first), ("b", second))
    }
    return with_paths(paths, **named)


DOCUMENTS: dict[str, JSONObject] = {
    "no cause of ours": answering(WRONG),
    "a cause of ours in the operation": answering({**WRONG, "properties": {"a": BAD}}),
    "a cause of ours behind references": two(
        reference("A"), TEXT, A={"type": "object", "properties": {"b": reference("B")}}, B=BAD
    ),
    "a cause of ours in another operation": two(WRONG, BAD),
    "a cause of ours beside the reference": two(reference("A"), reference("AB"), A=WRONG, AB=BAD),
    "a cause of ours whose name begins so": two(reference("A"), reference("AB"), A=BAD, AB=WRONG),
    "in a circle": two(reference("A"), WRONG, A={"properties": {"a": reference("A"), "b": BAD}}),
    "a reference that leaves": with_operation({"parameters": [{"$ref": "x.json#/a"}]}),
    "a path item elsewhere": with_paths({"/a": {"$ref": "x.json#/a"}, "/b": {"get": OK}}),
    "a path item that is there": with_paths({"/a": {"$ref": "#/paths/~1b"}, "/b": {"get": OK}}),
    "a path item nowhere": with_paths({"/a": {"$ref": "#/gone"}, "/b": {"get": OK}}),
    "one id in two packages": with_paths(
        {
            "/a": {"get": {**OK, "operationId": "one", "tags": ["A"]}},
            "/b": {"get": {**OK, "operationId": "one", "tags": ["B"]}},
        }
    ),
    "one id in no package": with_paths(
        {"/a": {"get": {**OK, "operationId": "one"}}, "/b": {"get": {**OK, "operationId": "one"}}}
    ),
    "no paths": {"openapi": "3.1.0", "info": {"title": "T", "version": "1"}},
    "no document": {},
    "no title": {**answering(TEXT), "info": {"version": "1"}},
    "an older document": {**answering({"type": "string", "nullable": True}), "openapi": "3.0.3"},
    "an older document with a list": {**answering({"type": ["string"]}), "openapi": "3.0.3"},
    "a newer document with nullable": answering({"type": "string", "nullable": 1}),
    "a loop": answering(reference("Loop"), Loop=LOOP),
    "a loop of parameters": {
        **with_operation({"parameters": [{"$ref": "#/components/parameters/P"}]}),
        "components": {"parameters": {"P": {"$ref": "#/components/parameters/P"}}},
    },
    "a loop of answers": {
        **with_operation({"responses": {"200": {"$ref": "#/components/responses/R"}}}),
        "components": {"responses": {"R": {"$ref": "#/components/responses/R"}}},
    },
    "a loop of bodies": {
        **with_operation({"requestBody": {"$ref": "#/components/requestBodies/B"}}),
        "components": {"requestBodies": {"B": {"$ref": "#/components/requestBodies/B"}}},
    },
    "a loop of one": answering(reference("Loop"), Loop=reference("Loop")),
    "a long message": answering({"type": "string", "enum": ["a" * 400, 1, 2.5, {"b": "c" * 400}]}),
    "a mixed default": answering({"type": "string", "enum": ["a"], "default": "b"}, Response=THING),
    "a parameter of a component": {
        **with_operation({"parameters": [{"$ref": "#/components/parameters/P"}]}),
        "components": {"parameters": {"P": {"name": "p", "in": "query", "schema": WRONG}}},
    },
}


def findings() -> Iterator[str]:
    """Yield every finding of each document."""
    for name, document in DOCUMENTS.items():
        yield f"* {name}"
        before = copy.deepcopy(document)
        yield from (f"    {finding}" for finding in lint(document))
        assert document == before
        # Whatever the tools raised, the schemas of the generator are copied as usual again.
        schema = Schema.model_validate(TEXT)
        assert copy.deepcopy(schema) is not schema


def test_each_finding_is_told_with_its_cause_as_before() -> None:
    check_snapshot(SNAPSHOTS / "causes.txt", "\n".join(findings()) + "\n")


def test_what_was_looked_at_before_changes_no_finding() -> None:
    """The schemas that were found valid are kept, and no others."""
    names = ("a", "b", "c", "d", "e")
    fields: JSONObject = {name: {"type": "string", "title": name} for name in names}
    sound = answering({"type": "object", "properties": fields})
    wrong = answering({"type": "object", "properties": {**fields, "f": {"type": "text"}}})
    told = [[str(one) for one in lint(document)] for document in (wrong, sound, wrong, sound)]
    assert told == [told[0], [], told[0], []]
    assert any("(validity)" in one for one in told[0])


def test_what_is_nested_too_deeply_is_refused_before_a_rule_walks_it() -> None:
    deep: JSONObject = {}
    for _ in range(MAX_NESTING + 1):
        deep = {"x-deep": deep}
    with pytest.raises(DocumentError, match=f"nested deeper than {MAX_NESTING} levels"):
        lint(answering(TEXT) | deep)


def test_no_document_of_a_rule_stops_another_rule() -> None:
    """Whatever is wrong in a document is found by rules, not by an error in one of them."""
    stopped: list[str] = []
    own = {name: rule for name, rule in RULES.items() if name not in ("validity", "generator")}
    documents = [(rule, document) for rule, document, _ in CASES]
    # The pairs of kinds, and the styles, are of plain schemas.
    plain = ("body-type", "parameter-style")
    edges = (*operation_edges(), *schema_edges())
    documents += [(rule, one) for rule, name, one in edges if rule not in plain or "Loop" in name]
    for made_for, document in documents:
        for name, rule in own.items():
            try:
                for place, what, remedy in rule(document):
                    assert place[:1] in ("", "/")
                    assert all((what, remedy.endswith(".")))
            except RecursionError:
                stopped.append(f"{name} stops at a document of {made_for}")
    assert stopped == []


def test_the_rules_about_names_of_ours_are_rules() -> None:
    assert set(OUR_NAMES) <= set(RULES)


def printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["lint", *words])
    code = main()
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_command_prints_findings_or_why_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    corrections = tmp_path / "corrections"
    corrections.mkdir()
    option = ("--corrections", str(corrections))
    sound, bad, broken = (tmp_path / name for name in ("sound.json", "bad.json", "broken.json"))
    sound.write_text(readable_text(answering(TEXT)))
    bad.write_text(readable_text(answering({"type": "string", "enum": []})))
    broken.write_text("{")
    assert printed(monkeypatch, capsys, str(sound), *option) == (0, "", "")
    code, out, err = printed(monkeypatch, capsys, str(bad), *option)
    assert (code, len(out.splitlines()), err) == (1, 1, "")
    assert "/enum: the enum is empty (enum). Remove it" in out
    for path in (broken, tmp_path / "gone.json"):
        code, out, err = printed(monkeypatch, capsys, str(path), *option)
        assert (code, out) == (1, "")
        assert err.startswith(f"{path}: ")
    # A correction counts, and it is looked for in the folder that is named.
    (corrections / "a.overlay.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: A, version: 1.0.0}\nactions:\n"
        "- target: $..enum\n  description: It is empty.\n  remove: true\n"
    )
    assert printed(monkeypatch, capsys, str(bad), *option) == (0, "", "")
