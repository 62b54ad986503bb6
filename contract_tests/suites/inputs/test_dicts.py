"""An input given as a dict is checked like a typed one, before anything is sent or paid."""

import json
import re
import warnings
from base64 import b64encode
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from runflow_client import AsyncRunflow, InvalidArgument, Runflow, UnknownInput, bulk, inputs
from runflow_client._estimate import check_input, media_kinds
from runflow_mock import MockRunflow

from ..client.conftest import _no_threads_left, client, connect
from ..files.conftest import mock
from ..files.storage import PNG
from .shipped import MODELS

__all__ = ["_no_threads_left", "client", "connect", "mock"]

PRO, EDIT = "google/nano-banana-pro", "google/nano-banana-pro/edit"
PICTURE = "https://example.com/a.png"
FILM = b"\0\0\0\x18ftypisom\0\0\0\0isomavc1" + bytes(600)

WRONG: list[tuple[str, dict[str, Any], str]] = [
    (PRO, {}, "prompt is missing"),
    (PRO, {"prompt": None}, "prompt is missing"),
    (PRO, {"prompt": ""}, "prompt is empty"),
    (PRO, {"prompt": " \n\t"}, "prompt is empty"),
    (
        PRO,
        {"prompt": "\N{NO-BREAK SPACE}\N{IDEOGRAPHIC SPACE}\N{LINE SEPARATOR}"},
        "prompt is empty",
    ),
    (PRO, {"prompt": "\N{ZERO WIDTH SPACE}\ufeff\0"}, "prompt is empty"),
    (PRO, {"prompt": 7}, "prompt is 7 .*expected text"),
    (PRO, {"prompt": b"a cat"}, "prompt is <5 bytes> .*expected text"),
    (PRO, {"prompt": "x", "num_images": 0}, "num_images is 0, expected at least 1"),
    (PRO, {"prompt": "x", "num_images": -1}, "num_images is -1, expected at least 1"),
    (EDIT, {"prompt": "x", "image_urls": [PICTURE], "num_images": 5}, "is 5, expected at most 4"),
    (PRO, {"prompt": "x", "num_images": "2"}, "did you mean 2"),
    (PRO, {"prompt": "x", "resolution": "2k"}, "resolution is '2k', expected one of '1K'"),
    (EDIT, {"prompt": "x"}, "image_urls is missing"),
    (EDIT, {"prompt": "x", "image_urls": PICTURE}, "expected a list of URLs or files"),
    (EDIT, {"prompt": "x", "image_urls": ["a.png"]}, "wrap it in pathlib.Path"),
    (EDIT, {"prompt": "x", "image_urls": ["https://"]}, "names nothing after its https://"),
    (EDIT, {"prompt": "x", "image_urls": ["HTTP:a.png"]}, "names nothing after its HTTP://"),
    (EDIT, {"prompt": "x", "image_urls": ["https:///a.png?b"]}, "names nothing after"),
    (EDIT, {"prompt": "x", "image_urls": ["runflow://"]}, "names nothing after its runflow://"),
    ("google/veo3.1", {"prompt": "x", "duration": 8}, "did you mean '8s'"),
    ("elevenlabs/tts/eleven-v3", {"text": ""}, "text is empty"),
    ("elevenlabs/tts/eleven-v3", {"text": "A", "stability": 2}, "expected at most 1"),
    ("runflow/smart-resize", {"image_url": PICTURE}, "aspect_ratio is missing"),
]


@pytest.mark.parametrize(("model", "values", "problem"), WRONG)
def test_a_wrong_dict_is_refused_before_anything_is_sent(
    client: Any, mock: MockRunflow, model: str, values: dict[str, Any], problem: str
) -> None:
    for use in (client.run, client.submit, partial(client.runs.get_or_create, client_ref="one")):
        with pytest.raises(InvalidArgument, match=problem) as caught:
            use(model, values)
        assert str(caught.value).startswith(f"{model} cannot take this input: ")
        assert "strict=False" in str(caught.value)
    assert mock.requests == []


WORKFLOW = "comfyui-workflows/runflow-access/brand-locked-variant-nux"


