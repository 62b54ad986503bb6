"""What the shared modules of the generated client make of values at the edge of each kind."""

import pickle
import sys
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from io import BytesIO
from types import MappingProxyType, SimpleNamespace
from typing import Any, Final
from uuid import UUID

from attrs import define, field
from runflow_api import client, decoding, encoding, free_form, lazy, responses
from runflow_api.errors import DecodingError, ErrorStatus, InvalidResponse, UnexpectedStatus
from runflow_api.http_library import httpx
from runflow_api.instants import read_instant
from runflow_api.models import Feedback
from runflow_api.representation import representation
from runflow_api.types import UNSET, File, Operation

from ..client.tables.rows import Plain, behind, table

OPERATION: Final = Operation("op", "PUT", "/v1/{id}")
MODEL: Final = Feedback(is_positive=False, reason="")
VALUES: Final[tuple[Any, ...]] = (
    *(UNSET, None, False, 0, "", "a", "a,b", [], (), [0], ["a", ""], ["a,b"], ["a", None, UNSET]),
    *([["a"]], {}, {"a": 0, "b": False, "c": ""}, {"a": None, "b": UNSET}, {"a": [1]}),
    *({"a,b": "c"}, MODEL, [MODEL], free_form.FreeFormObject({"a": 1})),
)


class Moment(datetime):
    """A datetime of one's own."""


class Day(date):
    """A date of one's own."""


class Id(UUID):
    """A UUID of one's own."""


class Rows(list[Any]):
    """A list of one's own."""


class Table(dict[str, Any]):
    """A dict of one's own."""


@define(kw_only=True)
class Row:
    """A model of this table."""

    id: Any
    class_: Any
    note: Any = UNSET
    price: Any = UNSET
    additional_properties: dict[str, Any] = field(init=False, factory=dict[str, Any])


def fill(row: Row, values: Sequence[Any]) -> None:
    """Set the fields as generated models do."""
    row.id, row.class_, row.note, row.price, row.additional_properties = values


FIELDS: Final = decoding.Fields(
    Row,
    fill,
    {
        "id": decoding.required("id", decoding.integer),
        "class": decoding.required_or_null("class_", decoding.text),
        "note": decoding.optional("note", decoding.boolean),
        "price": decoding.optional_or_null("price", decoding.number),
    },
    decoding.list_of(decoding.anything),
)
ROWS: Final[tuple[Any, ...]] = (
    *({"id": 0, "class": ""}, {"id": 0, "class": None}, {"class": ""}, {"id": 0}, {}, [], None),
    *(
        {"id": None, "class": ""},
        {"id": True, "class": ""},
        {"id": 1.0, "class": "", "note": False},
    ),
    *({"id": 1, "class": "", "note": None, "price": None}, {"id": 1, "class": "", "price": 0}),
    *({"id": 1, "class": "", "more": []}, {"id": 1, "class": "", "more": 0}, {"id": 1, "class": 7}),
    {"more": [0], "price": 0.0, "note": False, "class": "", "id": 0},
    {"id": "x", "class": 7, "note": 0, "price": "1", "more": 0},
)


def lines() -> Iterator[str]:
    """Give the tables, line by line."""
    yield from _written()
    yield from _read()
    yield from _answers()
    yield from _clients()


def _written() -> Iterator[str]:
    writers: dict[str, Callable[[Any], object]] = {
        "joined by ,": lambda one: encoding.joined("f", one, ","),
        "path of segments by ,": lambda one: encoding.path_value(
            "f", one, separator=",", many_segments=True
        ),
    }
    objects = [one for one in VALUES if hasattr(one, "items") or one in (UNSET, None, MODEL)]
    yield from table("deep_object", partial(encoding.deep_object, "f"), objects)
    for name, write in writers.items():
        yield from table(name, write, VALUES)
    own = (Moment(2026, 3, 1), Day(2026, 3, 1), Id(int=1))
    kinds = (*own, Rows(own), Table(a=own[1]))
    named = {type(one).__name__: one for one in kinds}
    for write in (encoding.json_value, encoding.text):
        yield from table(f"{write.__name__} of kinds of one's own", write, named)
    requests: tuple[Any, ...] = (
        *({}, {"query": {}}, {"headers": {}}, {"cookies": {}}, {"cookies": {"a": "b c;", "d": ""}}),
        {"headers": {"Cookie": "own", "A": 0}, "cookies": {"a": False}, "query": {"q": ""}},
    )
    yield from table("request", lambda one: encoding.request(OPERATION, "/x", **one), requests)
    files = {
        "a file": File(BytesIO(b"x"), "", ""),
        "bytes": b"",
        "text": "",
        "UNSET": UNSET,
        "no": False,
    }
    yield from table("add_content", _content, files)


