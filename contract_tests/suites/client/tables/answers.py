"""What becomes of an answer: of its status, its headers and each form of its body."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final
from uuid import UUID

from runflow_api.errors import DecodingError, InvalidResponse
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel
from runflow_api.types import UNSET, Operation
from runflow_client import (
    ApiError,
    RunflowError,
    _http as http,
    _json as shapes,
    _responses as responses,
)

from .rows import Plain, behind, result, table

ID: Final = "0198c0de-0000-7000-8000-00000000000a"
OTHER: Final = "0198c0de-0000-7000-8000-00000000000b"
REQUEST: Final = httpx.Request("PATCH", "https://u:p@api.test/v1/runs?q=1")

STATUSES: Final = (
    *(199, 200, 201, 204, 299, 300, 301, 304, 307, 308, 399, 400, 401, 402, 403, 404, 405, 408),
    *(409, 410, 418, 422, 425, 428, 429, 430, 499, 500, 501, 503, 599),
)

_BODIES: Final[tuple[Any, ...]] = (
    *(None, True, 0, "text", [], {}, {"other": 1}, {"code": "C"}, {"message": "m"}),
    *({"code": 0, "message": 0}, {"code": "", "message": ""}, {"code": None, "message": None}),
    *({"code": "rf_live_a", "message": "Bearer a"}, {"detail": None}, {"detail": "d"}),
    *({"detail": {"code": "C", "message": "m"}}, {"detail": {"msg": "d"}}, {"detail": {}}),
    *({"code": "O", "detail": {"code": "I"}}, {"detail": [{"msg": "d"}, "x", None]}),
    *({"errors": [], "detail": "d"}, {"errors": "e", "detail": "d"}, {"errors": {"msg": "e"}}),
    {"message": "m", "detail": "d", "errors": [{"loc": ["a", 0], "msg": "whsec_b"}]},
)
BODIES: Final[Mapping[str, object]] = {json.dumps(one): one for one in _BODIES}
RAW: Final[Mapping[str, bytes]] = {
    "nothing": b"",
    "blanks": b" \n",
    "a page": b" <html>rf_live_a</html>\n",
    "bad UTF-8": b"\xff",
    "blanks and half of an object": b'\n {"id": ',
    "half of an object": b'{"id": ',
    "500 bytes": b"a" * 500,
    "501 bytes": b"a" * 500 + b"b",
    "a password that is cut": b"a" * 480 + b" https://u:5ec4e7@a.test?5ec4e7",
    "no end": b"[" * 100_000,
    "NaN": b"NaN",
}

HEADERS: Final[tuple[dict[str, str], ...]] = (
    {},
    {"Runflow-Request-Id": "a"},
    {"X-Request-Id": "b"},
    {"X-Request-Id": "b", "Runflow-Request-Id": "a"},
    {"Runflow-Request-Id": "", "X-Request-Id": "b"},
    {"Location": "https://u:p@other.test/x?s=5ec4e7"},
    {"Location": "/x", "X-Request-Id": "b"},
    {"Retry-After": "7"},
)

WAITS: Final = (
    *("", " ", "0", "7", " 7.5 ", "-1", "nan", "inf", "-inf", "1e400", "soon", "7 s", "0x7"),
    *("Thu, 01 Jan 2026 00:00:10 GMT", "Thu, 01 Jan 2026 00:00:10 +0100"),
    *(
        "Thu, 01 Jan 2026 00:00:10",
        "Wed, 31 Dec 2025 23:59:59 GMT",
        "Thu, 99 Jan 2026 00:00:10 GMT",
    ),
    "Thu, 01 Jan 99999 00:00:10 GMT",
)

CURSORS: Final[tuple[Any, ...]] = (None, "", "c", 0, 7, -1, True, False, 1.5, [], ["c"], {})

PAGES: Final[tuple[Any, ...]] = (
    *(None, [], {}, {"items": None}, {"items": {}}, {"items": "x"}, {"items": []}),
    *({"items": [{"id": 1}, None, "x", [], {}, {"id": 2}]}, {"items": [{"bad": 1}]}),
    {"items": [], "next": "n", "previous": "p", "next_pq": "nq", "prev_pq": "pq"},
    {"items": [], "next": "", "next_pq": "nq", "previous": None, "prev_pq": "pq"},
    {"items": [], "prev": "p", "cursor": "c", "next_cursor": "n", "previous_pq": "p"},
)

IDS: Final = (None, ID, ID.upper(), OTHER, "", 7, "x")


class Other(httpx.TransportError):
    """An error of the HTTP library beside the named ones."""


TROUBLES: Final = (
    *(httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError),
    *(httpx.ReadTimeout, httpx.WriteTimeout, httpx.ReadError, httpx.WriteError, httpx.CloseError),
    *(httpx.RemoteProtocolError, httpx.LocalProtocolError, httpx.UnsupportedProtocol),
    *(httpx.DecodingError, Other),
)


def answered(status: int, content: bytes = b"", headers: Mapping[str, str] = {}) -> httpx.Response:
    """Return an answer to the request of this table."""
    return httpx.Response(status, content=content, headers=dict(headers), request=REQUEST)


def told(error: RunflowError) -> Plain:
    """Return class, text and facts of an error. Its reason is part of its text."""
    facts = {name: value for name, value in sorted(vars(error).items()) if name[0] != "_"}
    assert facts.pop("reason", "") in str(error)
    return Plain(f"{type(error).__name__}: {error} {facts}{behind(error)}")


def caught(call: Callable[[], Any]) -> object:
    """Return what the call gives, or what is told of its error."""
    try:
        return call()
    except RunflowError as error:
        return told(error)


def short(body: object, call: Callable[[httpx.Response], Any], status: int = 200) -> object:
    """Return what becomes of an answer with this body, bytes or JSON; of an error what it tells
    of the body.
    """
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        return call(answered(status, content))
    except RunflowError as error:
        facts = vars(error)
        read = {name: facts[name] for name in ("code", "message", "errors") if name in facts}
        reason = str(facts.get("reason", "")).partition(f" (status {status})")[0]
        return Plain(f"{type(error).__name__} {reason or read}{behind(error)}")


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    yield from _errors()
    every = {**BODIES, **RAW}
    refused = partial(short, call=responses.check, status=422)
    yield from table("an error with the body", refused, every)
    yield from table(
        "the error for a body",
        lambda one: told(responses.unreadable(answered(201, one), "rf_live_a is odd")),
        RAW,
    )
    few = {name: body for name, body in every.items() if not isinstance(body, dict) or not body}
    for read in (responses.read_object, responses.check_deleted):
        yield from table(read.__name__, partial(short, call=read), few)
    yield from table("retry_after, a minute before", partial(_waits, date=True), WAITS)
    old = "Fri, 01 Jan 1999 00:00:00 GMT"
    yield from table("retry_after", partial(_waits, date=False), [*WAITS[:13], old])
    yield from table("read_http_date", http.read_http_date, WAITS)
    values: tuple[Any, ...] = (
        None,
        True,
        0,
        "",
        "text",
        b"x",
        [],
        [1, {"a": 1}, None, {}],
        (1,),
        {},
        {"a": 1},
    )
    for one in (shapes.as_object, shapes.as_list, shapes.as_text, shapes.objects_in):
        yield from table(one.__name__, one, values)
    yield from _pages()
    yield from _models()
    yield from table("trouble of a request", _trouble, {one.__name__: one for one in TROUBLES})
    causes = {"a reason": ValueError("rf_live_a"), "none": ValueError(), "a key": KeyError("k")}
    yield from table("show_cause", responses.show_cause, causes)
    yield from table("send_failed", lambda one: told(responses.send_failed(ARGUMENTS, one)), causes)
    yield from table("storage_refused", _storage, STORED)
    yield from table("fields of an error", lambda one: _failed(errors=one).fields, DETAILS)
    detail = {"msg": "m"}
    yield f"* the details are copies\n    {_failed(errors=[detail]).errors[0] is not detail}"
    paths = ("/v1/runs", "/v1/v1/runs", "/api/v1/v1/runs", "/v1/v1", "/xv1/v1/runs")
    yield from table("an error at the path", lambda one: Plain(str(_failed(path=one))), paths)


DETAILS: Final[tuple[list[dict[str, Any]], ...]] = (
    [],
    [{}],
    [{"msg": ""}],
    [{"msg": None, "loc": None}],
    [{"loc": "x", "msg": 0}],
    [{"loc": ["a", 0], "msg": "m"}, {"loc": ["a", 0], "msg": "n"}],
    [{"loc": [], "msg": "m"}],
    [{"loc": ["b", None], "msg": "m"}, {"loc": ["a"], "msg": "n"}],
    [{"loc": {"a": 1}}],
)


def _failed(*, path: str = "/x", errors: Any = ()) -> ApiError:
    return ApiError(status=422, method="GET", path=path, errors=errors)


def _errors() -> Iterator[str]:
    yield from table("status", lambda one: short(b"", responses.check, one), STATUSES)
    for status in (200, 301, 304, 404, 429):
        check = partial(responses.check, attempts=3)
        yield from table(
            f"{status} with the headers",
            lambda one, status=status, check=check: caught(
                lambda: check(answered(status, b'{"code": "C"}', one))
            ),
            HEADERS,
        )


def _waits(text: str, *, date: bool) -> float | None:
    named = {"Date": "Wed, 31 Dec 2025 23:59:10 GMT"} if date else {}
    return http.retry_after(answered(429, headers={"Retry-After": text, **named}))


def _item(value: Mapping[str, Any]) -> Any:
    if "bad" in value:
        raise ValueError("it is bad")
    return value.get("id", "an item")


def _page(body: object) -> Plain:
    """Return the page as it is read forward, and backward where that gives something else."""
    found = [
        result(
            lambda one, backward=backward: short(
                one, lambda answer: responses.read_page(answer, _item, backward=backward)
            ),
            body,
        )
        for backward in (False, True)
    ]
    return Plain(" | ".join(dict.fromkeys(found)))


def _pages() -> Iterator[str]:
    yield from table("page", _page, PAGES)
    for key in ("next", "next_pq", "previous", "prev_pq"):
        yield from table(
            f"page with {key}", lambda one, key=key: _page({"items": [], key: one}), CURSORS
        )


def _parse(response: httpx.Response) -> object:
    """Read an answer as an operation does: strictly."""
    try:
        return RunModel.from_dict(response.json())
    except DecodingError as error:
        operation = Operation("get_run", "GET", "/v1/runs")
        raise InvalidResponse(operation, response, error.reason, error.path) from None


def _models() -> Iterator[str]:
    read = partial(responses.read_model, parse=_parse, model=RunModel)
    runs: tuple[Any, ...] = (
        *({"id": ID}, {"id": ID, "cost": None}, {"id": 7, "cost": 0.5, "odd": 0}),
        *({"created_at": "now", "status_code": 3}, {"id": 7, "cost": None, "odd": None}),
        *([], None, "x"),
    )
    yield from table("read_model", partial(short, call=read), runs)
    other = partial(responses.read_model, parse=lambda one: one.text, model=RunModel)
    yield from table("read_model as text", partial(short, call=other), [{}])
    yield from table("lenient", partial(short, call=responses.lenient(RunModel)), runs)
    yield from table("read", partial(short, call=partial(responses.read, parse=_parse)), runs)
    for expected in (None, UUID(ID)):
        require = partial(_required, expected=expected)
        yield from table(f"require_id, {expected} expected", require, IDS)
    for kind in ("run", "asset", "UUID"):
        yield from table(
            f"identified, {kind}", partial(responses.identified, kind), [None, UUID(ID)]
        )
    model = RunModel.from_part(
        {"id": ID, "cost": "0.5", "input": 7, "duration_ms": None, "status_code": "new"}
    )
    model.additional_properties["retry_count"] = "many"
    names = ("id", "cost", "input", "input_", "duration_ms", "status_code", "retry_count", "none")
    yield from table("plain", lambda one: responses.plain(model, one), names)
    yield from table("value_or_none", responses.value_or_none, [UNSET, None, False, 0, "", "x"])


def _required(run_id: object, *, expected: UUID | None) -> object:
    model = RunModel.from_part({"id": run_id})
    return short(b"", lambda one: responses.require_id(one, "asset", model, expected).id)


ARGUMENTS: Final[Any] = {"method": "POST", "url": "/v1/runs"}


def _trouble(kind: type[httpx.TransportError]) -> Plain:
    found: list[str] = []
    for message, request in (("rf_live_a broke", REQUEST), ("", None)):
        error = kind(message, request=request) if request is not None else kind(message)
        found.append(told(responses.transport_error(ARGUMENTS, error, 1 + bool(message))))
    return Plain(" | ".join(found))


STORED: Final = (
    *(b"", b"<Code>A.b_c-1</Code>", b"x<Code>A</Code><Code>B</Code>", b"<Code></Code>"),
    *(b"<Code>two words</Code>", b"<code>A</code>", b"<Code>" + b"a" * 60 + b"</Code>"),
    b"<Code>" + b"a" * 61 + b"</Code>",
)


def _storage(beginning: bytes) -> Plain:
    answer = answered(403, headers={"Retry-After": "7"})
    return told(responses.storage_refused("PUT", "https://u:p@s.test/a?s=x", answer, beginning))
