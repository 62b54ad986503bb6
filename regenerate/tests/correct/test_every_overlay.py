"""Overlays: each kind of value into each kind of place, each edit of a file, and where paths that
are spelled otherwise are found.
"""

import copy
import json
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from suites.snapshot import check_snapshot

from ...correct._additions import select_additions
from ...correct._path_templates import alike_paths, followed_targets, nearest_paths, plain_paths
from ...correct.corrected import correct
from ...correct.overlays import (
    AppliedAction,
    OverlayError,
    StaleCorrection,
    apply_overlay,
    parse_overlay,
)
from ...correct.published_places import published_place
from ...document.json_tree import DocumentError, JSONObject, JSONValue, walk
from ...document.path_templates import relocation
from ...naming.operation_names import NamingTable, parse_table
from ..edits import edits
from ..every_word import SNAPSHOTS, difference, every_word
from ..small_documents import corrected_with

ACTION: Final[JSONObject] = {"description": "A reason."}


def overlay(*actions: JSONObject, version: str = "1.1.0") -> JSONObject:
    described: list[JSONValue] = [{**ACTION, **action} for action in actions]
    info: JSONObject = {"title": "T", "version": "1"}
    return {"overlay": version, "info": info, "extends": "a.json", "actions": described}


PLACES: Final[JSONObject] = {
    "object": {"a": 1, "b": {"c": [1]}, "n": None},
    "list": [1, {"a": 2}],
    "text": "x",
    "number": 0,
    "false": False,
    "null": None,
    "objects": [{"a": 1}, {"a": 2}],
    "mixed": [1, []],
}
TARGETS: Final = (
    *("$", "$.object", "$.list", "$.text", "$.number", "$.false", "$.null", "$.list[0]"),
    *(
        "$.objects[*]",
        "$.objects[*].a",
        "$.mixed[*]",
        "$.none",
        "$.list[*]",
        "$..a",
        "$['text','text']",
    ),
    *("$.objects[?@.a > 1]", "$[", "$.object.b.c"),
)
VALUES: Final[tuple[Any, ...]] = (
    {"b": {"c": "x"}},
    *({"a": 2, "z": []}, {"b": {"c": [2], "d": 1}}, {"b": 1}, {"n": 1}, {"a": None}, {"a": {}}),
    *([3], [], "y", 5, True, None, {}),
)


def applied(document: JSONObject, value: JSONObject) -> str:
    """Return what an overlay makes of a document, or why it does not fit."""
    found = copy.deepcopy(document)
    try:
        told = apply_overlay(found, parse_overlay(value, "a.overlay.yaml"))
    except StaleCorrection as error:
        return f"stale: {error}"
    except OverlayError as error:
        return f"refused: {error}"
    return f"{[one.matches for one in told]} {changed(document, found)}"


def changed(before: JSONObject, after: JSONObject) -> str:
    """Return the members of a document that differ."""
    keys = [*after, *(key for key in before if key not in after)]
    missing = object()
    differing = [key for key in keys if before.get(key, missing) != after.get(key, missing)]
    return ", ".join(
        f"{key}: {json.dumps(after[key]) if key in after else 'is gone'}" for key in differing
    )


def actions() -> Iterator[str]:
    for target in TARGETS:
        yield f"== {target}"
        for value in VALUES:
            told = applied(PLACES, overlay({"target": target, "update": value}))
            yield f"update {json.dumps(value)}: {told}"
        yield f"remove: {applied(PLACES, overlay({'target': target, 'remove': True}))}"
    yield "== copies"
    for source, target in product(
        ("$.object", "$.text", "$.none", "$.list[*]", "$["), TARGETS[1:4]
    ):
        action: JSONObject = {"target": target, "copy": source}
        yield f"{source} to {target}: {applied(PLACES, overlay(action))}"
    yield "== version 1.0"
    for target, value in product(("$.object", "$.list", "$.text"), VALUES[-4:]):
        old = overlay({"target": target, "update": value}, version="1.0.3")
        yield f"{target}, {json.dumps(value)}: {applied(PLACES, old)}"
    yield f"copy: {applied(PLACES, overlay({'target': '$', 'copy': '$.a'}, version='1.0.0'))}"
    yield "== several"
    gone: JSONObject = {"target": "$.none", "remove": True}
    kept: JSONObject = {"target": "$.object", "update": {"a": 9}}
    found = copy.deepcopy(PLACES)
    try:
        apply_overlay(found, parse_overlay(overlay(gone, kept, {**gone, "target": "$.z"}), "a"))
    except StaleCorrection as error:
        yield f"{error}\nyet {changed(PLACES, found)}"


FILE: Final = {
    **overlay({"target": "$.object", "update": {"a": 9}}, {"target": "$.text", "remove": True}),
    "x-outside-the-document": False,
}


