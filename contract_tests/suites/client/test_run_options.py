"""Typed inputs and the price before spending: what `run` takes besides a dict."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from runflow_client import InvalidArgument, MaxCostExceeded, inputs
from runflow_mock import MockRunflow

MODEL = "google/nano-banana-pro"


def test_a_typed_input_needs_no_model_id(client: Any, mock: MockRunflow) -> None:
    run = client.run(inputs.GoogleNanoBananaPro(prompt="a cathedral", resolution="1K"))
    assert run.status == "succeeded"
    assert mock.runs[0]["input"] == {"prompt": "a cathedral", "resolution": "1K"}


def test_a_typed_input_is_checked_before_anything_is_sent(mock: MockRunflow) -> None:
    with pytest.raises(InvalidArgument, match="resolution"):
        inputs.GoogleNanoBananaPro(prompt="a cathedral", resolution="9K")  # type: ignore[arg-type] # that is the test
    assert mock.requests == []


def test_an_input_is_given_once_and_not_forgotten(client: Any) -> None:
    with pytest.raises(InvalidArgument, match="already"):
        client.run(inputs.GoogleNanoBananaPro(prompt="x"), {"prompt": "y"})
    with pytest.raises(InvalidArgument, match="needs an input"):
        client.run(MODEL)


@pytest.mark.parametrize("number", [1, 3])
def test_what_may_cost_too_much_is_refused_beforehand(
    client: Any, mock: MockRunflow, number: int
) -> None:
    with pytest.raises(MaxCostExceeded):
        client.run(
            inputs.GoogleNanoBananaPro(prompt="x", num_images=number),
            max_cost=Decimal("0.15") * number - Decimal("0.01"),
        )
    assert mock.requests == []
    run = client.run(
        inputs.GoogleNanoBananaPro(prompt="x", num_images=number), max_cost=Decimal("0.15") * number
    )
    assert run.cost == Decimal("0.15") * number


def test_a_file_in_an_input_is_uploaded_and_named_by_its_asset(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    picture = tmp_path / "photo.png"
    Image.new("RGB", (4, 4)).save(picture)
    run = client.run(inputs.GoogleNanoBananaProEdit(prompt="make it blue", image_urls=[picture]))
    assert run.status == "succeeded"
    uploads = [request for request in mock.requests if request.raw_path == "/v1/asset-uploads"]
    assert len(uploads) == 1
    created = next(request for request in mock.requests if request.raw_path.endswith("/runs"))
    assert json.loads(created.body)["input"]["image_urls"][0].startswith("runflow://assets/")


def test_a_lost_run_with_a_file_is_found(client: Any, mock: MockRunflow) -> None:
    made = []
    for content in (b"\x89PNG\r\n\x1a\none", b"\x89PNG\r\n\x1a\ntwo"):
        mock.fail_next("create_run", fault="reset_after")
        asked = {"prompt": "make it blue", "image_urls": [content]}
        made.append(
            client.run("google/nano-banana-pro/edit", asked, client_ref="an-album", timeout=600).id
        )
    assert len(mock.ledger) == 2
    assert made == [run["id"] for run in mock.runs]


def test_a_missing_file_is_refused_before_anything_is_sent(
    client: Any, mock: MockRunflow, tmp_path: Path
) -> None:
    with pytest.raises((InvalidArgument, FileNotFoundError)):
        client.run(
            "google/nano-banana-pro/edit", {"prompt": "x", "image_urls": [tmp_path / "none.png"]}
        )
    assert mock.requests == []