def _content(body: Any) -> object:
    made = encoding.request(OPERATION, "/x", headers={"A": "1", "Content-Type": "old"})
    encoding.add_content(made, body, "text/x")
    return made


def _read() -> Iterator[str]:
    yield from table("fields", lambda one: FIELDS.read(Row, one), ROWS)
    yield from table("part of fields", lambda one: FIELDS.read_part(Row, one), ROWS)
    needs = decoding.tagged({"kind": "a", "n": 0}, decoding.object_of, ("kind",))
    tagged: tuple[Any, ...] = (
        *({}, {"kind": "a"}, {"kind": "a", "n": 0}, {"kind": "a", "n": False}, {"kind": "b"}, []),
        *({"n": 0}, {"kind": None}, {"kind": "a", "n": 0.0}),
    )
    yield from table("tagged", needs, tagged)
    strict = decoding.tagged({"kind": "a"}, lambda one: decoding.text(one.get("x")))
    other = decoding.tagged({"kind": "b"}, lambda one: decoding.integer(one.get("x")))
    both: tuple[Any, ...] = tuple(
        {"x": x} if kind is None else {"kind": kind, "x": x}
        for kind in (None, "a", "b", "c")
        for x in ("", 0, None)
    )
    for name, read in (("a or b", (strict, other)), ("b or a", (other, strict))):
        yield from table(name, lambda one, read=read: _decided(decoding.either(*read), one), both)
    moments = (
        *("2026-03-01T12:30:00.55", "2026-03-01X12:30:00Z", "2026-03-01T12:30:00.5+01:00"),
        *("2026-03-01T12:30:00.55X", "2026x03-01T12:30:00Z", "2026-03-01T12-30:00Z"),
    )
    yield from table("read_instant", read_instant, moments)
    ids = (f"{UUID(int=1)}-", f"-{UUID(int=1)}", f"{UUID(int=1)}\n", str(UUID(int=1)))
    yield from table("uuid", decoding.uuid, ids)
    wrong = {"decisive": DecodingError("odd", "a.b", decisive=True), "bare": DecodingError("odd")}
    yield from table("a copy of an error", _copied, wrong)
    nullable = decoding.nullable(decoding.anything)
    yield from table("nullable", nullable, [None, 0, False, "", [], {}, UNSET])
    nested = decoding.list_of(decoding.list_of(decoding.integer))
    lists: tuple[Any, ...] = ([], [[]], [[1], ["x"]], [[1, 2, None]], ((1,),), "x", {}, [[], 0])
    yield from table("list of lists", nested, lists)
    paths: tuple[tuple[Any, ...], ...] = (
        ("a",),
        (0,),
        ("a", "b"),
        ("a", 0),
        (0, "a"),
        (0, 1),
    )
    yield from table("places", lambda one: _within(one), paths)
    objects: dict[str, Any] = {
        "an empty dict": {},
        "a dict": {"a": 0},
        "an ordered one": OrderedDict(a=0),
        "a view": MappingProxyType({"a": 0}),
    }
    others: dict[str, Any] = {"a list": [], "null": None, "text": ""}
    yield from table("UnknownVariant", free_form.UnknownVariant.from_dict, objects | others)
    for kind in (free_form.FreeFormObject, free_form.UnknownVariant):
        yield from table(
            f"{kind.__name__}, made", lambda one, kind=kind: kind(one).to_dict(), objects
        )
    shown = (
        Row(id=0, class_=None),
        Row(id="https://u:p@a.test?b", class_=UNSET, note="", price=False),
    )
    for secret in ((), ("note", "id"), ("additional_properties",)):
        yield from table(
            f"representation without {secret}",
            lambda one, secret=secret: Plain(representation(one, secret)),
            {"a row": shown[0], "another": shown[1]},
        )


