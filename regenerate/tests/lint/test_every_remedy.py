"""The actions that each rule's remedy makes of each kind of place, and how they are written."""

from collections.abc import Iterator
from typing import Final

import yaml
from suites.snapshot import check_snapshot

from ...correct.overlays import apply_overlay, parse_overlay
from ...document.json_tree import JSONObject, JSONValue, at_pointer, copy_document, pointer
from ...lint.findings import Finding
from ...lint.linter import RULES
from ...lint.remedies import remedy_lines
from ..every_word import SNAPSHOTS
from ..rule_edges import operation_edges
from ..schema_edges import schema_edges

TEXT: JSONObject = {"type": "string"}
UNION: JSONObject = {"anyOf": [TEXT], "oneOf": [TEXT], "discriminator": {"propertyName": "k"}}
LONG: Final = f"https://a.test/{'x' * 80}"


def parameter(where: str, **written: JSONValue) -> JSONObject:
    """Return a parameter of this place."""
    return {"name": "q", "in": where, **written}


PUBLISHED: JSONObject = {
    "openapi": "3.1.0",
    "security": [{"K": []}],
    "paths": {
        "/a~b/{id}": {
            "servers": [{"url": "https://item.test"}],
            "get": {
                "security": [{"K": []}],
                "servers": [{"url": "https://item.test"}, {"url": "https://second.test"}],
                "parameters": [
                    parameter("query", schema=TEXT, style="label", explode=True),
                    parameter("query", content={"application/json": {}}),
                    parameter("header", schema=TEXT, style="form", explode=True),
                    parameter("path", explode=False),
                    parameter("cookie", schema=TEXT, style="simple"),
                    parameter("elsewhere", style="form"),
                ],
                "requestBody": {"content": {"a/a": {"schema": TEXT}, "b/b": {}}},
                "responses": {"200": {"content": {"a/a": {}}}, "404": {}},
            },
            "put": {
                "security": [],
                "servers": [{"url": LONG}],
                "requestBody": {"content": {"a/a": {"schema": TEXT}}},
            },
        },
        "/r": {"$ref": "#/paths/~1s"},
    },
    "webhooks": {"w": {"$ref": "#/x"}},
    "components": {
        "requestBodies": {"B": {"content": {"a/a": {}}}},
        "schemas": {
            "Both": {**UNION, "allOf": [], "items": TEXT, "prefixItems": [], "properties": {}},
            "One": {"anyOf": [TEXT]},
            "Enum": {"enum": ["a"], "discriminator": {"propertyName": "k"}},
            "Empty": {},
            "404": {
                "properties": {"name": TEXT, "7": {"enum": [1]}, "it's\\\né": TEXT, "in": TEXT},
                "$ref": "#/y",
            },
        },
    },
}
GET: Final = "/paths/~1a~0b~1{id}/get"
SCHEMAS: Final = "/components/schemas"
STRANGE: Final = pointer("properties", "it's\\\né")
PARAMETERS: Final = tuple(f"{GET}/parameters/{index}" for index in range(6))
BODY: Final = f"{GET}/requestBody"
NAMED: Final = f"{SCHEMAS}/404/properties"
EXACT: Final = (BODY, f"{SCHEMAS}/404", f"{SCHEMAS}/404{STRANGE}", f"{SCHEMAS}/Gone")
"""Places for what is removed as it stands."""
PLACES: dict[str, tuple[str, ...]] = {
    "wire-name": (f"{PARAMETERS[0]}/name", f"{NAMED}/name", f"{NAMED}/7", f"{SCHEMAS}/Enum/enum"),
    "parameter-name": (*PARAMETERS, f"{GET}/parameters/9", GET, f"{SCHEMAS}/Empty"),
    "path-item-reference": ("/paths/~1r", "/webhooks/w"),
    "reference": ("/paths/~1r", "/paths/~1r/get", "/webhooks/w", *EXACT, f"{NAMED}/7"),
    "path-template": (GET, "/paths/~1r"),
    "parameter-schema": PARAMETERS,
    "parameter-style": PARAMETERS,
    "content-type": (
        f"{BODY}/content/a~1a",
        "/paths/~1a~0b~1{id}/put/requestBody/content/a~1a",
        f"{GET}/responses/200/content/a~1a",
        "/components/requestBodies/B/content/a~1a",
    ),
    "answer": (f"{GET}/responses", f"{GET}/responses/404", GET),
    "other-server": (GET,),
    "security": (GET,),
    "form": (f"{BODY}/content/a~1a", f"{BODY}/content/b~1b"),
    "head": ("/info/title", "/info/version", "/openapi"),
    "enum": (f"{SCHEMAS}/Enum", f"{SCHEMAS}/Enum/enum", f"{NAMED}/7/enum"),
    **dict.fromkeys(
        ("recursive-array", "discriminator", "properties-beside-union", "two-unions"),
        tuple(f"{SCHEMAS}/{name}" for name in ("Both", "One", "Enum", "Empty", "404", "Gone")),
    ),
}
WHATS: Final = {
    "other-server": (
        "the operation lives at 'https://item.test'; a",
        "the operation lives at 'https://second.test'; a",
        f"the operation lives at {LONG[:80]!a}, as 1 more do; a",
    ),
    "path-template": ("the path has {é}, but there is no such parameter", "has {id} twice"),
    "discriminator": (
        'a union chooses this variant by k, which allows no "b"',
        "a union chooses this variant by k, which allows no 2",
        "variant 1 has no constant k",
    ),
}