@pytest.mark.parametrize(
    ("model", "values", "problem"),
    [
        *WRONG,
        (EDIT, {"prompt": "x", "image_urls": [b"#!/bin/sh\n"]}, "text/x-shellscript, not image"),
        (EDIT, {"prompt": "x", "image_urls": [PNG]}, "is image/png, but cut off"),
        (WORKFLOW, {"primary_design_ref": 7}, "primary_design_ref is 7, expected a URL"),
        (WORKFLOW, {"primary_design_ref": PNG}, "is image/png, but cut off"),
    ],
)
def test_every_way_to_a_run_refuses_the_same(
    mock: MockRunflow, tmp_path: Path, model: str, values: dict[str, Any], problem: str
) -> None:
    """`run` and `submit` are above and below; a batch takes few of these models."""

    def connected() -> AsyncRunflow:
        return AsyncRunflow(mock.api_key, base_url=mock.base_url)

    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        with pytest.raises(InvalidArgument, match=problem):
            client.submit(model, values)
        with pytest.raises(InvalidArgument, match=problem):
            client.runs.get_or_create(model, values, client_ref="order-7", look_first=False)
    (item,) = bulk.run(
        model, [bulk.Item("one", values)], journal=tmp_path / "journal", client=connected
    )
    assert (item.status, item.run_id) == ("refused", None)
    assert re.search(problem, str(item.failure))
    assert mock.requests == []


@pytest.mark.parametrize("values", [{"prompt": ""}, {"prompt": "x", "num_images": 0}, {"odd": 1}])
def test_without_strict_a_dict_is_sent_as_it_is(
    client: Any, mock: MockRunflow, values: dict[str, Any]
) -> None:
    mock.fail_next("create_run", status=422)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(Exception, match="422"):
            client.submit(PRO, values, strict=False)
    (request,) = mock.requests
    assert json.loads(request.body)["input"] == values


def test_an_unknown_field_passes_with_a_warning_that_names_the_callers_line(client: Any) -> None:
    with pytest.warns(UnknownInput, match="did you mean 'resolution'") as caught:
        client.submit(PRO, {"prompt": "x", "resolutoin": "2K"})
    assert len(caught) == 1


def test_a_model_that_the_catalog_does_not_have_takes_any_dict(
    client: Any, mock: MockRunflow
) -> None:
    check_input("acme/unknown", {"num_images": 0, "prompt": ""})
    assert media_kinds("acme/unknown") == {}


@pytest.mark.parametrize("values", ["a cat", [1], 7, {"prompt": "x", 1: 2}])
def test_what_is_no_dict_of_fields_is_refused(client: Any, mock: MockRunflow, values: Any) -> None:
    with pytest.raises(InvalidArgument):
        client.run(PRO, values)
    assert mock.requests == []


@pytest.mark.parametrize("model", MODELS.values(), ids=lambda model: model["id"])
def test_the_example_of_every_model_passes(model: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UnknownInput)
        check_input(model["id"], model["example"] or _least(model))


def _least(model: dict[str, Any]) -> dict[str, Any]:
    """The required fields alone."""
    found = {row["name"]: PICTURE for row in model["inputs"] if row["required"]}
    return {
        name: [value] if media_kinds(model["id"]).get(name) and name.endswith("s") else value
        for name, value in found.items()
    }


# Bodies that programs which others wrote send to the API, and that it takes.
TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("runflow/background-removal", {"image_url": PICTURE}),
    ("runflow/background-removal", {"image_url": PICTURE, "config": {"aspect_ratio": "1:1"}}),
    (
        "runflow/background-color",
        {"image_url": PICTURE, "color_red": 241, "color_green": 241, "color_blue": 241},
    ),
    ("runflow/smart-resize", {"image_url": PICTURE, "aspect_ratio": "25:36", "resolution": "2K"}),
    ("runflow/object-removal/prompt", {"image_url": PICTURE, "prompt": "the price tag"}),
    ("runflow/object-removal", {"image_url": PICTURE, "mask_url": PICTURE}),
    (PRO, {"prompt": "x", "aspect_ratio": "1:1", "resolution": "2K"}),
    (EDIT, {"prompt": "x", "image_urls": [PICTURE]}),
    (
        "runflow/reference-inpaint",
        {
            "image_url": PICTURE,
            "mask_url": PICTURE,
            "reference_url": PICTURE,
            "reference_urls": [PICTURE, PICTURE],
        },
    ),
    (
        "topaz/upscale/image",
        {
            "image_url": PICTURE,
            "model": "High Fidelity V2",
            "upscale_factor": 4,
            "output_format": "png",
            "face_enhancement": True,
            "face_enhancement_strength": 0.8,
        },
    ),
    (
        "google/nano-banana-2/edit",
        {
            "prompt": "x",
            "image_urls": [PICTURE],
            "num_images": 1,
            "safety_tolerance": "4",
            "limit_generations": True,
        },
    ),
    (
        "openai/gpt-image-2/edit",
        {"prompt": "x", "image_urls": [PICTURE], "quality": "medium", "image_size": "auto"},
    ),
]


