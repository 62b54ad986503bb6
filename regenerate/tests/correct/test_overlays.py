"""OpenAPI Overlay documents.

The cases of the official compliance sets in our own words, and what is refused.
"""

import json
from pathlib import Path

import pytest

from ...correct.overlays import OverlayError, apply_overlay, parse_overlay, read_overlays
from ...document.json_tree import DocumentError, JSONObject, JSONValue, copy_document


def overlay(*actions: JSONObject, version: str = "1.1.0", **fields: JSONValue) -> JSONObject:
    """Return an overlay document; each action gets a description unless it has one."""
    described: list[JSONValue] = [{"description": "A reason.", **action} for action in actions]
    return {
        "overlay": version,
        "info": {"title": "A test", "version": "1"},
        "actions": described,
        **fields,
    }


def applied(document: JSONObject, *actions: JSONObject, version: str = "1.1.0") -> JSONObject:
    """Return the document after the actions."""
    result = copy_document(document)
    apply_overlay(result, parse_overlay(overlay(*actions, version=version), "test.overlay.yaml"))
    return result


API: JSONObject = {
    "openapi": "3.1.0",
    "info": {"title": "Toys", "version": "1.0.0"},
    "servers": [
        {"url": "https://one.example"},
        {"url": "https://two.example", "description": "Spare"},
    ],
    "paths": {
        "/toys": {
            "get": {
                "tags": ["toys", "old"],
                "parameters": [
                    {"name": "filter", "in": "query"},
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": {
                    "200": {"description": "Toys"},
                    "500": {"description": "Broken", "x-hidden": True},
                },
            },
            "post": {"tags": ["toys"], "responses": {"201": {"description": "Made"}}},
        },
        "/toys/{owner}/{id}": {
            "get": {"x-hidden": True, "responses": {"200": {"description": "One"}}}
        },
    },
}


def test_the_root_is_updated() -> None:
    result = applied(
        API, {"target": "$", "update": {"info": {"license": {"name": "MIT"}}, "x-new": True}}
    )
    assert _at(result, "info") == {"title": "Toys", "version": "1.0.0", "license": {"name": "MIT"}}
    assert _at(result, "x-new") is True
    assert all(result[key] == API[key] for key in API if key != "info")


def test_objects_are_merged_in_depth_and_arrays_grow() -> None:
    update: JSONObject = {
        "get": {
            "tags": ["new"],
            "summary": "List",
            "responses": {"200": {"description": "All toys"}},
        }
    }
    result = applied(API, {"target": "$.paths['/toys']", "update": update})
    get = _at(result, "paths", "/toys", "get")
    assert isinstance(get, dict)
    assert get["tags"] == ["toys", "old", "new"]
    assert get["summary"] == "List"
    assert get["responses"] == {
        "200": {"description": "All toys"},
        "500": {"description": "Broken", "x-hidden": True},
    }
    assert _at(result, "paths", "/toys", "post") == _at(API, "paths", "/toys", "post")


def test_every_match_is_updated() -> None:
    result = applied(API, {"target": "$.paths.*.get", "update": {"x-safe": True}})
    for path in ("/toys", "/toys/{owner}/{id}"):
        assert _at(result, "paths", path, "get", "x-safe") is True
    assert "x-safe" not in json.dumps(_at(result, "paths", "/toys", "post"))


def test_an_array_takes_one_or_several() -> None:
    result = applied(
        API,
        {"target": "$.servers", "update": {"url": "https://three.example"}},
        {"target": "$.paths['/toys'].get.tags", "update": "more"},
        {"target": "$.paths['/toys'].post.tags", "update": ["a", "b"]},
    )
    assert _at(result, "servers", 2) == {"url": "https://three.example"}
    assert _at(result, "paths", "/toys", "get", "tags") == ["toys", "old", "more"]
    assert _at(result, "paths", "/toys", "post", "tags") == ["toys", "a", "b"]


