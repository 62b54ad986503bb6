"""An open file of an item is sent as often as the item is, from where it stood; one that cannot be
read spoils no other item.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from PIL import Image
from runflow_client import AsyncRunflow, bulk
from runflow_mock import AcceleratedClock, MockRunflow

from ..files.pictures import PICTURE, Pipe
from .test_report_page import claiming, icon_of
from .worker import FastClock

EDIT: Final = "google/nano-banana-pro/edit"
BEFORE: Final = b"read before"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(AcceleratedClock(20)) as running:
        yield running


def start(mock: MockRunflow, folder: Path, *items: bulk.Item) -> list[bulk.ItemResult]:
    clock = FastClock()
    started = bulk.run(
        EDIT,
        items,
        journal=folder / "j.sqlite",
        client=lambda: AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=clock),
        clock=clock,
        retries=bulk.Retries(failed=1),
        in_order=True,
    )
    return list(started)


def item(key: str, file: Any) -> bulk.Item:
    return bulk.Item(key, {"prompt": f"a {key}", "image_urls": [file]})


def test_an_open_file_is_sent_with_each_run_of_its_items(mock: MockRunflow, tmp_path: Path) -> None:
    file = io.BytesIO(BEFORE + PICTURE)
    file.seek(len(BEFORE))
    mock.next_outcome("failed", count=1)
    mock.fail_next("create_run", status=429, count=3)
    results = start(mock, tmp_path, item("a", file), item("b", file))
    assert [(one.key, one.status) for one in results] == [("a", "done"), ("b", "done")]
    sent = [run["input"]["image_urls"] for run in mock.runs]
    assert len(sent) == 3
    assert sent[0] == sent[1] == sent[2]
    assert file.tell() == len(BEFORE)
    again = start(mock, tmp_path, item("a", file), item("b", file), item("c", file))
    assert [(one.status, one.was_done) for one in again] == [
        *[("done", True)] * 2,
        ("done", False),
    ]
    file.seek(0)
    (other,) = start(mock, tmp_path, item("a", file))
    assert "had another input" in str(other.failure)


def test_a_file_that_can_be_read_once_is_refused_and_not_read(
    mock: MockRunflow, tmp_path: Path
) -> None:
    pipe = Pipe(PICTURE)
    (result, good) = start(mock, tmp_path, item("a", pipe), item("b", PICTURE))
    assert (result.status, good.status) == ("refused", "done")
    assert result.failure == (
        "its input holds a Pipe, which can be read only once, and an item may be sent more than "
        "once: pass its path, or its bytes"
    )
    assert pipe.read() == PICTURE


def test_a_picture_that_is_damaged_is_refused_and_stops_no_other(
    mock: MockRunflow, tmp_path: Path
) -> None:
    short = claiming(40, 30)
    damaged = [short, icon_of(short), icon_of(short.replace(b"IHDR", b"I?DR"))]
    opened = [Image.open(io.BytesIO(content)) for content in damaged]  # which reads its head alone
    items = [item(f"k{number}", picture) for number, picture in enumerate(opened)]
    *refused, good = start(mock, tmp_path, *items, item("good", PICTURE))
    assert [(one.status, one.run_id) for one in refused] == [("refused", None)] * len(damaged)
    for one in refused:
        assert str(one.failure).startswith(
            "a file of the input cannot be read: the picture is damaged: "
        )
    assert good.status == "done"
