"""Parameters with items that are joined: the client takes a list, and the request has one text."""

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest

from ...document.json_tree import JSONObject
from ..making import made_of
from ..packages import Package, importable
from ..small_documents import json_answer, reference
from ..wire_server import WireServer

TEXT: JSONObject = {"type": "string"}
FLAT: JSONObject = {"type": "object", "properties": {"from": TEXT, "limit": {"type": "integer"}}}


def listed(items: JSONObject, **more: Any) -> JSONObject:
    return {"type": "array", "items": items, **more}


def parameter(name: str, where: str, schema: JSONObject, **more: Any) -> JSONObject:
    return {"name": name, "in": where, "schema": schema, "required": where == "path", **more}


def joined(name: str, items: JSONObject) -> JSONObject:
    return parameter(name, "query", listed(items), explode=False)


DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Styles", "version": "1"},
    "servers": [{"url": "https://api.example.com"}],
    "paths": {
        "/v1/things": {
            "get": {
                "parameters": [
                    joined("fields", TEXT),
                    joined("colours", reference("Colour")),
                    joined("days", {"type": "string", "format": "date"}),
                    joined("instants", {"type": "string", "format": "date-time"}),
                    joined("ids", {"type": "string", "format": "uuid"}),
                    joined("counts", {"type": "integer"}),
                    joined("flags", {"type": "boolean"}),
                    parameter(
                        "maybe",
                        "query",
                        {"anyOf": [listed(TEXT), TEXT, {"type": "null"}]},
                        explode=False,
                    ),
                    parameter("spaced", "query", listed(TEXT), style="spaceDelimited"),
                    parameter("piped", "query", listed(TEXT), style="pipeDelimited", explode=False),
                    parameter("many", "query", listed(TEXT), style="pipeDelimited", explode=True),
                    parameter("pairs", "query", reference("Range"), explode=False),
                    parameter("range", "query", reference("Range"), style="deepObject"),
                    parameter("meta", "query", {"type": "object"}, style="deepObject"),
                    parameter("single", "query", TEXT, explode=False, style="spaceDelimited"),
                    parameter("X-Ids", "header", listed({"type": "integer"})),
                    parameter("X-Since", "header", {"type": "string", "format": "date-time"}),
                    parameter("X-Version", "header", {"const": "2"}),
                    parameter("X-Any", "header", {}),
                    parameter("seen", "cookie", listed(TEXT), explode=False),
                    parameter("theme", "cookie", TEXT),
                ],
                "responses": {"200": json_answer({"type": "object", "properties": {"id": TEXT}})},
            }
        },
        "/v1/points/{point}/near": {
            "get": {
                "parameters": [parameter("point", "path", listed({"type": "number"}))],
                "responses": {"200": json_answer({"type": "object", "properties": {"id": TEXT}})},
            }
        },
    },
    "components": {
        "schemas": {"Colour": {"type": "string", "enum": ["red", "blue"]}, "Range": FLAT}
    },
}


