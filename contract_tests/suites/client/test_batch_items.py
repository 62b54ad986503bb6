"""Items of a batch speak of their runs in the words of a run, and their files are saved."""

import copy
import pickle
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from runflow_client import ApiError, InvalidArgument, NotFound, Runflow
from runflow_mock import MockRunflow

from .answering import Asked, Told, ask

MODEL = "runflow/tag-removal"
ID = "0198c0de-0000-7000-8000-000000000000"
SHARED = (
    *("status", "client_ref", "input", "output", "cost", "failure_code", "failure_message"),
    *("created_at", "started_at", "completed_at", "has_ended", "has_output", "is_partial"),
)
PNG = b"\x89PNG\r\n\x1a\n"


def started(client: Any, count: int = 3) -> Any:
    return client.batches.create(
        MODEL,
        [{"image_url": f"https://a.test/{n}.png", "client_ref": f"n-{n}"} for n in range(count)],
    )


def items_of(client: Any, batch: Any) -> list[Any]:
    return list(client.batches.items(batch.id, sort_by="sequence_index:asc"))


def test_an_item_shows_what_its_run_shows(client: Any, mock: MockRunflow) -> None:
    mock.next_outcome("failed", failure_code="POLICY", failure_message="not this")
    batch = started(client).wait()
    items = items_of(client, batch)
    assert [item.index for item in items] == [0, 1, 2]
    for item in items:
        run = client.runs.get(item.run_id)
        assert item.batch_id == batch.id
        assert item.run_id == run.id
        assert str(UUID(item.id)) == item.id
        for name in SHARED:
            assert getattr(item, name) == getattr(run, name), name
        assert [file.name for file in item.outputs] == [file.name for file in run.outputs]
    assert [item.status for item in items] == ["failed", "succeeded", "succeeded"]
    assert (items[0].failure_code, items[0].failure_message) == ("POLICY", "not this")
    assert items[1].cost == Decimal(items[1].raw.cost) > 0


def test_an_item_that_has_not_ended_says_so(client: Any, mock: MockRunflow) -> None:
    mock.next_outcome("never")
    (item,) = items_of(client, started(client, 1))
    assert (item.status, item.has_ended, item.has_output) == ("queued", False, False)
    assert list(item.outputs) == []


def test_an_item_is_saved(client: Any, tmp_path: Path) -> None:
    first, second, third = items_of(client, started(client).wait())
    assert first.save(tmp_path / "first.png") == tmp_path / "first.png"
    assert second.save(tmp_path).parent == tmp_path
    (path,) = third.save_all(tmp_path / "third")
    assert third.outputs[0].read() == path.read_bytes()
    with pytest.raises(FileExistsError):
        first.save(tmp_path / "first.png")
    files = [tmp_path / "first.png", path]
    assert all(one.read_bytes().startswith(PNG) for one in files)


def test_an_item_without_exactly_one_file_is_not_saved_as_one(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    mock.next_outcome("failed")
    item = items_of(client, started(client).wait())[0]
    with pytest.raises(InvalidArgument, match=r"is failed and has 0 files.*save_all"):
        item.save(tmp_path / "x.png")
    assert item.save_all(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_batch_saves_the_files_of_all_its_items(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    mock.next_outcome("failed")
    batch = started(client, 12).wait()
    folder = tmp_path / "cut-out"
    paths = batch.save_all(folder)
    assert [path.name[:3] for path in paths] == [f"{number:02d}-" for number in range(1, 12)]
    assert sorted(folder.iterdir()) == sorted(paths)
    items = items_of(client, batch)
    assert [path.read_bytes() for path in paths] == [item.outputs[0].read() for item in items[1:]]
    with pytest.raises(FileExistsError):
        batch.save_all(folder)
    assert batch.save_all(folder, overwrite=True) == paths


def test_a_batch_in_progress_saves_what_there_is(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    mock.next_outcome("never")
    handle = started(client, 2)
    mock.advance(60)
    (path,) = handle.refresh().save_all(tmp_path)
    assert path.name.startswith("1-")


def test_a_batch_whose_items_cannot_be_read_saves_nothing(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    batch = started(client).wait()
    mock.fail_next("list_batch_items", status=404)
    with pytest.raises(NotFound):
        batch.save_all(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_one_file_that_fails_keeps_no_other_from_being_saved(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    batch = started(client).wait()
    (tmp_path / "1-output.png").mkdir()
    taken = f"1-{items_of(client, batch)[1].outputs[0].name}"
    (tmp_path / taken).touch()
    with pytest.raises(FileExistsError) as refused:
        batch.save_all(tmp_path)
    assert "Saved:" in "".join(refused.value.__notes__)
    assert len([path for path in tmp_path.iterdir() if path.is_file()]) == 3


def test_an_expired_url_of_an_item_is_renewed(client: Any, mock: MockRunflow) -> None:
    item = items_of(client, started(client).wait())[0]
    mock.advance(8 * 24 * 3600)
    assert item.outputs[0].read().startswith(PNG)


@pytest.mark.parametrize("copied", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy])
def test_batches_and_items_are_data(
    client: Any, mock: MockRunflow, copied: Callable[[Any], Any]
) -> None:
    batch = started(client).wait()
    for held in (batch, items_of(client, batch)[0]):
        data = getattr(held, "_awaited", held)
        assert copied(data) == data
        assert mock.api_key not in repr(data)


@pytest.mark.parametrize(
    "item",
    [
        {"output": {"outputs": [{"url": "data:text/plain,x"}]}},
        {"run": {"id": ID, "output": {"image_urls": ["data:text/plain,x"]}}},
        {"status_code": "brand_new", "output": {"image": {"url": "data:text/plain,x"}}},
    ],
)
def test_an_item_is_read_as_far_as_it_goes(item: dict[str, Any]) -> None:
    def answer(asked: Asked) -> Told:
        return Told({"items": [{"id": ID, **item}], "next": None})

    def read(client: Runflow) -> Any:
        return next(iter(client.batches.items(ID)))

    found = ask(answer, read)
    assert (found.run_id, found.index, found.cost) == (None, None, None)
    assert found.status == item.get("status_code")
    assert [output.url for output in found.outputs] == ["data:text/plain,x"]


def test_a_url_of_an_item_without_a_run_cannot_be_renewed(client: Any, mock: MockRunflow) -> None:
    mock.fail_next("list_batch_items", fault="null", field="items.0.run_id")
    item = items_of(client, started(client).wait())[0]
    assert item.run_id is None
    mock.advance(8 * 24 * 3600)
    with pytest.raises(Exception, match="403") as refused:
        item.outputs[0].read()
    assert not isinstance(refused.value, ApiError | ValueError)