def test_filters_choose_by_several_conditions_and_keys_may_hold_slashes() -> None:
    target = "$.paths['/toys'].get.parameters[?@.name=='limit' && @.in=='query']"
    result = applied(API, {"target": target, "update": {"schema": {"maximum": 100}}})
    assert _at(result, "paths", "/toys", "get", "parameters", 1, "schema") == {
        "type": "integer",
        "maximum": 100,
    }
    assert _at(result, "paths", "/toys", "get", "parameters", 0) == {
        "name": "filter",
        "in": "query",
    }


def test_matches_are_removed_from_objects_and_arrays() -> None:
    result = applied(
        API,
        {"target": "$.paths.*.*.responses[?@['x-hidden'] == true]", "remove": True},
        {"target": "$.paths[?@.get['x-hidden'] == true]", "remove": True},
        {"target": "$.servers[?@.description]", "remove": True},
        {"target": "$.paths['/toys'].get.parameters[*]", "remove": True},
        {"target": "$.paths['/toys'].get.tags[?@ == 'old']", "remove": True},
        {"target": "$.info.version", "remove": True},
    )
    assert result["servers"] == [{"url": "https://one.example"}]
    assert result["info"] == {"title": "Toys"}
    assert _at(result, "paths", "/toys", "get") == {
        "tags": ["toys"],
        "parameters": [],
        "responses": {"200": {"description": "Toys"}},
    }
    paths = result["paths"]
    assert isinstance(paths, dict)
    assert list(paths) == ["/toys"]


def test_a_parent_and_its_child_can_both_be_removed() -> None:
    assert applied({"a": {"a": {"a": 1}}, "b": 2}, {"target": "$..a", "remove": True}) == {"b": 2}


def test_a_node_that_is_selected_twice_is_changed_once() -> None:
    assert applied({"a": []}, {"target": "$['a', 'a']", "update": 1}) == {"a": [1]}
    assert applied({"a": 1, "b": 2}, {"target": "$['a', 'a']", "remove": True}) == {"b": 2}


def test_servers_are_replaced_by_remove_and_update() -> None:
    result = applied(
        API,
        {"target": "$.servers[*]", "remove": True},
        {"target": "$.servers", "update": [{"url": "https://sandbox.example"}]},
    )
    assert result["servers"] == [{"url": "https://sandbox.example"}]


def test_primitives_are_replaced() -> None:
    result = applied(
        API,
        {"target": "$.info.title", "update": "Games"},
        {"target": "$.paths['/toys'].get.tags[0]", "update": None},
        {"target": "$..description", "update": "Said once"},
    )
    assert _at(result, "info", "title") == "Games"
    assert _at(result, "paths", "/toys", "get", "tags") == [None, "old"]
    assert _at(result, "paths", "/toys", "get", "responses", "200", "description") == "Said once"


def test_a_copy_is_merged_and_shares_nothing() -> None:
    result = applied(
        API,
        {"target": "$.paths['/toys'].post", "copy": "$.paths['/toys'].get"},
        {"target": "$.paths['/toys'].get.responses['200'].description", "update": "Later"},
        {"target": "$.info.title", "copy": "$.servers[0].url"},
    )
    post = _at(result, "paths", "/toys", "post")
    assert isinstance(post, dict)
    assert post["tags"] == ["toys", "toys", "old"]
    assert _at(post, "responses", "200", "description") == "Toys"
    assert _at(post, "responses", "201", "description") == "Made"
    assert _at(result, "info", "title") == "https://one.example"


def test_an_update_of_several_matches_shares_nothing() -> None:
    result = applied(
        API,
        {"target": "$.paths.*.get", "update": {"x-list": []}},
        {"target": "$.paths['/toys'].get['x-list']", "update": 1},
    )
    assert _at(result, "paths", "/toys/{owner}/{id}", "get", "x-list") == []