def made_styles(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the client of the document."""
    return made_of(factory, "styles_api", DOCUMENT)


@pytest.fixture(scope="session")
def styles(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Iterator[Package]:
    """Return the client of the document."""
    folder = made_styles(tmp_path_factory)
    with importable(folder):
        yield Package(folder / "styles_api")


def sent(
    package: Package, server: WireServer, name: str = "list_things", *path: Any, **arguments: Any
) -> Any:
    """Return what arrives of a call at a server."""
    server.answer(200, b"{}")
    client = package.client.Client(server.url)
    package.call("sync", f"default.{name}", *path, client=client, **arguments)
    return server.last


def query_of(request: Any) -> list[tuple[str, str]]:
    return parse_qsl(request.target.partition("?")[2], keep_blank_values=True)


UTC = datetime.UTC
ID = UUID("00000000-0000-4000-8000-000000000001")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"fields": ["id", "näme&x=1"]}, [("fields", "id,näme&x=1")]),
        ({"fields": ["id", "a+b", "c d", "%2C"]}, [("fields", "id,a+b,c d,%2C")]),
        ({"fields": ["one"]}, [("fields", "one")]),
        ({"fields": [""]}, [("fields", "")]),
        ({"fields": []}, []),
        ({"days": [datetime.date(2026, 1, 2)] * 2}, [("days", "2026-01-02,2026-01-02")]),
        (
            {"instants": [datetime.datetime(2026, 1, 2, tzinfo=UTC)]},
            [("instants", "2026-01-02T00:00:00+00:00")],
        ),
        ({"ids": [ID, ID]}, [("ids", f"{ID},{ID}")]),
        ({"counts": [1, -2]}, [("counts", "1,-2")]),
        ({"flags": [True, False]}, [("flags", "true,false")]),
        ({"maybe": None}, []),
        ({"maybe": ["a", "b"]}, [("maybe", "a,b")]),
        ({"maybe": "a"}, [("maybe", "a")]),
        ({"spaced": ["a", "b"]}, [("spaced", "a b")]),
        ({"piped": ["a", "b"]}, [("piped", "a|b")]),
        ({"many": ["a", "b"]}, [("many", "a"), ("many", "b")]),
        ({"meta": {"a": 1, "ü": True, "n": None}}, [("meta[a]", "1"), ("meta[ü]", "true")]),
        ({"single": "a b"}, [("single", "a b")]),
    ],
    ids=str,
)
def test_a_list_is_sent_as_the_document_says(
    styles: Package, server: WireServer, arguments: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert query_of(sent(styles, server, **arguments)) == expected


def test_members_of_an_enum_are_joined_by_their_values(styles: Package, server: WireServer) -> None:
    colour = styles.models.ListThingsColoursItem
    given = [colour.RED, colour.BLUE]
    assert query_of(sent(styles, server, colours=given)) == [("colours", "red,blue")]


def test_an_object_is_sent_in_pairs_or_one_parameter_a_property(
    styles: Package, server: WireServer
) -> None:
    kind = styles.models.ListThingsPairs
    given = kind(from_="a,b", limit=3)
    assert query_of(sent(styles, server, range_=given)) == [
        ("range[from]", "a,b"),
        ("range[limit]", "3"),
    ]
    assert query_of(sent(styles, server, pairs=kind(from_="a", limit=3))) == [
        ("pairs", "from,a,limit,3")
    ]
    with pytest.raises(ValueError, match=r"parameter pairs: ',' stands between its items"):
        sent(styles, server, pairs=given)


@pytest.mark.parametrize(
    ("name", "item"), [("fields", "a,b"), ("spaced", "a b"), ("piped", "a|b"), ("seen", ",")]
)
def test_an_item_that_holds_what_stands_between_items_is_refused(
    styles: Package, server: WireServer, name: str, item: str
) -> None:
    given: dict[str, Any] = {name: ["x", item]}
    with pytest.raises(ValueError, match=f"parameter {name}: .* stands between its items"):
        sent(styles, server, **given)


def test_what_is_nested_is_refused(styles: Package, server: WireServer) -> None:
    with pytest.raises(ValueError, match="parameter meta: no text is defined for a list"):
        sent(styles, server, meta={"a": [1]})
    with pytest.raises(ValueError, match="parameter X-Any: no text is defined for a list"):
        sent(styles, server, x_any=[["a"]])


def test_headers_and_cookies_are_lists_dates_and_constants(
    styles: Package, server: WireServer
) -> None:
    request = sent(
        styles,
        server,
        x_ids=[1, 2],
        x_since=datetime.datetime(2026, 1, 2, tzinfo=UTC),
        x_version="2",
        x_any=["a", True],
        seen=["a", "ü"],
        theme="dark",
    )
    found = {name: request.header(name) for name in ("X-Ids", "X-Since", "X-Version", "X-Any")}
    assert found == {
        "X-Ids": "1,2",
        "X-Since": "2026-01-02T00:00:00+00:00",
        "X-Version": "2",
        "X-Any": "a,true",
    }
    assert request.header("Cookie") == "seen=a%2C%C3%BC; theme=dark"
    assert sent(styles, server, x_ids=[], seen=[]).header("X-Ids") is None
    assert sent(styles, server, x_ids=[], seen=[]).header("Cookie") is None


def test_a_list_in_a_path_is_one_segment(styles: Package, server: WireServer) -> None:
    assert sent(styles, server, "get_point_near", [1.5, -2.0]).target == "/v1/points/1.5,-2.0/near"
    with pytest.raises(ValueError, match="point is not set"):
        sent(styles, server, "get_point_near", [])


def test_the_types_are_lists(styles: Package) -> None:
    unset = styles.types.Unset
    found = styles.operation("default.list_things").build_request.__annotations__
    assert found["fields"] == list[str] | unset
    assert found["x_ids"] == list[int] | unset
    assert found["seen"] == list[str] | unset
    assert found["x_since"] == datetime.datetime | unset
    near = styles.operation("default.get_point_near").build_request.__annotations__
    assert near["point"] == list[float]