def files() -> Iterator[str]:
    more: dict[str, JSONObject] = {
        f"version {one!r}": {**FILE, "overlay": one}
        for one in ("1.0.0", "1.1.9", "1.2.0", "2.1.0", "1.1", 1.1, None)
    }
    more |= {f"more: {name}": {**FILE, name: 1} for name in ("x-more", "more", "target")}
    first: Any = FILE["actions"]
    actions: dict[str, JSONValue] = {
        "nothing to do": {"target": "$", **ACTION},
        "two things to do": {"target": "$", "update": 1, "copy": "$", **ACTION},
        "update and remove": {"target": "$.list", "update": 1, "remove": True, **ACTION},
        "update to null": {"target": "$.object", "update": None, **ACTION},
        "no reason": {"target": "$", "update": {}, "description": "  "},
        "another root": {"target": "object", "update": {}, **ACTION},
        "unknown": {"target": "$", "update": {}, "when": 1, **ACTION},
        "copy of a number": {"target": "$", "copy": 1, **ACTION},
        "remove as text": {"target": "$", "remove": "true", **ACTION},
        "no object": 5,
        "the same twice": first[0],
    }
    for name, action in actions.items():
        more[name] = {**FILE, "actions": [first[0], action]}
    yield applied(PLACES, FILE)
    for name, file in {**dict(edits(FILE)), **more, "": {}}.items():
        yield f"{name}: {applied(PLACES, file)}"


def test_overlays_do_what_they_did_before() -> None:
    check_snapshot(SNAPSHOTS / "overlay_actions.txt", "\n".join(actions()) + "\n")
    check_snapshot(SNAPSHOTS / "overlay_files.txt", "\n".join(files()) + "\n")


def test_what_was_applied_is_told_with_its_reason() -> None:
    first: JSONObject = {"target": "$.*", "update": 1, "description": "\n Why. \n"}
    written = overlay(first, {"target": "$.a", "remove": True})
    told = apply_overlay({"a": 0, "b": 0}, parse_overlay(written, "a.overlay.yaml"))
    assert told == [
        AppliedAction("a.overlay.yaml", "T", 1, "Why.", "$.*", 2),
        AppliedAction("a.overlay.yaml", "T", 2, "A reason.", "$.a", 1),
    ]


KNOWN: Final = ("/v1/runs", "/v1/runs/{id}", "/v1/models/{owner}/{slug}/runs", "/v1/a", "/health")
DOCUMENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "as known": KNOWN,
    "other names": tuple(path.replace("{", "{x_") for path in KNOWN),
    "slashes": tuple(f"{path}/" for path in KNOWN),
    "moved": tuple(f"/api{path}" for path in KNOWN),
    "another version": tuple(path.replace("/v1", "/v2") for path in KNOWN),
    "both versions": ("/v2/runs", "/v3/runs", "/x/v2/runs", "/v1/public/runs", "/v1/runs/{a}"),
    "beside another": ("/v1/public/runs", "/v1/public/a"),
    "one name for two": ("/v1/runs/{a}", "/v1/runs/{b}"),
    "behind a parameter": tuple(f"/in/{{team}}{path.removeprefix('/v1')}" for path in KNOWN),
}
JSONPATHS: Final = (
    "$.paths['/v1/runs/{id}'].get.parameters[?@.name=='id'].schema",
    '$.paths["/v1/models/{owner}/{slug}/runs"].post.parameters[?(@.name == "slug")]',
    "$.paths['/v1/runs'].get.responses",
    "$.paths['/{version}/runs/{id}'].get.parameters[?@.name=='id']",
    "$.paths['/v1/none'].get",
    "$.components.schemas.Run",
)
CONVERTED: Final = (
    *("/a/{slug:path}", "/a/{id:int}", "/a/{größe}", "/a/{名前}/{x}", "/a/{a-b}", "/a/{1}"),
    *("/a/{x:path}/{x}", "/a/{a b}/{a.b}", "/a/{}", "/a/{ok}"),
)


def found_paths() -> Iterator[str]:
    for name, there in DOCUMENTS.items():
        paths: JSONObject = {path: {} for path in there}
        document: JSONObject = {"paths": paths}
        for known in (*KNOWN, "/none"):
            yield f"{name}, {known}: {alike_paths(paths, known)}"
        for target in JSONPATHS:
            yield f"    {target}"
            yield f"        {followed_targets(document, target)} {nearest_paths(document, target)}"
        moved = relocation(there, KNOWN)
        yield f"    moved: {moved.is_moved} {moved.old!r} {moved.new!r}"
        yield from (
            f"    {path}: {moved.as_known(path)} {moved.moved_back(path)}"
            for path in (*there, f"{moved.new}/more/", "/api", "/")
        )
    yield "== converters"
    for path in CONVERTED:
        names = [part.partition("}")[0] for part in path.split("{")[1:]]
        parameters: list[JSONValue] = [
            {"in": place, "name": name.partition(":")[0]}
            for name in names
            for place in ("path", "query")
        ]
        parameters.append({"$ref": "#/components/parameters/P"})
        operation: JSONObject = {"get": {"parameters": parameters}}
        shared: JSONObject = {"P": {"in": "path", "name": names[0]}}
        document = {"paths": {path: operation}, "components": {"parameters": shared}}
        plain_paths(document)
        yield f"{path}: {json.dumps(document['paths'], ensure_ascii=False)}"
        assert shared == {"P": {"in": "path", "name": names[0]}}


