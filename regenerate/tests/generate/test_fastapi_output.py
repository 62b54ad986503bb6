"""A FastAPI app of many habits: its document goes through every gate, and its calls arrive."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ..packages import Package, answer_of_app, importable, made_of_app

pytest.importorskip("fastapi")

ID = UUID("0190a4d2-0000-7000-8000-000000000001")
URL = "https://example.com/a"
NOON = datetime(2024, 1, 2, 12, tzinfo=UTC)
PICTURE = {"kind": "image", "url": URL}


def made_app(factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the client, through all gates but pyright: test_pyright.py."""
    from ..habitual_app import habitual_app

    return made_of_app(factory, "app_api", habitual_app())


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, warm_types: None) -> Iterator[Package]:
    """Return the client of the app's document."""
    folder = made_app(tmp_path_factory)
    with importable(folder):
        yield Package(folder / "app_api")


def call(made: Package, name: str, *path: Any, **arguments: Any) -> Any:
    """Call an operation of the app, and return what it answers."""
    from ..habitual_app import habitual_app

    operation = made.operation(f"runs.{name}")
    headers = {"Authorization": "Bearer k", "X-API-Key": "k"}
    answer = answer_of_app(made, habitual_app(), operation, *path, headers=headers, **arguments)
    assert answer.status_code in (200, 202), answer.content
    return answer.parsed


def file(made: Package, name: str) -> Any:
    """Return a file of three bytes."""
    return made.types.File(payload=io.BytesIO(b"abc"), file_name=name)


CALLS: dict[str, Callable[[Package], tuple[dict[str, Any], dict[str, Any]]]] = {
    "list_runs": lambda made: (
        {
            "limit": 5,
            "order_by": made.models.ListRunsOrderBy("updated_at"),
            "since": NOON,
            "status": [made.models.ListRunsStatusItem("done")],
            "cost": "1.50",
            "old": "o",
        },
        {
            "given": {
                "limit": 5,
                "order_by": "updated_at",
                "since": "2024-01-02T12:00:00Z",
                "status": ["done"],
                "cost": "1.50",
                "old": "o",
            }
        },
    ),
    "delete_run": lambda _: ({"body": [ID], "force": True}, {"ids": [str(ID)], "force": True}),
    "list_heads": lambda _: (
        {"save_data": True, "if_modified_since": "then", "session_id": "s"},
        {
            "given": {"save_data": True, "if_modified_since": "then"},
            "cookies": {"session_id": "s"},
        },
    ),
    "create_login": lambda made: (
        {"body": made.models.CreateLoginBody(username="ü&", password="p=", scopes=["a", "b"])},
        {"password": "p=", "scopes": ["a", "b"]},
    ),
    "create_file": lambda made: (
        {
            "body": made.models.CreateFileBody(
                many=[file(made, "a.png"), file(made, "b.png")], one=file(made, "c"), note="ñ"
            )
        },
        {"many": ["a.png", "b.png"], "one": "abc", "note": "ñ"},
    ),
    "list_words": lambda made: (
        {
            "from_": "x y",
            "class_": "c",
            "self_": "s",
            "client_query": "cl",
            "body": "b",
            "json": "j",
            "filterby": "f",
            "pagesize": 2,
            "page_size": 3,
            "größe": 4,
            "day": date(2024, 2, 3),
            "took": "PT2H",
            "sign": made.models.ListWordsSign("+"),
            "numbers": [3, 4],
        },
        {
            "from_": "x y",
            "class_": "c",
            "self_": "s",
            "client": "cl",
            "body": "b",
            "json": "j",
            "filter_by": "f",
            "dashed": 2,
            "plain": 3,
            "größe": 4,
            "day": "2024-02-03",
            "took": 7200.0,
            "sign": "+",
            "numbers": [3, 4],
            "level": 0,
        },
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_functions_get_what_the_client_was_given(made: Package, name: str) -> None:
    given, expected = CALLS[name](made)
    assert call(made, name, **given).to_dict() == expected


def test_a_path_and_several_values_in_a_body_arrive(made: Package) -> None:
    body = made.models.UpdateRunBody(
        priority=made.models.ListWordsLevel(-1),
        image=made.models.ReplaceOutputBodyItemVariant1.from_dict(PICTURE),
    )
    assert call(made, "update_run", ID, body=body).to_dict() == {
        "run_id": str(ID),
        "priority": -1,
        "image": PICTURE,
        "states": [],
    }
    assert call(made, "get_tree", "a/b c/ä").to_dict() == {
        "name": "a/b c/ä",
        "children": [{"name": "child", "children": [], "by_name": {}}],
        "by_name": {},
    }


def test_a_run_comes_back_as_it_was_sent(made: Package) -> None:
    sent = {
        "id": "6ec40d84-e832-41ed-ae7e-237560373358",
        "other_id": str(ID),
        "status": "done",
        "priority": 10,
        "currency": "usd",
        "direction": "ASC",
        "aspect": "9:16",
        "mixed": 1,
        "cost": "1.50",
        "took": "PT5S",
        "when": "2024-01-02T12:00:00+00:00",
        "pair": [2, "b"],
        "config": '{"a": 1}',
        "outputs": [PICTURE, {"kind": "markdown", "text": "t"}],
        "scores": {"done": 3},
        "by_id": {str(ID): PICTURE},
        "old": "o",
        "from": "f",
        "self": "s",
        "größe": 2,
        "more": {"unknown": True},
    }
    body = made.models.CreateRunBody.from_dict(sent)
    assert isinstance(body.id, UUID)
    assert body.aspect is made.models.CreateRunBodyAspect.VALUE_9_16
    answer = call(made, "create_run", body=body, callback_url=URL).to_dict()
    assert {**answer, "config": '{"a": 1}'} == {**answer, **sent}
    assert answer["config"] == {"a": 1}
    assert answer["label"] == "label"


def test_models_that_are_lists_maps_or_unions_arrive(made: Package) -> None:
    labels = made.models.ReplaceLabelBody.from_dict({"a": "b"})
    assert call(made, "replace_label", body=labels).to_dict() == {"a": "b"}
    picture = made.models.ReplaceOutputBodyItemVariant1.from_dict(PICTURE)
    (found,) = call(made, "replace_output", body=[picture])
    assert found.to_dict() == PICTURE
    assert call(made, "create_union", body=[picture])[0].to_dict() == PICTURE
    assert call(made, "create_union", body=picture).to_dict() == PICTURE
    assert call(made, "create_union", body=None) is None
    camel = made.models.CreateCamelBody.from_dict({"createdAt": "2024-01-02T12:00:00Z"})
    assert call(made, "create_camel", body=camel).created_at == NOON


def test_what_is_deprecated_says_so(made: Package) -> None:
    assert "Deprecated." in made.operation("runs.get_run").sync.__doc__
    assert "old: Old. Deprecated." in made.operation("runs.get_run").build_request.__doc__
    assert "old: Deprecated." in made.operation("runs.list_runs").build_request.__doc__
    assert "old: Deprecated." in made.models.CreateRunBody.__doc__