def test_actions_build_on_each_other_and_are_reported() -> None:
    document = copy_document(API)
    value = overlay(
        {"target": "$.info", "update": {"x-a": {"n": 1}}, "description": "First."},
        {"target": "$.info['x-a'].n", "update": 2, "description": "Second."},
        {"target": "$.paths.*.*", "update": {"deprecated": True}},
    )
    report = apply_overlay(document, parse_overlay(value, "x.overlay.yaml"))
    assert [
        (action.overlay, action.number, action.description, action.matches) for action in report
    ] == [
        ("x.overlay.yaml", 1, "First.", 1),
        ("x.overlay.yaml", 2, "Second.", 1),
        ("x.overlay.yaml", 3, "A reason.", 3),
    ]
    assert _at(document, "info", "x-a") == {"n": 2}


def test_a_target_that_matches_nothing_is_a_stale_correction() -> None:
    with pytest.raises(OverlayError) as refusal:
        applied(
            API,
            {"target": "$.info", "update": {"a": 1}},
            {"target": "$.paths['/gone']", "remove": True},
        )
    assert "test.overlay.yaml, action 2: the target $.paths['/gone'] matches nothing" in str(
        refusal.value
    )


@pytest.mark.parametrize(
    ("action", "reason"),
    [
        ({"target": "$.info", "update": "text"}, "a string cannot be merged into an object"),
        ({"target": "$.info.title", "update": {"a": 1}}, "an object cannot replace a string"),
        (
            {"target": "$.info", "update": {"title": ["a"]}},
            "title: an array cannot be merged with a string",
        ),
        (
            {"target": "$", "update": {"servers": {"url": "x"}}},
            "servers: an object cannot be merged with an array",
        ),
        ({"target": "$", "remove": True}, "the whole document cannot be removed"),
        ({"target": "$.info.*", "copy": "$.paths.*"}, "exactly one node, .* selects 2"),
        ({"target": "$.info.*", "copy": "$.gone"}, "exactly one node, .* selects 0"),
        ({"target": "$['info', 'servers']", "update": {}}, "mixed"),
        ({"target": "$.paths[", "remove": True}, "not a JSONPath"),
        ({"target": "$.paths[?@.a = 1]", "remove": True}, "not a JSONPath"),
    ],
)
def test_actions_that_do_not_fit_are_refused(action: JSONObject, reason: str) -> None:
    with pytest.raises(OverlayError, match=reason) as refusal:
        applied(API, action)
    assert str(refusal.value).startswith("test.overlay.yaml, action 1")


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (overlay({"target": "$", "remove": True}, version="2.0.0"), "version is '2.0.0'"),
        (overlay({"target": "$", "remove": True}, version="1.1"), "version is '1.1'"),
        (
            {**overlay({"target": "$.a", "remove": True}), "info": {"title": "x"}},
            "a title and a version",
        ),
        (overlay(), "at least one action"),
        ({**overlay({"target": "$.a", "remove": True}), "actions": {}}, "at least one action"),
        ({**overlay({"target": "$.a", "remove": True}), "acts": []}, "unknown field acts"),
        (overlay({"target": "$.a", "remove": True}, extends=1), "extends is a number"),
        (
            overlay({"target": "$.a", "remove": True}, {"target": "$.a", "remove": True}),
            "stands twice",
        ),
        (overlay({"target": "a", "remove": True}), "action 1: the target must be a JSONPath"),
        (overlay({"remove": True}), "action 1: the target must be a JSONPath"),
        (overlay({"target": "$.a", "remove": "yes"}), "action 1: remove is a string"),
        (overlay({"target": "$.a", "copy": 1}), "action 1: copy is a number"),
        (overlay({"target": "$.a"}), "action 1: must hold exactly one of"),
        (overlay({"target": "$.a", "remove": False}), "action 1: must hold exactly one of"),
        (
            overlay({"target": "$.a", "update": 1, "copy": "$.b"}),
            "action 1: must hold exactly one of",
        ),
        (overlay({"target": "$.a", "delete": True}), "action 1: unknown field delete"),
        (
            overlay(
                {"target": "$.a", "remove": True},
                {"target": "$.b", "remove": True, "description": " "},
            ),
            "action 2: has no",
        ),
        (overlay({"target": "$.a", "copy": "$.b"}, version="1.0.0"), "unknown field copy"),
    ],
)
def test_invalid_overlays_are_refused(value: JSONObject, reason: str) -> None:
    with pytest.raises(OverlayError, match=reason) as refusal:
        parse_overlay(value, "bad.overlay.yaml")
    assert str(refusal.value).startswith("bad.overlay.yaml")


