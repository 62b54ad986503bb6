"""What FastAPI and pydantic write is settled: a document full of it, its client and its calls."""

import ast
import inspect
import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, cast

import pytest

from ...document.json_tree import JSONObject
from ..making import made_of
from ..packages import Package, importable
from ..small_documents import json_answer, reference
from ..wire_server import WireServer

TEXT: JSONObject = {"type": "string"}
BYTES: JSONObject = {"type": "string", "format": "binary"}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Habits", "version": "1"},
    "servers": [],
    "security": [{"Key": []}],
    "paths": {
        "/v1/größen/{größe}/": {
            "get": {
                "tags": ["Größen"],
                "parameters": [
                    {"name": "größe", "in": "path", "required": True, "schema": TEXT},
                    {"name": "名前", "in": "query", "schema": TEXT},
                    {
                        "name": "filter",
                        "in": "query",
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "properties": {"a": TEXT}}
                            }
                        },
                    },
                    {
                        "name": "sort",
                        "in": "query",
                        "content": {
                            "application/json": {"schema": {"type": "array", "items": TEXT}}
                        },
                    },
                    {
                        "name": "x-trace",
                        "in": "header",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    },
                ],
                "responses": {"200": json_answer(reference("Größe"))},
            }
        },
        "/v1/users": {
            "post": {
                "tags": ["users"],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": reference("User")}},
                },
                "responses": {"201": json_answer(reference("User"))},
            },
        },
        "/v1/profile": {"get": {"responses": {"200": json_answer(reference("Profile"))}}},
        "/v1/cover": {
            "get": {"responses": {"200": json_answer(reference("Image"))}},
            "head": {"responses": {"404": json_answer(reference("Meta"))}},
        },
        "/v1/pair": {
            "get": {"responses": {"200": json_answer(reference("Pair"))}},
            "head": {
                "responses": {"200": {"description": "D"}, "404": json_answer(reference("Meta"))}
            },
        },
        "/v1/output": {
            "get": {
                "responses": {
                    "200": json_answer(
                        {
                            "oneOf": [reference("Image"), reference("Video")],
                            "discriminator": {
                                "propertyName": "kind",
                                "mapping": {
                                    "image": "#/components/schemas/Image",
                                    "video": "#/components/schemas/Video",
                                },
                            },
                        }
                    )
                }
            }
        },
        "/v1/upload": {
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": reference("Form")}},
                },
                "responses": {"200": json_answer(reference("Form"))},
            }
        },
        "/v1/either": {
            "get": {
                "responses": {
                    "200": json_answer({"anyOf": [reference("Team"), reference("Meta")]}),
                    "404": {
                        "description": "Gone.",
                        "content": {
                            "application/json": {"schema": reference("Meta")},
                            "application/problem+json": {
                                "schema": {"anyOf": [reference("Team"), reference("Meta")]}
                            },
                        },
                    },
                    "409": json_answer({"anyOf": [reference("Meta"), {"type": "null"}]}),
                }
            },
        },
        "/v1/list": {
            "get": {
                "responses": {
                    "200": json_answer({"type": "object", "properties": {"x": {"type": "array"}}})
                }
            }
        },
    },
    "components": {
        "securitySchemes": {"Key": {"type": "apiKey", "in": "query", "name": "key"}},
        "schemas": {
            "Größe": {
                "type": "object",
                "required": ["größe"],
                "properties": {"größe": TEXT, "名前": {"type": "string", "enum": ["大", "小"]}},
            },
            "User": {
                "type": "object",
                "required": ["id", "name", "password", "team"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "name": TEXT,
                    "password": {"type": "string", "writeOnly": True},
                    "team": {"allOf": [reference("Team")], "readOnly": True},
                },
            },
            "Team": {"type": "object", "properties": {"name": TEXT}},
            "Profile": {
                "type": "object",
                "required": ["id", "pin"],
                "properties": {
                    "id": {"type": "integer", "readOnly": True},
                    "pin": {"type": "string", "writeOnly": True},
                },
            },
            "Image": {
                "type": "object",
                "required": ["url"],
                "properties": {
                    "kind": {"type": "string", "const": "image", "default": "image"},
                    "url": TEXT,
                },
            },
            "Video": {
                "type": "object",
                "required": ["url"],
                "properties": {
                    "kind": {"type": "string", "enum": ["video"], "default": "video"},
                    "url": TEXT,
                },
            },
            "Form": {
                "type": "object",
                "required": ["file"],
                "properties": {
                    "file": BYTES,
                    "thumb": {"anyOf": [BYTES, {"type": "null"}]},
                    "meta": reference("Meta"),
                },
            },
            "Meta": {"type": "object", "properties": {"data": BYTES}},
            "Pair": {
                "type": "object",
                "properties": {
                    "pair": {
                        "type": "array",
                        "prefixItems": [TEXT, {"type": "integer"}],
                        "items": False,
                    }
                },
            },
        },
    },
}