def _decided(read: Callable[[Any], Any], value: Any) -> object:
    try:
        return read(value)
    except DecodingError as error:
        return Plain(f"{error}, decisive={error.decisive}{behind(error)}")


def _copied(error: DecodingError) -> object:
    found = pickle.loads(pickle.dumps(error))
    return str(found), found.reason, found.path, found.decisive, repr(found)


def _within(places: tuple[Any, ...]) -> Plain:
    error = DecodingError("odd")
    for place in reversed(places):
        error = error.within(place)
    return Plain(f"{error} | {DecodingError('odd', 'z').within(places[0])}")


KEPT: Final = ("headers", "cookies")
KINDS: Final = (
    *(None, "", "application/json", "APPLICATION/JSON ; a=b", "application/problem+json"),
    *("application/json2", "text/json", "json", "image/png", "+json"),
)
BODIES: Final[Mapping[str, bytes]] = {
    **{
        repr(one): one
        for one in (b"", b" ", b"0", b"null", b'"x"', b"[", b"NaN", b"-Infinity", b"1 2")
    },
    **{
        name: '"é"'.encode(name)
        for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32-le", "latin-1")
    },
    "half a character": b'"\\ud800"',
    "half a character in UTF-8": '"\ud800"'.encode("utf-8", "surrogatepass"),
}
ERRORS: Final[Mapping[str, bytes]] = {
    one.decode(): one
    for one in (
        *(b"", b"{}", b'{"code": 1, "message": 2}'),
        *(b'{"code": "", "message": ""}', b'{"code": "a b", "message": " m\\n n "}', b"["),
        b'{"code": "C:d.e-f_1", "message": "https://u:p@a.test/x?y"}',
    )
}


def _response(
    content: bytes, kind: str | None = "application/json", status: int = 200
) -> httpx.Response:
    headers = {} if kind is None else {"Content-Type": kind}
    request = httpx.Request("GET", "https://u:p@a.test/x?y=z")
    return httpx.Response(status, content=content, headers=headers, request=request)


def _answers() -> Iterator[str]:
    yield from table(
        "json_body",
        lambda one: responses.json_body(OPERATION, _response(one), decoding.anything),
        BODIES,
    )

    def refuse(value: Any) -> Any:
        raise DecodingError("is odd", "a.b")

    readers: dict[str, Callable[[httpx.Response], object]] = {
        "json_body": lambda one: responses.json_body(OPERATION, one, refuse),
        "json_or_file_body": lambda one: responses.json_or_file_body(OPERATION, one, refuse),
        "text_body": lambda one: responses.text_body(OPERATION, one, refuse),
        "file_body": responses.file_body,
        "detailed": lambda one: responses.detailed(one, lambda got: got.text),
    }
    for name, read in readers.items():
        yield from table(
            f"{name} of a type",
            lambda one, read=read: _body(read, _response(b"7", one, 201)),
            KINDS,
        )
    for content, body in ERRORS.items():
        response = _response(body, None, 404)
        made = (
            UnexpectedStatus(OPERATION, response),
            ErrorStatus(OPERATION, response, 0),
            InvalidResponse(OPERATION, response, "is odd"),
        )
        yield from table(
            f"errors of {content or 'nothing'}",
            lambda one: Plain(str(one)),
            {type(one).__name__: one for one in made},
        )