@pytest.mark.parametrize(("model", "values"), TAKEN)
def test_what_programs_in_use_send_passes(model: str, values: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnknownInput)
        check_input(model, values)


def script(folder: Path) -> object:
    (folder / "picture.png").write_bytes(b"#!/bin/sh\necho hello\n")
    return folder / "picture.png"


def film(folder: Path) -> object:
    (folder / "picture.png").write_bytes(FILM)
    return folder / "picture.png"


def named_as_text(folder: Path) -> object:
    (folder / "notes.txt").write_bytes(b"\1\2\3" * 50)
    return folder / "notes.txt"


FILES = [
    (script, "text/x-shellscript"),
    (film, "video/mp4"),
    (named_as_text, "text/plain"),
    (lambda folder: b"echo hello", "text/plain"),
    (lambda folder: b"\x7fELF" + bytes(60), "application/x-executable"),
    (lambda folder: b"PK\3\4" + bytes(60), "application/zip"),
    (lambda folder: b"%PDF-1.7" + bytes(60), "application/pdf"),
    (lambda folder: b"ID3" + bytes(60), "audio/mpeg"),
]


@pytest.mark.parametrize(("make", "found"), FILES)
def test_a_file_of_another_kind_than_the_model_takes_is_refused(
    client: Any, mock: MockRunflow, tmp_path: Path, make: Any, found: str
) -> None:
    file = make(tmp_path)
    good = PNG + bytes(100)
    refused = rf"input\.image_urls\[1\].* is {found}, not image"
    for given in (
        (EDIT, {"prompt": "x", "image_urls": [good, file]}),
        (inputs.GoogleNanoBananaProEdit(prompt="x", image_urls=[good, file]),),
    ):
        with pytest.raises(InvalidArgument, match=refused):
            client.submit(*given)
    assert mock.requests == [], "not even the good file was uploaded"
    client.submit(EDIT, {"prompt": "x", "image_urls": [file]}, strict=False)


@pytest.mark.parametrize(
    ("uri", "problem"),
    [
        ("data:image/png;base64,@@", "is a data URI that cannot be read"),
        ("data:image/png", "is a data URI without data"),
        ("data:image/png;base64,", "is a data URI of an empty file"),
        ("data:text/html,<html>", "is text/html, not image"),
        ("DATA:image/png;base64," + b64encode(FILM).decode(), "is video/mp4, not image"),
    ],
)
def test_a_file_in_a_data_uri_is_looked_at_too(
    client: Any, mock: MockRunflow, uri: str, problem: str
) -> None:
    with pytest.raises(InvalidArgument, match=f"image_urls has a member, number 0, that {problem}"):
        client.submit(EDIT, {"prompt": "x", "image_urls": [uri]})
    with pytest.raises(InvalidArgument, match=problem):
        inputs.GoogleNanoBananaProEdit(prompt="x", image_urls=[uri])
    assert mock.requests == []
    client.submit(EDIT, {"prompt": "x", "image_urls": [uri]}, strict=False)


def test_a_file_of_an_unknown_kind_is_sent(client: Any) -> None:
    client.submit(EDIT, {"prompt": "x", "image_urls": [b"\1\2\3" * 50]})
    with pytest.warns(UnknownInput):
        client.submit(PRO, {"prompt": "x", "extra_file": b"#!/bin/sh"})
    assert client.assets.upload(b"#!/bin/sh").mime_type == "text/x-shellscript"


def test_every_input_of_a_batch_is_checked(client: Any, mock: MockRunflow) -> None:
    model = "runflow/skin-fix"
    good = {"image_url": PICTURE, "client_ref": "mine"}
    for bad, problem in (
        ({}, r"inputs\[1\]: .*image_url is missing"),
        ({"image_url": "a.png"}, r"inputs\[1\]: .*wrap it in pathlib\.Path"),
        ({"image_url": b"#!/bin/sh"}, r"inputs\[1\]\.image_url is text/x-shellscript, not image"),
    ):
        with pytest.raises(InvalidArgument, match=problem):
            client.batches.create(model, [good, bad])
    assert mock.requests == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client.batches.create(model, [good])
        client.batches.create(model, [good, {"image_url": PICTURE, "odd": 1}], strict=False)