def actions(rule: str, place: str, what: str, found_at: str | None = None) -> list[str]:
    """Return the actions for one finding, each as one line without its reason."""
    finding = Finding(place if found_at is None else found_at, rule, what, "")
    lines = remedy_lines(PUBLISHED, [(finding, place)])
    assert [line[:17] for line in lines[1::3]] == ["  description: " + '"' + what[:1]] * (
        len(lines) // 3
    )
    return [
        f"{target.removeprefix('- target: ')} {change.strip()}"
        for target, change in zip(lines[::3], lines[2::3], strict=True)
    ]


def of_one_finding() -> Iterator[str]:
    """Yield what each rule does at each place."""
    for rule in [*RULES, "no such rule"]:
        for what in WHATS.get(rule, ("it is wrong",)):
            yield f"* {rule}: {what[:70]}"
            for place in PLACES.get(rule, EXACT):
                found = actions(rule, place, what)
                yield f"    {place!a}: {'nothing' if not found else ''}".rstrip()
                yield from (f"        {one}" for one in found)


SPOKEN: Final = (
    # The place of the finding is one of the corrected document: its end may be another.
    ("body", f"{GET}/requestBody", f"{GET}/REQUESTBODY"),
    ("body", f"{GET}/requestBody", f"{GET}/body"),
    ("head", "", "/info/title"),
    ("head", "", "/info/version"),
    ("head", "", "/openapi"),
    ("answer", GET, f"{GET}/responses"),
    ("answer", f"{GET}/responses", f"{GET}/responses"),
    ("answer", f"{GET}/responses/ok", f"{GET}/responses/ok"),
    ("answer", f"{GET}/responses/ok", f"{GET}/responses/other"),
)


def of_other_places() -> Iterator[str]:
    yield "* found at another place"
    for rule, place, found_at in SPOKEN:
        yield f"    {rule} at {found_at}, published at {place}"
        yield from (f"        {one}" for one in actions(rule, place, "it is wrong", found_at))


def together() -> Iterator[str]:
    """Yield what several findings give at once."""
    for what, findings in {
        "items of two lists": [
            *(("parameter-name", PARAMETERS[n]) for n in (0, 3, 5, 4)),
            ("body", f"{SCHEMAS}/One/anyOf/0"),
            ("body", f"{SCHEMAS}/Both"),
        ],
        "one action of two rules": [("enum", f"{NAMED}/7"), ("body", f"{NAMED}/7/enum")],
        "below what is removed": [
            ("enum", f"{NAMED}/7"),
            ("body", f"{NAMED}/7"),
            ("body", f"{SCHEMAS}/One"),
            ("two-unions", f"{SCHEMAS}/Both"),
        ],
        "an update of what is removed": [
            ("parameter-style", PARAMETERS[0]),
            ("parameter-name", PARAMETERS[0]),
            ("parameter-style", PARAMETERS[2]),
            ("parameter-name", PARAMETERS[4]),
        ],
    }.items():
        made = [(Finding(place, rule, f"for {rule} é", ""), place) for rule, place in findings]
        yield f"* {what}"
        yield from (f"    {line}" for line in remedy_lines(PUBLISHED, made))


def test_each_remedy_is_what_it_was_before() -> None:
    lines = [*of_one_finding(), *of_other_places(), *together()]
    check_snapshot(SNAPSHOTS / "remedies.txt", "\n".join(lines) + "\n")


def targets(place: str) -> str:
    (found,) = actions("body", place, "it is wrong")
    return found.rpartition(" remove")[0]


def test_a_target_names_the_members_of_objects_and_counts_those_of_lists() -> None:
    number = f"{SCHEMAS}/404"
    assert isinstance(at_pointer(PUBLISHED, number), dict)
    assert targets(number) == "\"$.components.schemas['404']\""
    assert targets(f"{number}/properties/7") == "\"$.components.schemas['404'].properties['7']\""
    assert targets(f"{GET}/parameters/3") == "\"$.paths['/a~b/{id}'].get.parameters[3]\""
    assert targets(f"{SCHEMAS}/Both/prefixItems/0") == '"$.components.schemas.Both.prefixItems[0]"'


HEAD: Final = "overlay: 1.1.0\ninfo: {title: T, version: 1.0.0}\nactions:\n"
LEFT: Final = ("undecided", "with a body")
"""Cases that only a correction makes: a mark of its own, a reference that it has written out."""


def test_the_actions_for_what_a_rule_finds_fit_the_document_and_take_it_away() -> None:
    made: set[tuple[str, str]] = set()
    for rule, name, document in (*operation_edges(), *schema_edges()):
        found = [Finding(place, rule, what, "") for place, what, _ in RULES[rule](document)]
        lines = "\n".join(remedy_lines(document, [(one, one.place) for one in found]))
        if not lines or (rule, lines) in made or any(word in name for word in LEFT):
            continue
        made.add((rule, lines))
        corrected = copy_document(document)
        overlay: JSONObject = yaml.safe_load(HEAD + lines)
        apply_overlay(corrected, parse_overlay(overlay, "new.overlay.yaml"))
        assert [*RULES[rule](corrected)] == [], (rule, name)
    assert len({rule for rule, _ in made}) > 20
