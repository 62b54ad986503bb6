"""What becomes of a value that is absent, null, empty, false or no valid text, as stored lists.

Each field is created and changed with each such value, and read again. And fields that the server
decides itself: in a body they change nothing.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_mock.state.clock import api_instant

from ..snapshot import check_snapshot
from .stories.world import World

SNAPSHOTS: Final = Path(__file__).with_name("tables")
ADDRESS: Final = "http://localhost/200"
VALUES: Final[tuple[Any, ...]] = ("absent", None, "", " ", {}, [], 0, False, "\ud800")
PICTURE: Final = {"generated_image_url": "https://a.example/x.png", "task_type": "t"}
POSTS: Final[Mapping[str, tuple[str, dict[str, Any], tuple[str, ...]]]] = {
    "/v1/models/acme/free/runs": (
        "/v1/runs/{}",
        {"input": {}},
        ("input", "client_ref", "metadata", "callback_url"),
    ),
    "/v1/models/acme/free/batches": (
        "/v1/batches/{}",
        {"input": [{}]},
        ("metadata", "callback_url"),
    ),
    "/v1/evaluations": (
        "/v1/evaluations/{}",
        PICTURE,
        (
            *("task_type", "task_description", "generation_prompt", "evaluation_instructions"),
            *("input_attributes", "reference_images", "run_id", "client_ref", "callback_url"),
            "job_class",
        ),
    ),
    "/v1/webhooks": ("/v1/webhooks/{}", {"url": ADDRESS}, ("url", "secret", "event_subscriptions")),
    "/v1/callback-secrets": ("/v1/callback-secrets/{}", {}, ("label", "is_current")),
}
"""Where a thing is made, where it is read, what it needs, and its fields that may be empty."""

FULL: Final[Mapping[str, tuple[str, dict[str, Any]]]] = {
    "webhook": (
        "/v1/webhooks/{}",
        {
            "url": ADDRESS,
            "secret": "s",
            "event_subscriptions": ["run.failed"],
            "disabled_at": "2026-01-01T00:00:00Z",
        },
    ),
    "secret": ("/v1/callback-secrets/{}", {"label": "one", "is_current": True}),
    "evaluation": ("/v1/evaluations/{}/feedback", {"is_positive": True, "reason": "good"}),
    "asset": (
        "/v1/assets/{}",
        {"name": "a.png", "folder_id": "0190aaaa-0000-7000-8000-000000000001"},
    ),
}
"""Where a thing is changed, and a value of each field that can be."""

SHOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "secret": ("secret_fingerprint",),
    "job_class": ("job_class_code",),
    "is_positive": ("feedback_is_positive", "feedback_reason"),
    "reason": ("feedback_is_positive", "feedback_reason"),
}
"""The fields of an answer that show what was sent, where they are called otherwise."""


def shown(field: str, answer: tuple[int, Any]) -> str:
    """Return what an answer says of the field; of a refusal, what was wrong."""
    status, body = answer
    if status >= 400:
        wrong = [f"{error['loc']} {error['type']}" for error in body["errors"] or ()]
        return f"{status} {body['code']} {', '.join(wrong)}"
    found = [body.get(name, "not there") for name in SHOWN.get(field, (field,))]
    text = ", ".join(json.dumps(one) for one in found)
    return f"{status} {re.sub('[0-9a-f]{8}-[0-9a-f-]{27}', 'ID', text)}"


def sent(field: str, value: object) -> dict[str, Any]:
    """Return a body with the field, and one without it for `absent`."""
    return {} if value == "absent" else {field: value}


def created(world: World) -> Iterator[str]:
    """Each field of what is made, as the answer has it and as it is read again."""
    for path, (place, needed, fields) in POSTS.items():
        for field in fields:
            yield f"POST {path}, {field}:"
            for value in VALUES:
                rest = {name: one for name, one in needed.items() if name != field}
                answer = world.call("POST", path, {**rest, **sent(field, value)})
                line = shown(field, answer)
                if answer[0] < 400:
                    again = world.call("GET", place.format(answer[1]["id"]))
                    line += f", then {shown(field, again)}"
                yield f"    {value!r}: {line}"


def of_items(world: World) -> Iterator[str]:
    """The reference of an item, as its batch and its run have it, and an item of no fields."""
    for value in (*VALUES, " a "):
        batch = {"input": [{"x": value, **sent("client_ref", value)}]}
        status, body = world.call("POST", "/v1/models/acme/free/batches", batch)
        if status >= 400:
            yield f"{value!r}: {shown('', (status, body))}"
            continue
        [item] = body["items"]
        run = world.get(f"/v1/runs/{item['run_id']}")
        yield f"{value!r}: {item['client_ref']!r} {run['client_ref']!r} {run['input']}"


def things(world: World) -> dict[str, str]:
    """Make what can be changed; return the id of each."""
    upload = {"filename": "\ud800.png", "mime_type": "image/png", "size_bytes": 1}
    asset = world.call("POST", "/v1/asset-uploads", upload)[1]["asset_id"]
    world.state.files.put(asset, b"a")
    world.call("POST", f"/v1/asset-uploads/{asset}/confirmations", {})
    return {
        "webhook": world.call("POST", "/v1/webhooks", {"url": ADDRESS})[1]["id"],
        "secret": world.call("POST", "/v1/callback-secrets", {})[1]["id"],
        "evaluation": world.call("POST", "/v1/evaluations", PICTURE)[1]["id"],
        "asset": asset,
    }


def changed(world: World) -> Iterator[str]:
    """Each field of what is there already, first with all fields set."""
    made = things(world)
    for name, (place, full) in FULL.items():
        path = place.format(made[name])
        for field in full:
            yield f"PATCH {place}, {field}:"
            for value in VALUES:
                set_before = shown(field, world.call("PATCH", path, full))
                answer = world.call("PATCH", path, sent(field, value))
                yield f"    {value!r}: {set_before}, then {shown(field, answer)}"


TABLES: Final[Mapping[str, Callable[[World], Iterator[str]]]] = {
    "created": created,
    "items": of_items,
    "changed": changed,
}


@pytest.mark.parametrize("name", TABLES)
def test_such_a_value_is_kept_as_it_was_sent_or_refused(name: str, tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    try:
        lines = list(TABLES[name](world))
    finally:
        world.end()
    check_snapshot(SNAPSHOTS / f"empty-{name}.txt", "\n".join(lines) + "\n")


def test_a_change_changes_what_it_names_and_when_it_was_changed(tmp_path: Path) -> None:
    world = World(tmp_path, seed=0)
    made = things(world)
    world.advance(60)
    follow = {"asset": {"url", "thumbnail_url"}, "evaluation": {*SHOWN["reason"]}}
    for name, (place, full) in FULL.items():
        path = place.format(made[name])
        world.call("PATCH", path, full)
        for change in ({}, *({field: value} for field, value in full.items())):
            before = world.get(path.removesuffix("/feedback"))
            world.advance(7)
            status, answer = world.call("PATCH", path, change)
            assert (status, answer["updated_at"]) == (200, api_instant(world.state.now())), change
            assert world.get(path.removesuffix("/feedback")) == answer
            others = {one for one in answer if answer[one] != before[one]}
            assert others - {"updated_at"} <= follow.get(name, set()), (name, change)
    world.end()


WANTED: Final[Mapping[str, dict[str, Any]]] = {
    **{
        path: {**needed, **({"callback_url": ADDRESS} if "callback_url" in fields else {})}
        for path, (_, needed, fields) in POSTS.items()
    },
    "/v1/asset-uploads": {"filename": "a.png", "mime_type": "image/png", "size_bytes": 1},
}
"""Where each thing is made, and what is sent of it."""

OF_CALLERS: Final = {
    *(field for _, _, fields in POSTS.values() for field in fields),
    *(field for _, full in FULL.values() for field in full),
    *(field for needed in WANTED.values() for field in needed),
}


def life(folder: Path, more: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Make and change one of each thing with more in the bodies; return the rows of each kind."""
    folder.mkdir()
    world = World(folder, seed=0)
    for path, needed in WANTED.items():
        status, answer = world.call("POST", path, {**more, **needed})
        assert status in (201, 202), answer
    made = things(world)
    for name, (place, full) in FULL.items():
        status, answer = world.call("PATCH", place.format(made[name]), {**more, **full})
        assert status == 200, answer
    world.advance(10)
    world.end()
    return {table.name: list(table) for table in world.state.tables}


def test_what_the_server_decides_itself_cannot_be_sent(tmp_path: Path) -> None:
    usual = life(tmp_path / "usual", {})
    names = {name for rows in usual.values() for row in rows for name in row} - OF_CALLERS
    assert names > {"id", "org_id", "status_code", "created_at", "cost", "_plan", "is_automatic"}
    more = dict.fromkeys(names, "0190aaaa-0000-7000-8000-000000000001")
    more |= {name: "2020-01-01T00:00:00Z" for name in names if name.endswith("_at")}
    other = life(tmp_path / "other", more)
    for kind, rows in usual.items():
        found = [
            {name: row[name] for name in before}
            for row, before in zip(other[kind], rows, strict=True)
        ]
        assert found == rows, kind
