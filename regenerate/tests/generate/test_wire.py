"""What generated operations send: paths, queries, headers and bodies, seen by a real server."""

import datetime
import json
from email.parser import BytesParser
from email.policy import HTTP
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from ..traps import CALLS, Traps
from ..wire_server import Received, WireServer

ID = UUID("0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f")
THING = b'{"id": "0189f7ea-ae2c-7809-8aeb-b819cf5e9e7f", "name": "n"}'


def send(
    traps: Traps,
    server: WireServer,
    name: str,
    *path: Any,
    how: str = "sync_detailed",
    **arguments: Any,
) -> Received:
    """Call an operation and give what the server saw."""
    traps.call(how, name, *path, client=traps.client.Client(server.url), **arguments)
    return server.last


def parts(request: Received) -> list[tuple[object, str, object]]:
    """Read a multipart body with a parser that is not ours.

    Name, content type and content of each part.
    """
    head = f"Content-Type: {request.header('Content-Type')}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + request.body)
    return [
        (
            part.get_param("name", header="content-disposition"),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


@pytest.mark.parametrize(
    ("slug", "sent"),
    [
        ("nano-banana-pro", "nano-banana-pro"),
        ("nano-banana-pro/edit", "nano-banana-pro/edit"),
        ("seedance/2.0/fast", "seedance/2.0/fast"),
        ("a b/c?d#e%2F", "a%20b/c%3Fd%23e%252F"),
        ("...", "..."),
        ("ä{owner}", "%C3%A4%7Bowner%7D"),
    ],
)
def test_slashes_stay_in_the_marked_parameter_and_all_else_is_encoded(
    traps: Traps, server: WireServer, slug: str, sent: str
) -> None:
    server.answer(200, THING)
    assert (
        send(traps, server, "get_model", "bytedance", slug).target == f"/v1/models/bytedance/{sent}"
    )


def test_slashes_are_encoded_in_a_parameter_that_is_not_marked(
    traps: Traps, server: WireServer
) -> None:
    server.answer(200, THING)
    assert send(traps, server, "get_model", "a/b", "c").target == "/v1/models/a%2Fb/c"


@pytest.mark.parametrize("value", ["", ".", "..", "a/..", "../a", "a//b", "/a", "a/", "a/./b"])
@pytest.mark.parametrize("name", ["owner", "slug"])
def test_a_segment_that_leads_elsewhere_is_refused(traps: Traps, name: str, value: str) -> None:
    arguments = {"owner": "google", "slug": "nano", name: value}
    with pytest.raises(ValueError, match=f"path parameter {name}"):
        traps.operation("get_model").build_request(**arguments)


@pytest.mark.parametrize("value", [None, "UNSET"])
def test_a_path_parameter_that_is_not_set_is_refused(traps: Traps, value: object) -> None:
    with pytest.raises(ValueError, match="path parameter owner is not set"):
        traps.operation("get_model").build_request(traps.types.UNSET if value else None, "slug")


def test_nothing_is_sent_for_what_is_unset(traps: Traps, server: WireServer) -> None:
    server.answer(200, b"[]")
    request = send(traps, server, "list_things")
    assert request.target == "/v1/things"
    assert {name.lower() for name, _ in request.headers} == {
        "host", "accept", "accept-encoding", "connection", "user-agent"
    }  # fmt: skip


def test_every_query_value_is_a_string(traps: Traps, server: WireServer) -> None:
    server.answer(200, b"[]")
    request = send(
        traps,
        server,
        "list_things",
        limit=0,
        from_prev=False,
        id=ID,
        since=datetime.datetime(
            2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=2))
        ),
        status=traps.models.Status.RUNNING,
        tags=["a b", "c&d"],
        q=None,
    )
    assert parse_qs(urlsplit(request.target).query, strict_parsing=True) == {
        "limit": ["0"],
        "from_prev": ["false"],
        "id": [str(ID)],
        "since": ["2026-01-02T03:04:05+02:00"],
        "status": ["running"],
        "tags": ["a b", "c&d"],
    }


def test_an_object_among_the_values_of_a_query_is_sent_as_json(
    traps: Traps, server: WireServer
) -> None:
    server.answer(200, b"[]")
    request = send(traps, server, "list_things", tags=[{"a": True, "since": None}, ["b", 1]])
    assert parse_qs(urlsplit(request.target).query) == {
        "tags": ['{"a": true, "since": null}', '["b", 1]']
    }


def test_every_header_and_cookie_is_a_string(traps: Traps, server: WireServer) -> None:
    server.answer(200, b"[]")
    status = traps.models.Status("paused")
    request = send(
        traps,
        server,
        "list_things",
        x_request_id=ID,
        x_status=status,
        x_flag=True,
        x_organization_id=None,
        session="a b",
    )
    assert request.header("X-Request-Id") == str(ID)
    assert request.header("X-Status") == "paused"
    assert request.header("X-Flag") == "true"
    assert request.header("X-Organization-Id") is None
    assert request.header("Cookie") == "session=a%20b"


