"""Twelve twins of our document, each with a habit of its own, give our client byte for byte.

What a corrected document says decides alone about the client, so equal ones need no gates of their
own: `make check` holds the client of ours to every gate.
"""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ...correct.corrected import correct
from ...document.json_tree import (
    JSONObject,
    canonical_bytes,
    parse_document,
    readable_text,
    walk,
)
from ...fetch._yaml import as_json
from ...project.paths import DOCUMENT, ROOT
from ..programs import EXPECTED, seen_in
from ..respelling import Edit, operations, other_paths, run_id_called

OWN: dict[str, Any] = {**parse_document(DOCUMENT.read_bytes())}


def schemas(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every object of the document: schemas, and what else there is."""
    for _, value in walk(document):
        if isinstance(value, dict):
            yield value


def other_ids(document: dict[str, Any]) -> None:
    for number, operation in enumerate(operations(document)):
        operation["operationId"] = f"handler_{number}_v1_runs_get"
        for answer in operation["responses"].values():
            answer.pop("links", None)


def renamed_scheme(document: dict[str, Any]) -> None:
    (scheme,) = document["components"]["securitySchemes"].values()
    document["components"]["securitySchemes"] = {"Bearer Token": scheme}
    for value in list(schemas(document)):
        if value.get("security"):
            value["security"] = [{"Bearer Token": []}]


def oauth(document: dict[str, Any]) -> None:
    schemes = document["components"]["securitySchemes"]
    flows: dict[str, Any] = {"password": {"tokenUrl": "token", "scopes": {}}}
    for name in schemes:
        schemes[name] = {"type": "oauth2", "flows": flows}


def security_on_operations(document: dict[str, Any]) -> None:
    security = document.pop("security", None)
    for operation in operations(document):
        if security is not None:
            operation.setdefault("security", security)


def titles(document: dict[str, Any]) -> None:
    for value in list(schemas(document)):
        if isinstance(value.get("type"), str) and "title" not in value:
            value["title"] = "Full Validator"


def null_in_type_lists(document: dict[str, Any]) -> None:
    for value in list(schemas(document)):
        listed = value.get("anyOf")
        both: list[dict[str, Any]] = listed if listed is not None else [{}]
        first, *rest = both
        is_plain = isinstance(first.get("type"), str) and "enum" not in first
        if is_plain and rest == [{"type": "null"}]:
            del value["anyOf"]
            value.update({**first, "type": ["null", first["type"]]})


def lists_of_one(document: dict[str, Any]) -> None:
    for value in list(schemas(document)):
        if isinstance(value.get("$ref"), str) and value["$ref"].startswith("#/components/schemas"):
            value["allOf"] = [{"$ref": value.pop("$ref")}]


def parameters_on_paths(document: dict[str, Any]) -> None:
    for item in document["paths"].values():
        methods = [item[method] for method in item]
        first = [one for one in methods[0].get("parameters", []) if one.get("in") == "path"]
        if first and all(
            one in method.get("parameters", []) for method in methods for one in first
        ):
            item["parameters"] = first
            for method in methods:
                method["parameters"] = [one for one in method["parameters"] if one not in first]


def unused_parts(document: dict[str, Any]) -> None:
    document["components"]["schemas"]["HTTPValidationError"] = {"type": "object", "title": "H"}
    document["components"]["securitySchemes"]["Unused"] = {"type": "http", "scheme": "basic"}
    document["tags"] = [{"name": "Runs"}]
    document["x-internal"] = True


SAME: dict[str, Edit] = {
    "other operation ids": other_ids,
    "a renamed scheme": renamed_scheme,
    "OAuth 2": oauth,
    "security on operations": security_on_operations,
    "titles": titles,
    "null in lists of types": null_in_type_lists,
    "allOf around references": lists_of_one,
    "parameters on paths": parameters_on_paths,
    "unused parts": unused_parts,
}


@cache
def own() -> JSONObject:
    """Return our document, corrected."""
    return correct(OWN).document


def plain(corrected: JSONObject) -> dict[str, Any]:
    """Return a corrected document without its paths' spelling: the operations by their names."""
    found: dict[str, Any] = {**corrected}
    found["paths"] = {
        f"{operation['tags'][0]}.{operation['operationId']}": operation
        for operation in operations(found)
    }
    return found


@pytest.mark.parametrize("name", SAME)
def test_a_habit_that_says_the_same_gives_the_same_bytes(name: str) -> None:
    twin = copy.deepcopy(OWN)
    SAME[name](twin)
    assert twin != OWN
    assert canonical_bytes(correct(twin).document) == canonical_bytes(own())


@pytest.mark.parametrize("spelled", ["{}/", "/api{}"], ids=["slashes", "moved"])
def test_other_paths_give_the_same_operations_and_classes(spelled: str) -> None:
    twin = copy.deepcopy(OWN)
    other_paths(spelled.format)(twin)
    assert plain(correct(twin).document) == plain(own())


def test_other_names_in_braces_give_the_same_names_and_classes() -> None:
    twin = copy.deepcopy(OWN)
    run_id_called("laufnummer")(twin)
    assert twin != OWN
    found, ours = plain(correct(twin).document), plain(own())
    assert found["paths"].keys() == ours["paths"].keys()
    assert found["components"] == ours["components"]


def test_yaml_gives_the_same_bytes() -> None:
    import yaml

    text = b"\xef\xbb\xbf" + yaml.safe_dump(OWN, allow_unicode=True).encode()
    # Safe dumping sorts the keys, so the document does not begin with its version.
    assert canonical_bytes(parse_document(as_json(text))) == canonical_bytes({**OWN})


def test_programs_go_on_with_the_mock_server_of_all_such_twins(tmp_path: Path) -> None:
    twin = copy.deepcopy(OWN)
    for habit in SAME.values():
        habit(twin)
    document = tmp_path / "twin.json"
    document.write_text(readable_text(twin), encoding="utf-8")
    assert seen_in(ROOT, tmp_path / "saved", document) == EXPECTED
