"""FastAPI apps of more habits: they are taken beside our document, and their calls arrive."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ...correct.corrected import correct
from ...document.json_tree import copy_document, object_at, parse_document
from ...lint.linter import lint
from ...project.paths import DOCUMENT
from ..packages import Package, answer_of_app, importable, made_of_app

pytest.importorskip("fastapi")

ID = UUID("0190a4d2-0000-7000-8000-000000000001")
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
DAY = date(2024, 1, 2)


def _odd_id(route: Any) -> str:
    return f"{route.tags[0]}: {route.name}!"


OPTIONS: dict[str, dict[str, Any]] = {
    "one schema for both ways": {"separate_input_output_schemas": False},
    "other ids": {"generate_unique_id_function": _odd_id},
    "servers with variables": {
        "servers": [
            {"url": "https://{at}.example.com", "variables": {"at": {"default": "eu"}}},
            {"url": "/x"},
        ]
    },
    "3.0": {"openapi_version": "3.0.3"},
}


def made_more(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the client, through all gates but pyright: test_pyright.py."""
    return made_of_app(factory, "more_api", _app())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Iterator[Package]:
    """Return the client of the document of all habits."""
    folder = made_more(tmp_path_factory)
    with importable(folder):
        yield Package(folder / "more_api")


def published(*names: str, openapi_version: str = "3.1.0", **options: Any) -> dict[str, Any]:
    """Return what an app of these habits publishes."""
    from ..more_habits_app import app_of

    app = app_of(*names, **options)
    app.openapi_version = openapi_version
    found: dict[str, Any] = app.openapi()
    return found


def test_every_habit_is_taken_beside_our_document() -> None:
    document = parse_document(DOCUMENT.read_bytes())
    own = copy_document(published())
    object_at(document, "paths").update(object_at(own, "paths"))
    schemas = object_at(object_at(document, "components"), "schemas")
    schemas.update(object_at(object_at(own, "components"), "schemas"))
    corrected = correct(document)
    assert lint(corrected.document) == []
    assert set(object_at(own, "paths")) <= {one.split()[1] for one in corrected.names.operations}


@pytest.mark.parametrize("name", OPTIONS)
def test_options_of_the_app_are_taken(name: str) -> None:
    found = published("scalars", "ways", "unions", "callbacks", **OPTIONS[name])
    assert lint(correct(found, None).document) == []


@cache
def _app() -> Any:
    from ..more_habits_app import app_of

    return app_of()


@cache
def _module(made: Package, title: str) -> Any:
    """Return the module of an operation such as `GET /v1/names`."""
    modules = (
        f"{file.parent.name}.{file.stem}"
        for file in sorted((made.path / "api").glob("*/*.py"))
        if file.stem != "__init__"
    )
    return next(
        found
        for found in map(made.operation, modules)
        if f"{found.OPERATION.method} {found.OPERATION.path}" == title
    )


def sent(made: Package, title: str, *path: Any, **arguments: Any) -> Any:
    """Call the operation `GET /v1/...` of the app; return its status and what it answers."""
    found = answer_of_app(made, _app(), _module(made, title), *path, **arguments)
    parsed = found.parsed
    return found.status_code, parsed.to_dict() if hasattr(parsed, "to_dict") else parsed


BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "POST /v1/scalars/": (
        "CreateScalarBody",
        {
            "took": "PT5S",
            "at": "10:00:00",
            "ip": "1.2.3.4",
            "secret": "s",
            "url": "https://example.com/",
            "cost": "2.50",
        },
    ),
    "POST /v1/containers": (
        "CreateContainerBody",
        {
            "pair": [1, "a"],
            "queue": [1],
            "by_number": {"1": "a"},
            "by_colour": {"red": {"a": 1, "b": [2]}},
            "typed": {"a": 1},
            "named": [1, "b"],
            "deep": [[{"x": [1, None]}]],
        },
    ),
    "POST /v1/enums": ("CreateEnumBody", {"odd": "*", "level": -1, "mixed": 1, "same": "A"}),
    "POST /v1/unions": (
        "CreateUnionBody",
        {
            "called": {"kind": "y", "text": "t"},
            "nested": {"type": "nested", "inner": {"type": "two", "value": "v"}},
            "smart": 1.5,
        },
    ),
    "POST /v1/generics/open": ("CreateGenericOpenBody", {"known": 2, "more": 3}),
    "POST /v1/names": (
        "CreateNameBody",
        {"schema": 5, "class": 2, "field-with-dash": 3, "123": 4, "a.b": 5, "list": [1]},
    ),
    "POST /v1/bodies/patch": ("CreateBodyPatchBody", {"type": "one", "value": 3}),
    "POST /v1/callbacks/inner/start": ("CreateCallbackInnerStartBody", {"id": 3}),
}


