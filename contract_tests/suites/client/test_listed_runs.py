"""The runs of a list read their fields when they are asked for them: each equals the run that was
read by itself.
"""

import copy
import json
import pickle
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from runflow_api.models.run import Run as RunModel
from runflow_client import Run, Runflow, UnreadableAnswer
from runflow_client._models.run import fields_of
from runflow_client._responses import parse_leniently, value_or_none

from ..http_library import httpx

ID = "0198c0de-0000-7000-8000-00000000000a"
ITEMS: dict[str, dict[str, Any]] = {
    "ended": {
        "id": ID,
        "status_code": "succeeded",
        "input": {"prompt": "a"},
        "output": {"outputs": [{"url": "https://a.test/1.png", "type": "image"}]},
        "duration_ms": 6000,
        "nodes_total": 3,
        "nodes_completed": 3,
        "cost": "0.15",
        "created_at": "2026-01-01T00:00:00Z",
        "started_at": "2026-01-01T00:00:02.5+02:00",
        "completed_at": None,
        "metadata": {"order": 1},
        "client_ref": "order-1",
    },
    "only an id": {"id": ID},
    "an id in capitals": {"id": ID.upper(), "status_code": "queued"},
    "newer than this client": {
        "id": ID,
        "status_code": "paused",
        "cost": 0.15,
        "failure_stage_code": "new",
        "new": {"a": 1},
    },
    "kinds that are not the document's": {
        "id": ID,
        "status_code": 3,
        "output": "gone",
        "metadata": [1],
        "duration_ms": "6 s",
        "created_at": "yesterday",
        "cost": [1],
        "client_ref": 7,
    },
}
DOCUMENTED = {attribute.name for attribute in attrs.fields(RunModel)}
DOCUMENTED -= {"id", "output", "cost", "metadata"}  # shown as text, numbers and plain JSON
FIELDS = [attribute.name for attribute in attrs.fields(Run) if attribute.name != "_driver"]


def listed(*items: object) -> list[Run]:
    page = json.dumps({"items": items, "next": None}).encode()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=page))
    with httpx.Client(transport=transport) as http:
        return list(Runflow("key", http_client=http).runs.list())


def fields(run: Run, names: list[str]) -> dict[str, object]:
    return {name: getattr(run, name) for name in names}


@pytest.mark.parametrize("name", ITEMS)
@pytest.mark.parametrize("order", [list, lambda names: list(reversed(names))])
def test_each_field_is_that_of_the_run_read_whole(
    name: str, order: Callable[[list[str]], list[str]]
) -> None:
    item = ITEMS[name]
    (run,) = listed(item)
    whole = {"model_name": None, **fields_of(parse_leniently(RunModel, item))}
    assert fields(run, order(FIELDS)) == whole
    for field in FIELDS:  # each as the first one that is asked for
        (run,) = listed(item)
        assert getattr(run, field) == whole[field]
        assert getattr(run, field) is getattr(run, field)


@pytest.mark.parametrize("name", ITEMS)
def test_each_field_is_what_the_generated_model_makes_of_it(name: str) -> None:
    (run,) = listed(ITEMS[name])
    names = {field: field for field in FIELDS if field in DOCUMENTED}
    for field, attribute in {**names, "failure_stage": "failure_stage_code"}.items():
        assert getattr(run, field) == value_or_none(getattr(run.raw, attribute)), field


@pytest.mark.parametrize("name", ITEMS)
def test_copies_are_data_and_equal(name: str) -> None:
    (run,), (other,) = listed(ITEMS[name]), listed(ITEMS[name])
    assert pickle.loads(pickle.dumps(run)) == copy.deepcopy(other) == run == other
    assert hash(run) == hash(other)
    (fresh,) = listed(ITEMS[name])
    assert repr(fresh) == repr(run)
    assert attrs.evolve(fresh, status="gone").status == "gone"


def test_what_a_run_does_not_have_is_an_attribute_error() -> None:
    (run,) = listed(ITEMS["ended"])
    with pytest.raises(AttributeError, match="'Run' object has no attribute 'statuses'"):
        run.statuses  # type: ignore[attr-defined]  # noqa: B018
    assert not hasattr(Run.__new__(Run), "_item")


@pytest.mark.parametrize("bad", [None, 3, "", "none", [ID], f"{ID} "])
def test_an_item_without_an_id_is_refused_at_once(bad: object) -> None:
    with pytest.raises(UnreadableAnswer, match="expected a run with an id"):
        listed(ITEMS["ended"], {"id": bad, "status_code": "queued"})
