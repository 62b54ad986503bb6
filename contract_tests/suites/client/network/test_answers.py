"""What a call says of an answer that is no success, or that cannot be read: which call, what was
said, nothing secret.
"""

import json
from typing import Any

import pytest
from runflow_api.api.runs import get_run
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel
from runflow_client import (
    ApiError,
    BadRequest,
    Conflict,
    InsufficientCredit,
    NotFound,
    PermissionDenied,
    RateLimited,
    RedirectRefused,
    ServerError,
    Unauthorized,
    UnreadableAnswer,
    ValidationFailed,
)
from runflow_client._responses import check, parse_leniently, read, read_model, read_object

ID = "0198c0de-0000-7000-8000-000000000000"
REQUEST = httpx.Request("GET", f"https://api.test/v1/runs/{ID}?q=1")


def answered(status: int, body: Any = None, **headers: str) -> httpx.Response:
    """An answer to the request; a body that is not bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, content=content, headers=named, request=REQUEST)


def refused(status: int, body: Any = None, **headers: str) -> ApiError:
    with pytest.raises(ApiError) as caught:
        check(answered(status, body, **headers))
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind", "remedy"),
    [
        (400, BadRequest, None),
        (401, Unauthorized, "Check RUNFLOW_API_KEY"),
        (402, InsufficientCredit, "Top up at https://app.runflow.io"),
        (403, PermissionDenied, "The key lacks a scope"),
        (404, NotFound, None),
        (409, Conflict, None),
        (418, ApiError, None),
        (422, ValidationFailed, None),
        (429, RateLimited, "The rate limit refused the request: nothing was created"),
        (499, ApiError, None),
        (500, ServerError, None),
        (503, ServerError, None),
    ],
)
def test_each_error_status_has_its_class_and_its_remedy(
    status: int, kind: type[ApiError], remedy: str | None
) -> None:
    error = refused(status, {"code": "C", "message": "said"})
    assert type(error) is kind
    assert (error.status, error.method, error.path) == (status, "GET", f"/v1/runs/{ID}")
    host = "; the host is api.test" if status == 404 else ""
    assert str(error) == f"GET /v1/runs/{ID} was answered {status} C: said{host}"
    notes: list[str] = getattr(error, "__notes__", [])
    assert len(notes) == (remedy is not None)
    assert all(note.startswith(remedy or "") for note in notes)


@pytest.mark.parametrize(
    ("body", "code", "message", "errors"),
    [
        ({"code": "C", "message": "said"}, "C", "said", []),
        ({"code": 7, "message": 8}, "7", "8", []),
        ({"code": None, "message": None}, None, "", []),
        ({"detail": "older"}, None, "older", []),
        ({"message": "said", "detail": "older"}, None, "said", []),
        ({"errors": [{"msg": "a"}, "b"], "detail": [{"msg": "c"}]}, None, "", [{"msg": "a"}]),
        ({"errors": [], "detail": [{"msg": "c"}]}, None, "", [{"msg": "c"}]),
        ([], None, "[]", []),
        (b" <html>oops</html>\n", None, "<html>oops</html>", []),
        (b"\xff!", None, "\N{REPLACEMENT CHARACTER}!", []),
        (b"[" * 100_000, None, "[" * 500, []),
        (b"", None, "", []),
    ],
)
def test_the_message_of_the_server_is_kept_in_any_form(
    body: Any, code: str | None, message: str, errors: list[dict[str, Any]]
) -> None:
    error = refused(400, body)
    assert (error.code, error.message, error.errors) == (code, message, errors)
    assert str(error).startswith(f"GET /v1/runs/{ID} was answered 400 ")
    assert message in str(error)
    assert ("no reason given" in str(error)) == (not message and not code)


@pytest.mark.parametrize("status", [400, 404, 405])
def test_a_base_url_with_v1_is_recognised_by_the_path(status: int) -> None:
    request = httpx.Request("GET", f"https://proxy.test/v1/v1/runs/{ID}")
    with pytest.raises(ApiError, match="leave /v1 out of base_url") as caught:
        check(httpx.Response(status, json={"code": "C"}, request=request))
    assert ("proxy.test" in str(caught.value)) == (status == 404)
    with pytest.raises(UnreadableAnswer, match="leave /v1 out of base_url"):
        read_object(httpx.Response(200, content=b"<html>", request=request))


def test_the_details_are_named_by_their_paths() -> None:
    complaints = [
        {"loc": ["body", "input", "images", 0], "msg": "too large"},
        {"loc": "query", "msg": "wrong"},
        {"loc": ["body", "input", "images", 0], "msg": "no picture"},
        {"type": "missing"},
        {"loc": [], "msg": "odd"},
    ]
    error = refused(422, {"code": "V", "errors": complaints})
    assert error.fields == {
        "body.input.images.0": "too large; no picture",
        "query": "wrong",
        "": "{'type': 'missing'}; odd",
    }
    assert str(error).endswith(
        "422 V; body.input.images.0: too large; no picture; query: wrong; {'type': 'missing'}; odd"
    )


def test_the_id_of_the_request_and_retry_after_are_named() -> None:
    error = refused(429, {}, Runflow_Request_Id="ours", X_Request_Id="common", Retry_After="70")
    assert (error.request_id, error.retry_after) == ("ours", 70.0)
    assert str(error).endswith("[request ours]")
    assert refused(500, {}, X_Request_Id="common").request_id == "common"
    assert refused(500, {}).request_id is None
    assert "[request" not in str(refused(500, {}))


def test_nothing_secret_comes_along() -> None:
    error = refused(403, {"message": "key rf_live_abc at https://s.test/a?sig=x"})
    assert error.message == "key [hidden] at https://s.test/a?[hidden]"
    with pytest.raises(UnreadableAnswer) as caught:
        read_object(answered(200, b"key rf_live_abc at https://s.test/a?sig=x"))
    assert caught.value.body == "key [hidden] at https://s.test/a?[hidden]"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused_and_says_where_it_points(status: int) -> None:
    with pytest.raises(RedirectRefused, match="not followed") as caught:
        check(answered(status, None, Location="https://u:p@other.test/x?token=5ec4e7"))
    error = caught.value
    assert "points to https://other.test/x?[hidden]" in str(error)
    assert "5ec4e7" not in str(error)
    assert (error.status, error.method, error.path) == (status, "GET", f"/v1/runs/{ID}")


@pytest.mark.parametrize("status", [300, 304, 399])
def test_what_is_neither_success_nor_error_cannot_be_read(status: int) -> None:
    with pytest.raises(UnreadableAnswer, match="neither a success nor an error") as caught:
        check(answered(status, b"?"))
    assert caught.value.status == status


def test_a_success_is_given_back_as_it_is() -> None:
    for status in (200, 201, 204, 299):
        response = answered(status)
        assert check(response) is response


def test_an_answer_that_cannot_be_read_shows_its_call_and_its_beginning() -> None:
    with pytest.raises(UnreadableAnswer) as caught:
        read(answered(200, b"<" * 600), get_run.parse_response)
    error = caught.value
    assert (error.status, error.method, error.path) == (200, "GET", f"/v1/runs/{ID}")
    assert error.body == "<" * 500
    assert str(error.__cause__) in error.reason
    assert f"GET /v1/runs/{ID}: " in str(error)
    assert "(status 200)" in str(error)
    assert f"the body begins {error.body!r}" in str(error)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "not a JSON object"),
        (b"null", "not a JSON object"),
    ],
)
def test_a_body_that_is_not_an_object_is_refused(body: bytes, told: str) -> None:
    with pytest.raises(UnreadableAnswer, match=f"the body is {told}"):
        read_object(answered(200, body))
    with pytest.raises(UnreadableAnswer, match=f"the body is {told}"):
        read_model(answered(200, body), get_run.parse_response, RunModel)


def test_an_answer_of_another_type_names_both_types() -> None:
    with pytest.raises(UnreadableAnswer, match="expected a Run, not a str"):
        read_model(answered(200, {}), lambda response: "text", RunModel)


def test_a_field_in_a_new_form_does_not_lose_the_others() -> None:
    run = read_model(
        answered(
            200,
            {"id": ID, "status_code": "queued", "created_at": 17, "input": "x", "newer": {"a": 1}},
        ),
        get_run.parse_response,
        RunModel,
    )
    assert (str(run.id), str(run.status_code)) == (ID, "queued")
    assert run.additional_properties == {"created_at": 17, "input": "x", "newer": {"a": 1}}
    assert parse_leniently(RunModel, {"id": ID}).additional_properties == {}