def test_the_defaults_of_the_document_are_not_sent(traps: Traps, server: WireServer) -> None:
    server.answer(201, THING)
    body = traps.models.ThingCreate(name="n")
    request = send(traps, server, "create_thing", body=body)
    assert request.body == b'{"name":"n"}'
    assert request.header("Content-Type") == "application/json"


def test_null_is_sent_where_it_was_given_and_zero_is_not_unset(
    traps: Traps, server: WireServer
) -> None:
    server.answer(201, THING)
    body = traps.models.ThingCreate(name="", size=0, note=None, parts=[])
    request = send(traps, server, "create_thing", body=body)
    assert json.loads(request.body) == {"name": "", "size": 0, "note": None, "parts": []}


def test_a_time_without_zone_is_sent_as_utc(traps: Traps) -> None:
    body = traps.models.ThingCreate(name="n", when=datetime.datetime(2026, 1, 2, 3, 4, 5))
    assert body.to_dict()["when"] == "2026-01-02T03:04:05+00:00"


def test_multipart_has_a_new_boundary_each_time_and_no_part_can_be_smuggled(
    traps: Traps, server: WireServer
) -> None:
    content = (
        b'\r\n--+++\r\nContent-Disposition: form-data; name="role"\r\n\r\nadmin\r\n--+++--\r\n'
    )
    requests: list[Received] = []
    for _ in range(2):
        file = traps.types.File(BytesIO(content), file_name="a.png", mime_type="image/png")
        body = traps.models.Upload(
            file=file, note="n", flag=True, tags=["x", "y"], part=traps.models.Part(name="p")
        )
        body.additional_properties["more"] = 1
        requests.append(send(traps, server, "upload", body=body))
    assert requests[0].header("Content-Type") != requests[1].header("Content-Type")
    assert parts(requests[0]) == [
        ("more", "text/plain", b"1"),
        ("file", "image/png", content),
        ("note", "text/plain", b"n"),
        ("flag", "text/plain", b"true"),
        ("tags", "text/plain", b"x"),
        ("tags", "text/plain", b"y"),
        ("part", "application/json", b'{"name": "p"}'),
    ]


@pytest.mark.parametrize("how", CALLS)
def test_bytes_and_text_are_sent_as_they_are(traps: Traps, server: WireServer, how: str) -> None:
    request = send(
        traps, server, "send_raw", how=how, body=traps.types.File(BytesIO(b"\x89PNG\n\n"))
    )
    assert (request.body, request.header("Content-Type")) == (b"\x89PNG\n\n", "image/png")
    request = send(traps, server, "send_text", how=how, body="grüß")
    assert (request.body, request.header("Content-Type")) == ("grüß".encode(), "text/plain")


def test_a_form_is_url_encoded(traps: Traps, server: WireServer) -> None:
    request = send(traps, server, "send_form", body=traps.models.Part(name="a b", size=3))
    assert request.header("Content-Type") == "application/x-www-form-urlencoded"
    assert parse_qs(request.body.decode()) == {"name": ["a b"], "size": ["3"]}


def test_the_type_of_the_body_chooses_its_content_type(traps: Traps, server: WireServer) -> None:
    request = send(traps, server, "send_either", body=traps.models.Part(name="p"))
    assert (request.header("Content-Type"), request.body) == ("application/json", b'{"name":"p"}')
    request = send(
        traps, server, "send_either", body=traps.models.Upload(file=traps.types.File(BytesIO(b"f")))
    )
    assert [(name, content) for name, _, content in parts(request)] == [("file", b"f")]


def test_an_optional_body_may_be_left_out_or_null(traps: Traps, server: WireServer) -> None:
    request = send(traps, server, "send_maybe")
    assert (request.body, request.header("Content-Type")) == (b"", None)
    request = send(traps, server, "send_maybe", body=None)
    assert (request.body, request.header("Content-Type")) == (b"null", "application/json")


@pytest.mark.parametrize("how", CALLS)
def test_all_four_ways_send_the_same_request(traps: Traps, server: WireServer, how: str) -> None:
    server.answer(201, THING)
    when = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    body = traps.models.ThingCreate(
        name="n", size=3, when=when, parts=[traps.models.Part(name="p")]
    )
    request = send(traps, server, "create_thing", how=how, body=body)
    assert (request.method, request.target) == ("POST", "/v1/things")
    assert b'"when":"2026-01-02T00:00:00+00:00"' in request.body
    assert b'"parts":[{"name":"p"}]' in request.body


def test_the_request_can_be_built_without_sending_it(traps: Traps) -> None:
    operation = traps.operation("get_thing")
    assert operation.build_request(ID) == {"method": "GET", "url": f"/v1/things/{ID}"}
    assert traps.types.Operation("get_thing", "GET", "/v1/things/{id}") == operation.OPERATION