def _body(read: Callable[[httpx.Response], object], response: httpx.Response) -> object:
    try:
        found = read(response)
    except InvalidResponse as error:
        assert error.response is response
        assert error.operation is OPERATION
        return Plain(
            f"{error} | {error.reason} | {error.path} | {error.status_code} {error.content!r}"
            f"{behind(error)}"
        )
    if isinstance(found, File):
        return found.payload.read(), found.file_name, found.mime_type
    headers: Any = getattr(found, "headers", None)
    return found, dict(headers) if headers is not None else None


def _clients() -> Iterator[str]:
    settings: dict[str, dict[str, Any]] = {
        str(one): one
        for one in (
            *(
                {},
                {"timeout": 0},
                {"timeout": 7.5},
                {"verify_ssl": False},
                {"follow_redirects": True},
            ),
            *(
                {"headers": {"A": ""}},
                {"cookies": {"a": "b"}},
                {"httpx_args": {"params": {"a": 1}}},
            ),
            {
                "httpx_args": {"timeout": 1, "headers": {"B": "b"}, "cookies": {"b": "2"}},
                "headers": {"A": "a"},
                "cookies": {"a": "1"},
            },
        )
    }
    plain = partial(client.Client, "https://a.test")
    secret = partial(client.AuthenticatedClient, "https://a.test", token="t")
    bare = {"without a key": plain(), "with a key": secret()}
    yield from table("a client by default", lambda one: (one, _plain(one._httpx_arguments())), bare)
    yield from table("equal to another", lambda one: one == one.with_headers({}), bare)
    for name, make in (("Client", plain), ("AuthenticatedClient", secret)):
        yield from table(name, lambda one, make=make: _set(make(**one)), settings)
    keys: dict[str, dict[str, Any]] = {
        f"{place}, {prefix!r}": {"auth_place": place, "auth_header_name": "k", "prefix": prefix}
        for place in ("header", "query", "cookie")
        for prefix in ("Bearer", "")
    }
    own: Any = {
        "headers": {"k": "own", "h": "1"},
        "cookies": {"k": "own", "c": "1"},
        "httpx_args": {"params": {"k": "own", "p": "1"}},
    }
    besides: tuple[dict[str, Any], ...] = ({}, own, {"headers": {"K": "own", "h": "1"}})
    for given in besides:
        yield from table(
            f"a key beside {given}",
            lambda one, given=given: _set(secret(**one, **given)),
            keys,
        )
    changes: dict[str, Callable[[Any], Any]] = {
        "headers": lambda one: one.with_headers({"h": "2", "i": "3"}),
        "headers in capitals": lambda one: one.with_headers({"H": "2", "K": "3"}),
        "cookies": lambda one: one.with_cookies({"c": "2", "d": "3"}),
        "timeout": lambda one: one.with_timeout(0.5),
    }
    yield from table("a client with others", lambda one: _changed(secret(**own), one), changes)
    sys.modules["a package"] = module = SimpleNamespace(there=1)  # type: ignore[assignment]
    try:
        load, names = lazy.exports(
            "a package", {"Client": "runflow_api.client", "lost": "runflow_api.client"}
        )
        for name in ("Client", "lost", "other"):
            yield from table(f"exported {name}", load, [name])
        yield f"* names\n    {names()} {sorted(vars(module))}"
    finally:
        del sys.modules["a package"]


def _set(made: client.Client) -> object:
    """Return what the HTTP library is told besides what it always is."""
    usual = client.Client("https://a.test")._httpx_arguments()
    found = made._httpx_arguments()
    assert found.keys() >= usual.keys()
    return _plain({name: one for name, one in found.items() if one != usual.get(name, UNSET)})


def _plain(arguments: dict[str, Any]) -> dict[str, Any]:
    """Show headers and cookies with all that is in them."""
    return {name: dict(one) if name in KEPT else one for name, one in sorted(arguments.items())}


def _changed(made: Any, change: Callable[[Any], Any]) -> object:
    before = made._httpx_arguments()
    made.set_httpx_client(httpx.Client())
    changed = change(made)
    after = changed._httpx_arguments()
    assert made._httpx_arguments() == before
    assert changed.get_httpx_client() is not made.get_httpx_client()
    return _plain({name: one for name, one in after.items() if one != before[name]})