@pytest.mark.parametrize("title", BODIES)
def test_what_is_sent_comes_back(made: Package, title: str) -> None:
    name, given = BODIES[title]
    body = getattr(made.models, name).from_dict(given)
    status, answer = sent(made, title, body=body)
    hidden = {"secret": "**********"} if "secret" in given else {}
    assert status == 200
    assert {field: answer[field] for field in given} == given | hidden


CALLS: dict[str, tuple[str, tuple[Any, ...], dict[str, Any], Any]] = {
    "formats in a query": (
        "GET /v1/scalars/asked",
        (),
        {"took": "PT5S", "at": "10:00:00", "ip": "1.1.1.1", "cost": 1.5, "day": DAY},
        {"took": 5.0, "at": "10:00:00", "ip": "1.1.1.1", "cost": 1.5, "day": "2024-01-02"},
    ),
    "odd values": (
        "GET /v1/enums/{odd}",
        ("a b",),
        {"level": -1, "several": ["*", "None"]},
        {"odd": "a b", "level": -1, "several": ["*", "None"]},
    ),
    "pages": (
        "GET /v1/generics/pages",
        (),
        {},
        {"items": [{"items": [3], "next": None}], "next": None},
    ),
    "headers, cookies and a query": (
        "GET /v1/parameters/model",
        (),
        {
            "since": NOON,
            "x_id": ID,
            "x_version": "2",
            "x_codes": [7],
            "session": "s",
            "seen": DAY,
            "ids": [ID, ID],
            "tags": ["t"],
            "subid": 4,
        },
        {
            "since": "2024-01-02T12:00:00+00:00",
            "x_id": str(ID),
            "x_version": "2",
            "x_codes": [7],
            "session": "s",
            "seen": "2024-01-02",
            "ids": [str(ID), str(ID)],
            "tags": ["t"],
            "sub[id]": 4,
        },
    ),
    "text": ("POST /v1/bodies/text", (), {"body": "ü"}, "ü"),
    "XML": ("POST /v1/bodies/xml", (), {"body": "<a/>"}, "<a/>"),
    "joined": ("GET /v1/bodies/joined", (), {"fields": ["a", "b c"]}, ["a", "b c"]),
    "plain text": ("GET /v1/answers/text", (), {}, "x"),
    "a page": ("GET /v1/answers/page", (), {}, "<p>"),
    "a number and a suffix": ("GET /v1/paths/{number}.json", (3,), {}, 3),
    "a verb": ("POST /v1/paths/{item}:cancel", (ID,), {}, str(ID)),
    "signs": ("GET /v1/paths/@me/~x/{number}/", (3,), {}, 3),
    "types": (
        "GET /v1/paths/by/{day}/{flag}/{ratio}",
        (DAY, True, 1.5),
        {},
        {"day": "2024-01-02", "flag": True, "ratio": 1.5},
    ),
    "names of the client": (
        "GET /v1/names/asked",
        (),
        {"client_query": "c", "url_query": "u", "body": "b", "cast": "d"},
        {"client": "c", "url": "u", "body": "b", "cast": "d"},
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_arrives(made: Package, name: str) -> None:
    title, path, arguments, answer = CALLS[name]
    assert sent(made, title, *path, **arguments) == (200, answer)


def test_other_statuses_have_no_body(made: Package) -> None:
    assert sent(made, "GET /v1/answers/elsewhere") == (302, None)
    assert sent(made, "DELETE /v1/answers/gone") == (204, None)


def test_events_are_text(made: Package) -> None:
    status, answer = sent(made, "GET /v1/answers/events")
    assert (status, answer.strip()) == (200, 'data: {"type":"one","value":1}')


def test_a_model_is_another_one_when_it_is_written(made: Package) -> None:
    body = made.models.CreateWayBody(when_in=NOON, number=4)
    assert sent(made, "POST /v1/ways", body=body) == (
        200,
        {"whenOut": "2024-01-02T12:00:00+00:00", "text": "x", "number": "4", "double": 8},
    )


def test_forms_arrive_with_files_and_without(made: Package) -> None:
    file: Callable[[str], Any] = lambda name: made.types.File(io.BytesIO(b"abc"), name)  # noqa: E731
    fields = made.models.CreateFormFieldBody(name="n", tags=["a", "b"], when=NOON)
    assert sent(made, "POST /v1/forms/fields", body=fields) == (
        200,
        {"name": "n", "tags": ["a", "b"], "when": "2024-01-02T12:00:00Z"},
    )
    files = made.models.CreateFormFileBody(doc=file("a"), more=[file("b"), file("c")], note="x")
    assert sent(made, "POST /v1/forms/files", body=files) == (
        200,
        {"names": ["a", "b", "c"], "note": "x", "size": 3},
    )


def test_several_values_in_a_body_are_one_object(made: Package) -> None:
    one = {"type": "one", "value": 1}
    body = made.models.CreateBodyMixedBody.from_dict({"one": one, "number": 2})
    assert sent(made, "POST /v1/bodies/mixed", body=body, asked=3) == (
        200,
        {"value": 1, "number": 2, "asked": 3},
    )
