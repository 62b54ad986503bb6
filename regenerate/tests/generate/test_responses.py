"""What comes back.

Documented and other statuses, readable and unreadable bodies, in all four ways to call.
"""

import pickle
from typing import Any

import httpx
import pytest

from ..traps import CALLS, Traps
from ..wire_server import WireServer

ID = "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f"
THING = b'{"id": "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f", "name": "n"}'
ERROR = b'{"code": "NOT_FOUND", "message": "no such thing https://x.example/a?sig=hidden"}'


def call(
    traps: Traps, server: WireServer, how: str, name: str, *path: Any, **arguments: Any
) -> Any:
    """Call an operation of the server."""
    return traps.call(how, name, *path, client=traps.client.Client(server.url), **arguments)


def parse(
    traps: Traps, name: str, status: int, body: bytes, content_type: str = "application/json"
) -> Any:
    """Let an operation read a response that no server sent."""
    response = httpx.Response(status, content=body, headers={"Content-Type": content_type})
    return traps.operation(name).parse_response(response)


@pytest.mark.parametrize("how", CALLS)
def test_a_success_is_parsed(traps: Traps, server: WireServer, how: str) -> None:
    server.answer(200, THING)
    result = call(traps, server, how, "get_thing", ID)
    if how.endswith("detailed"):
        assert (result.status_code, type(result.status_code)) == (200, int)
        assert result.content == THING
        assert result.headers["content-type"] == "application/json"
        result = result.parsed
    assert type(result).__name__ == "Thing"
    assert result.name == "n"


@pytest.mark.parametrize("how", CALLS)
def test_a_documented_error_is_parsed_or_raised_with_its_body(
    traps: Traps, server: WireServer, how: str
) -> None:
    server.answer(404, ERROR)
    if how.endswith("detailed"):
        assert call(traps, server, how, "get_thing", ID).parsed.code == "NOT_FOUND"
        return
    with pytest.raises(traps.errors.ErrorStatus) as caught:
        call(traps, server, how, "get_thing", ID)
    assert caught.value.parsed.code == "NOT_FOUND"
    assert caught.value.status_code == 404
    assert caught.value.operation.name == "get_thing"
    text = str(caught.value)
    assert f"get_thing: GET http://127.0.0.1/v1/things/{ID} answered 404" in text
    assert "NOT_FOUND" in text
    assert "hidden" not in text


@pytest.mark.parametrize("how", CALLS)
@pytest.mark.parametrize("status", [202, 299, 302, 400, 418, 499, 500, 520, 599])
def test_an_undocumented_status_is_raised_with_the_response(
    traps: Traps, server: WireServer, how: str, status: int
) -> None:
    server.answer(status, b"<html>secret</html>", "text/html")
    with pytest.raises(traps.errors.UnexpectedStatus) as caught:
        call(traps, server, how, "get_thing", ID)
    assert caught.value.response.headers["content-type"] == "text/html"
    assert (caught.value.status_code, caught.value.content) == (status, b"<html>secret</html>")
    assert str(status) in str(caught.value)
    assert "secret" not in str(caught.value)


