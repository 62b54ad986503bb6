"""Files inside inputs: uploaded, and replaced by what the model takes."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runflow_client import InvalidArgument
from runflow_client._flows.upload import MAX_INLINE_BYTES
from runflow_mock import MockRunflow

from .conftest import clock_of
from .storage import PNG

PICTURE = PNG + bytes(5000)
MASK = PNG + bytes(300)
EDIT = "google/nano-banana-pro/edit"
CREATE = f"/v1/models/{EDIT}/runs"

Resolve = Callable[..., dict[str, Any]]


@pytest.fixture
def resolve(client: Any, mock: MockRunflow) -> Resolve:
    """Submits a run with the input, unchecked, and gives back the input that was sent."""

    def run(values: dict[str, Any], **options: Any) -> dict[str, Any]:
        client.submit(EDIT, values, strict=False, **options)
        sent = [request for request in mock.requests if request.raw_path == CREATE]
        found = json.loads(sent[-1].body)["input"]
        assert isinstance(found, dict)
        return found

    return run


def others(mock: MockRunflow) -> list[str]:
    """The methods of the requests that created no run."""
    return [request.method for request in mock.requests if request.raw_path != CREATE]


def test_files_at_any_depth_become_references(
    client: Any, resolve: Resolve, mock: MockRunflow, tmp_path: Path
) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(PICTURE)
    stream = io.BytesIO(MASK)
    given: dict[str, Any] = {
        "prompt": "a hat",
        "image_urls": [path, "https://example.com/a.png", PICTURE],
        "extra": {"masks": ({"mask": stream}, stream), "strength": 0.5, "none": None},
    }
    sent = resolve(given)
    first, second = sent["image_urls"][0], sent["extra"]["masks"][0]["mask"]
    assert first.startswith("runflow://assets/")
    assert first != second
    assert sent == {
        "prompt": "a hat",
        "image_urls": [first, "https://example.com/a.png", first],
        "extra": {"masks": [{"mask": second}, second], "strength": 0.5, "none": None},
    }
    assert given["image_urls"][0] is path
    assert others(mock).count("PUT") == 2
    before = others(mock)
    assert resolve({"prompt": "a hat", "image_url": path}) == {
        "prompt": "a hat",
        "image_url": first,
    }
    assert others(mock) == before
    run = client.run(EDIT, {"prompt": "a hat", "image_urls": [first]})
    assert run.status == "succeeded"


def test_an_asset_is_asked_for_again_after_a_while(
    client: Any, resolve: Resolve, mock: MockRunflow
) -> None:
    first = resolve({"image_url": PICTURE})
    clock_of(client)._seconds += 4000
    assert resolve({"image_url": PICTURE}) == first
    assert others(mock) == ["POST", "PUT", "POST", "GET"]


def test_an_input_without_files_uploads_nothing(resolve: Resolve, mock: MockRunflow) -> None:
    given = {
        "prompt": "x",
        "image_url": "https://example.com/a.png",
        "list": [1, None, True, {"a": 0.5}],
    }
    assert resolve(given) == given
    assert others(mock) == []


def test_every_file_is_looked_at_before_the_first_is_sent(
    resolve: Resolve, mock: MockRunflow, tmp_path: Path
) -> None:
    with pytest.raises(
        InvalidArgument, match=r"input\.image_urls\[1\] \(.*missing\.png\) cannot be read"
    ):
        resolve({"image_urls": [PICTURE, tmp_path / "missing.png"]})
    assert mock.requests == []


@pytest.mark.parametrize(
    ("model", "options"),
    [("no-slash", {}), (EDIT, {"client_ref": "it's"}), (EDIT, {"metadata": {"at": {1}}})],
    ids=["model id", "client_ref", "metadata"],
)
def test_nothing_is_uploaded_for_a_run_that_cannot_be(
    client: Any, mock: MockRunflow, model: str, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidArgument):
        client.submit(model, {"image_url": PICTURE}, **options)
    assert mock.requests == []


def test_small_files_go_inline_if_asked_for(resolve: Resolve, mock: MockRunflow) -> None:
    sent = resolve({"image_url": PICTURE, "mask_url": MASK}, inline_below=1000)
    assert sent["mask_url"].startswith("data:image/png;base64,iVBORw0KGgo")
    assert sent["image_url"].startswith("runflow://assets/")
    assert mock.requests[0].body.count(b"5008") == 1
    assert resolve({"mask_url": MASK}, inline_below=len(MASK))["mask_url"].startswith(
        "runflow://assets/"
    )
    with pytest.raises(InvalidArgument, match="inline_below"):
        resolve({"image_url": PICTURE}, inline_below=MAX_INLINE_BYTES + 1)


def test_progress_is_of_all_files_together(resolve: Resolve) -> None:
    heard: list[tuple[int, int | None]] = []
    resolve(
        {"a": PICTURE, "b": MASK}, upload_progress=lambda sent, total: heard.append((sent, total))
    )
    total = len(PICTURE) + len(MASK)
    assert heard[-1] == (total, total)
    assert [sent for sent, _ in heard] == sorted(sent for sent, _ in heard)


def test_an_input_that_holds_itself_is_refused(resolve: Resolve, mock: MockRunflow) -> None:
    given: dict[str, Any] = {"prompt": "x"}
    given["again"] = given
    for more in ({}, {"image_url": PICTURE}):
        with pytest.raises(InvalidArgument, match="holds itself"):
            resolve({**given, **more})
    assert mock.requests == []


def test_a_file_of_exactly_the_limit_is_uploaded(resolve: Resolve) -> None:
    assert resolve({"mask_url": MASK}, inline_below=len(MASK))["mask_url"].startswith(
        "runflow://assets/"
    )
    assert resolve({"mask_url": MASK}, inline_below=len(MASK) + 1)["mask_url"].startswith(
        "data:image/png;base64,"
    )