TABLE: Final = parse_table(
    {"operations": {"models": {"run": "POST /v1/models/{owner}/{slug}/runs", "a": "GET /v1/a"}}}
)
JOINED: Final[JSONObject] = {
    "openapi": "3.1.0",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/v1/models/{id}/runs": {
            "parameters": [{"in": "query", "name": "q", "schema": {"type": "string"}}],
            "post": {
                "tags": ["models"],
                "parameters": [
                    {"in": "path", "name": "id", "required": True, "schema": {"type": "string"}}
                ],
                "responses": {"200": {"description": "OK."}},
            },
            "delete": {"responses": {"204": {"description": "OK."}}},
        },
        "/v1/a": {"get": {"responses": {"200": {"description": "OK."}}}},
    },
}


def joined() -> Iterator[str]:
    base = corrected_with(JOINED, TABLE)
    yield f"{base.split} {base.unmatched_names}"
    yield json.dumps(base.document["paths"])
    for name, edited in edits(JOINED["paths"]):
        try:
            found = corrected_with({**JOINED, "paths": edited}, TABLE)
        except DocumentError as error:
            yield f"{name}: refused: {error}"
            continue
        lines = [*difference(base.document, found.document)]
        if found.split != base.split or lines:
            yield f"{name}: {found.split} {found.unmatched_names}"
            yield from (f"    {line}" for line in lines[:4])


ADDING: Final = parse_overlay(
    {
        **overlay(
            {
                "target": "$.paths",
                "update": {
                    "/v1/flows": {"parameters": [], "get": {"x": 1}, "post": {"x": 2}},
                    "/v1/flows/{id}": {"parameters": [], "get": {}},
                },
            },
            {"target": "$.paths['/v1/flows'].get", "copy": "$.paths['/v1/a'].get"},
            {"target": "$.paths['/v1/flows'].post", "copy": "$.paths['/v1/b'].post"},
            {"target": "$.paths['/v1/flows/{id}'].get", "copy": "$.paths['/v1/flows'].get"},
            {"target": "$.paths['/v1/flows'].get", "update": {"summary": "Flows."}},
        ),
        "x-outside-the-document": True,
    },
    "adds.overlay.yaml",
)
WITHOUT: Final[Mapping[str, JSONObject]] = {
    "everything to copy": {"/v1/a": {"get": {"security": [{"k": []}]}}, "/v1/b": {"post": {}}},
    "nothing to copy": {},
    "one to copy": {"/v1/a": {"get": {}}},
    "the other to copy": {"/v1/b": {"post": {}}},
    "one is there": {"/v1/a": {"get": {}}, "/v1/b": {"post": {}}, "/v1/flows": {"post": {}}},
    "one is there, spelled otherwise": {"/v1/a": {"get": {}}, "/v1/flows/{key}/": {"get": {}}},
    "moved": {f"/api/v1/{one}": {"get": {"security": []}, "post": {}} for one in "abc"},
}


def added() -> Iterator[str]:
    for name, paths in WITHOUT.items():
        moved = relocation(paths, ["/v1/a", "/v1/b", "/v1/c"])
        found = select_additions({"paths": paths}, ADDING, moved)
        yield f"{name}: {found.brought}"
        yield from (
            f"    {one.target} {json.dumps(one.update)} {one.copy}" for one in found.overlay.actions
        )
        document: JSONObject = {"paths": copy.deepcopy(paths)}
        apply_overlay(document, found.overlay)
        yield f"    gives {json.dumps(document['paths'])}"


def places() -> Iterator[str]:
    """Yield where each object of the corrected document stands in the published one."""
    document = every_word()
    found = correct(document, None, NamingTable())
    for place, value in walk(found.document):
        if isinstance(value, dict):
            told = found.published_place(place)
            yield f"{place} {'stays' if told == place else told}"
    for place in ("/paths/~1none/get", "/components/schemas/None/x", "/paths/~1v1~1things/get/x/0"):
        yield f"{place} {published_place(document, found.document, {}, place)}"


def test_paths_are_found_as_before() -> None:
    tables = {"paths": found_paths, "joined": joined, "added": added, "places": places}
    lines = [line for name, table in tables.items() for line in (f"== {name}", *table())]
    check_snapshot(SNAPSHOTS / "places.txt", "\n".join(lines) + "\n")