UNREADABLE = {
    "html": (b"<html>", "", "not JSON"),
    "empty": (b"", "", "empty"),
    "null": (b"null", "", "expected an object, got null"),
    "truncated": (THING[:-3], "", "not JSON"),
    "not UTF-8": (b'{"id": "\xff"}', "", "not JSON"),
    "NaN": (b'{"id": NaN}', "", "not JSON"),
    "a list": (b"[]", "", "expected an object, got a list"),
    "too deep": (b"[" * 100_000, "", "not JSON"),
    "missing field": (b'{"name": "n"}', "id", "is missing"),
    "null for a required field": (b'{"id": null, "name": "n"}', "id", "expected a UUID, got null"),
    "no UUID": (
        b'{"id": "SECRET", "name": "n"}',
        "id",
        "expected a UUID, got another string",
    ),
    "wrong scalar": (THING[:-1] + b', "count": "7"}', "count", "expected an integer, got a string"),
    "boolean for integer": (
        THING[:-1] + b', "count": true}',
        "count",
        "expected an integer, got a boolean",
    ),
    "fraction for integer": (
        THING[:-1] + b', "count": 1.5}',
        "count",
        "expected an integer, got a number",
    ),
    "string for number": (
        THING[:-1] + b', "ratio": "1"}',
        "ratio",
        "expected a number, got a string",
    ),
    "integer for boolean": (
        THING[:-1] + b', "active": 1}',
        "active",
        "expected a boolean, got an integer",
    ),
    "number for text": (THING[:-1] + b', "name": 1}', "name", "expected a string, got an integer"),
    "number for enum": (
        THING[:-1] + b', "status": 1}',
        "status",
        "expected a value of Status, got an integer",
    ),
    "boolean for integer enum": (
        THING[:-1] + b', "level": true}',
        "level",
        "expected a value of Level",
    ),
    "object for list": (THING[:-1] + b', "tags": {}}', "tags", "expected a list, got an object"),
    "item of a list": (
        THING[:-1] + b', "tags": ["a", 2]}',
        "tags[1]",
        "expected a string, got an integer",
    ),
    "deep inside": (
        THING[:-1] + b', "parts": [{"name": "a"}, {"size": 1}]}',
        "parts[1].name",
        "is missing",
    ),
    "recursive": (
        b'{"id": "%s", "name": "n", "other": {"id": 1}}' % ID.encode(),
        "other.id",
        "expected a UUID",
    ),
    "garbage for a time": (
        THING[:-1] + b', "created_at": "soon"}',
        "created_at",
        "expected a date-time",
    ),
    "garbage for a time or null": (
        THING[:-1] + b', "created_or_null": "soon"}',
        "created_or_null",
        "a date-time",
    ),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_an_unreadable_body_is_raised_with_its_place(traps: Traps, what: str) -> None:
    body, path, reason = UNREADABLE[what]
    with pytest.raises(traps.errors.InvalidResponse) as caught:
        parse(traps, "get_thing", 200, body)
    assert caught.value.path == path
    assert reason in caught.value.reason
    assert caught.value.content == body
    assert "SECRET" not in str(caught.value)
    assert str(caught.value).startswith(
        "get_thing: GET /v1/things/{id} answered 200 with an unreadable body: "
    )


@pytest.mark.parametrize("how", CALLS)
@pytest.mark.parametrize("status", [200, 404])
def test_an_unreadable_body_is_raised_in_all_four_ways(
    traps: Traps, server: WireServer, how: str, status: int
) -> None:
    server.answer(status, b"<html>", "text/html")
    with pytest.raises(traps.errors.InvalidResponse) as caught:
        call(traps, server, how, "get_thing", ID)
    assert caught.value.response.status_code == status


@pytest.mark.parametrize("how", CALLS)
def test_a_response_without_body_is_none(traps: Traps, server: WireServer, how: str) -> None:
    server.answer(204)
    result = call(traps, server, how, "delete_thing", ID)
    assert (result.parsed if how.endswith("detailed") else result) is None


@pytest.mark.parametrize("how", CALLS)
def test_a_picture_comes_as_bytes(traps: Traps, server: WireServer, how: str) -> None:
    server.answer(200, b"\x89PNG\r\n", "image/png")
    result = call(traps, server, how, "get_picture")
    file = result.parsed if how.endswith("detailed") else result
    assert (file.payload.read(), file.mime_type) == (b"\x89PNG\r\n", "image/png")


def test_text_comes_as_text(traps: Traps, server: WireServer) -> None:
    server.answer(200, "grüß".encode(), "text/plain; charset=utf-8")
    assert call(traps, server, "sync", "get_text") == "grüß"


def test_of_several_content_types_the_one_that_came_is_read(traps: Traps) -> None:
    assert (
        parse(traps, "get_report", 200, b'{"name": "n"}', "application/json; charset=utf-8").name
        == "n"
    )
    assert parse(traps, "get_report", 200, b"%PDF", "application/pdf").payload.read() == b"%PDF"
    with pytest.raises(traps.errors.InvalidResponse):
        parse(traps, "get_report", 200, b"%PDF", "application/json")


def test_single_statuses_go_before_ranges_and_ranges_before_the_default(traps: Traps) -> None:
    assert type(parse(traps, "get_mixed", 404, ERROR)).__name__ == "Error"
    assert type(parse(traps, "get_mixed", 422, THING)).__name__ == "Thing"
    assert type(parse(traps, "get_mixed", 500, ERROR)).__name__ == "Error"
    assert parse(traps, "get_mixed", 200, b"null") is None
    # The document names its successes: another one is none of its default responses.
    with pytest.raises(traps.errors.UnexpectedStatus):
        parse(traps, "get_mixed", 202, ERROR)


def test_a_default_alone_is_the_success_and_the_error(traps: Traps, server: WireServer) -> None:
    server.answer(201, THING)
    assert call(traps, server, "sync", "get_default").name == "n"
    server.answer(500, THING)
    with pytest.raises(traps.errors.ErrorStatus) as caught:
        call(traps, server, "sync", "get_default")
    assert caught.value.parsed.name == "n"


def test_errors_survive_pickling(traps: Traps, server: WireServer) -> None:
    server.answer(404, ERROR)
    with pytest.raises(traps.errors.ErrorStatus) as caught:
        call(traps, server, "sync", "get_thing", ID)
    error = pickle.loads(pickle.dumps(caught.value))
    assert (str(error), error.parsed, error.content) == (
        str(caught.value),
        caught.value.parsed,
        ERROR,
    )
    with pytest.raises(traps.errors.InvalidResponse) as caught:
        parse(traps, "get_thing", 200, b'{"name": "n"}')
    error = pickle.loads(pickle.dumps(caught.value))
    assert (type(error).__name__, error.path, error.reason) == (
        "InvalidResponse",
        "id",
        "is missing",
    )