def test_overlay_1_0_cannot_replace_a_primitive() -> None:
    assert applied({"a": {}}, {"target": "$.a", "update": {"b": 1}}, version="1.0.0") == {
        "a": {"b": 1}
    }
    with pytest.raises(OverlayError, match=r"1\.0 cannot replace a number"):
        applied({"a": 1}, {"target": "$.a", "update": 2}, version="1.0.0")


def test_remove_wins_over_an_update_beside_it_and_extensions_are_fine() -> None:
    action: JSONObject = {"target": "$.a", "update": {"b": 1}, "remove": True, "x-note": "fine"}
    assert applied({"a": {}, "c": 1}, action) == {"c": 1}


def test_an_overlay_may_say_what_it_extends() -> None:
    parsed = parse_overlay(
        overlay({"target": "$.a", "remove": True}, extends="https://nowhere.example/x"), "x"
    )
    assert parsed.extends == "https://nowhere.example/x"


def test_overlays_are_read_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "b.overlay.json").write_text(json.dumps(overlay({"target": "$.b", "remove": True})))
    (tmp_path / "a.overlay.yaml").write_text(
        "overlay: 1.1.0\ninfo: {title: A, version: 1.0.0}\nactions: [{target: $.a, description: "
        "Why., remove: true}]\n"
    )
    (tmp_path / "c.overlay.yml").write_bytes((tmp_path / "a.overlay.yaml").read_bytes())
    (tmp_path / "notes.txt").write_text("not an overlay")
    names = ["a.overlay.yaml", "b.overlay.json", "c.overlay.yml"]
    assert [found.name for found in read_overlays(tmp_path)] == names
    (tmp_path / "A.overlay.json").write_bytes((tmp_path / "b.overlay.json").read_bytes())
    assert [found.name for found in read_overlays(tmp_path)] == ["A.overlay.json", *names]


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.overlay.json").write_text('{"overlay": "1.1.0", "overlay": "1.1.0"}')
    with pytest.raises(OverlayError, match=r"^a\.overlay\.json: .*stands twice"):
        read_overlays(tmp_path)
    with pytest.raises(OverlayError, match="folder none is not there"):
        read_overlays(tmp_path / "none")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.overlay.json", None, "Is a directory"),
        ("a.overlay.yaml", None, "Is a directory"),
        ("a.overlay.json", b"{", "not JSON"),
        ("a.overlay.yaml", b"a: [", "not YAML"),
        ("a.overlay.yml", b"a: 1\na: 2\n", "line 2: the key 'a' stands twice"),
        ("a.overlay.json", b"{}", "the overlay version is None"),
    ],
)
def test_the_file_is_named_once(name: str, content: bytes | None, why: str, tmp_path: Path) -> None:
    if content is None:
        (tmp_path / name).mkdir()
    else:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(OverlayError) as refusal:
        read_overlays(tmp_path)
    told = str(refusal.value)
    assert told.startswith(f"{name}: ")
    assert why in told
    assert told.count(name) == 1


def test_what_no_one_can_walk_is_refused() -> None:
    inner: JSONObject = {}
    for _ in range(60):
        inner = {"a": inner}
    twice: list[JSONObject] = [{"target": f"${'.a' * depth}", "update": inner} for depth in (0, 60)]
    with pytest.raises(DocumentError, match="nested deeper than 100 levels"):
        applied({}, *twice)
    deep = f"$[?{'(' * 5000}@.a{')' * 5000}]"
    with pytest.raises(OverlayError, match=r"action 1: .* is too deep"):
        applied({}, {"target": deep, "remove": True})


def _at(value: JSONValue, *way: str | int) -> JSONValue:
    for step in way:
        if isinstance(value, dict) and isinstance(step, str):
            value = value[step]
        else:
            assert isinstance(value, list)
            assert isinstance(step, int)
            value = value[step]
    return value