def made_habits(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the client of the document."""
    return made_of(factory, "habits_api", DOCUMENT)


@pytest.fixture(scope="session")
def habits(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Iterator[Package]:
    """Return the client of the document."""
    folder = made_habits(tmp_path_factory)
    with importable(folder):
        yield Package(folder / "habits_api")


def asked(package: Package, name: str, *path: Any, **arguments: Any) -> dict[str, Any]:
    """Return the request that an operation builds."""
    found: dict[str, Any] = package.operation(name).build_request(*path, **arguments)
    return found


def test_names_that_are_not_ascii_are_sent_as_they_are(habits: Package) -> None:
    request = asked(habits, "grossen.get_grossen", "groß", 名前="n")
    assert request["url"] == "/v1/größen/gro%C3%9F/"
    assert request["params"] == {"名前": "n"}
    found = habits.models.GetGrossenResponse.from_dict({"größe": "g", "名前": "大"})
    assert (found.größe, str(found.名前)) == ("g", "大")
    assert found.to_dict() == {"größe": "g", "名前": "大"}


def test_a_parameter_described_by_content_is_sent_as_json(habits: Package) -> None:
    request = asked(
        habits,
        "grossen.get_grossen",
        "g",
        filter_=habits.models.GetGrossenFilter(a="ä"),
        sort=["x", "y"],
        x_trace="{}",
    )
    assert request["params"] == {"filter": '{"a": "\\u00e4"}', "sort": '["x", "y"]'}
    assert request["headers"] == {"x-trace": "{}"}


def test_what_travels_one_way_is_required_only_there(habits: Package) -> None:
    user = habits.models.CreateUserBody
    assert user(name="Ann", password="x").to_dict() == {"name": "Ann", "password": "x"}
    assert user.from_dict({"id": 1, "name": "Ann", "team": {}}).id == 1
    profile = habits.models.GetProfileResponse
    assert profile.from_dict({"id": 1}).id == 1
    with pytest.raises(habits.decoding.DecodingError, match="missing"):
        profile.from_dict({})


def test_a_constant_with_a_default_may_be_left_out_and_is_sent(habits: Package) -> None:
    image = habits.models.GetCoverResponse
    assert image.from_dict({"url": "u"}).url == "u"
    assert image(url="u").to_dict() == {"kind": "image", "url": "u"}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("image", "GetCoverResponse"),
        ("video", "GetOutputResponseVariant2"),
        ("sound", "JsonObject"),
        (None, "JsonObject"),
    ],
)
def test_variants_are_told_apart_by_constants_with_a_default(
    habits: Package, server: WireServer, kind: str | None, expected: str
) -> None:
    fields = {"url": "u"} if kind is None else {"kind": kind, "url": "u"}
    server.answer(200, json.dumps(fields).encode())
    client = habits.client.AuthenticatedClient(server.url, token="k")
    found = habits.call("sync", "default.get_output", client=client)
    assert type(found).__name__ == expected
    assert found.to_dict() == fields


def test_bytes_are_files_in_a_form_and_text_in_json(habits: Package) -> None:
    form = habits.models.CreateUploadBody
    file = habits.types.File(payload=BytesIO(b"\xff"))
    parts = form(file=file, meta=habits.models.CreateUploadBodyMeta(data="text")).to_multipart()
    assert dict(parts)["meta"] == (None, b'{"data": "text"}', "application/json")
    answer = habits.models.CreateUploadResponse.from_dict({"file": "text", "meta": {"data": "d"}})
    assert (answer.file, answer.meta.data) == ("text", "d")


def test_the_key_is_sent_where_the_document_wants_it(habits: Package, server: WireServer) -> None:
    server.answer(200, b'{"x": [1, "a"]}')
    client = habits.client.AuthenticatedClient(server.url, token="k e")
    assert habits.call("sync", "default.get_list", client=client).x == [1, "a"]
    assert server.last.target in ("/v1/list?key=k+e", "/v1/list?key=k%20e")
    assert server.last.header("Authorization") is None


def test_a_head_has_no_body_and_its_documented_errors_are_raised(
    habits: Package, server: WireServer
) -> None:
    def sent(name: str) -> Any:
        client = habits.client.AuthenticatedClient(server.url, token="k")
        return habits.call("sync", f"default.{name}", client=client)

    for name in ("check_cover", "check_pair"):
        server.answer(404)
        with pytest.raises(habits.errors.ErrorStatus) as caught:
            sent(name)
        assert caught.value.parsed is None
    server.answer(200)
    assert sent("check_pair") is None
    with pytest.raises(habits.errors.UnexpectedStatus):  # the document names errors alone
        sent("check_cover")


def test_an_array_of_first_items_alone_is_taken(habits: Package) -> None:
    found = habits.models.GetPairResponse.from_dict({"pair": ["a", 1]})
    assert found.to_dict() == {"pair": ["a", 1]}


def test_a_class_stands_once_in_a_union_of_unions(habits: Package) -> None:
    source = inspect.getsource(habits.operation("default.get_either").parse_response)
    returns = cast("ast.FunctionDef", ast.parse(source).body[0]).returns
    assert returns is not None
    assert ast.unparse(returns).split(" | ") == [
        *("GetEitherResponseVariant1", "GetEitherResponseVariant2", "None")
    ]
