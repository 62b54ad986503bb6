"""Outputs: real files at URLs that expire."""

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image
from runflow_mock import MockRunflow
from runflow_mock.simulation.audio import silence
from runflow_mock.simulation.sizes import picture_size

from .calling import NANO_BANANA, RUN_SECONDS, create_run, get_run

DAY = 24 * 60 * 60


def finished(
    mock: MockRunflow, api: httpx.Client, model: str = NANO_BANANA, /, **values: Any
) -> Any:
    run_id = create_run(api, model, input={"prompt": "a lighthouse", **values})["id"]
    mock.advance(RUN_SECONDS)
    return get_run(api, run_id)


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ({}, (1024, 1024)),
        ({"resolution": "2K", "aspect_ratio": "16:9"}, (2048, 1152)),
        ({"aspect_ratio": "1:2"}, (512, 1024)),
        ({"aspect_ratio": "auto"}, (1024, 1024)),
    ],
)
@pytest.mark.parametrize("image_format", ["png", "jpeg", "webp"])
def test_a_picture_has_the_size_and_format_that_were_asked_for(
    mock: MockRunflow,
    api: httpx.Client,
    values: dict[str, str],
    size: tuple[int, int],
    image_format: str,
) -> None:
    run = finished(mock, api, output_format=image_format, **values)
    [output] = run["output"]["outputs"]
    assert (output["type"], output["width"], output["height"]) == ("image", *size)
    response = httpx.get(output["url"])
    assert response.headers["content-type"] == f"image/{image_format}"
    with Image.open(io.BytesIO(response.content)) as picture:
        picture.load()
        assert picture.size == size
        assert (picture.format or "").lower() == image_format


def test_the_same_request_gives_the_same_bytes_and_another_prompt_others(
    mock: MockRunflow, api: httpx.Client
) -> None:
    runs = [finished(mock, api), finished(mock, api), finished(mock, api, prompt="a harbour")]
    pictures = [httpx.get(run["output"]["outputs"][0]["url"]).content for run in runs]
    assert pictures[0] == pictures[1]
    assert pictures[1] != pictures[2]


def test_each_of_several_outputs_is_its_own_file(mock: MockRunflow, api: httpx.Client) -> None:
    outputs = finished(mock, api, num_images=3, seed=7)["output"]
    assert outputs["seed"] == 7
    assert len({httpx.get(entry["url"]).content for entry in outputs["outputs"]}) == 3


def test_urls_expire_and_are_signed_anew_on_demand(mock: MockRunflow, api: httpx.Client) -> None:
    run = finished(mock, api)
    url = run["output"]["outputs"][0]["url"]
    mock.advance(DAY - RUN_SECONDS)
    assert httpx.get(url).status_code == 200
    mock.advance(DAY)
    assert httpx.get(url).status_code == 403
    assert "<Code>AccessDenied</Code>" in httpx.get(url).text
    assert get_run(api, run["id"])["output"]["outputs"][0]["url"] == url
    fresh = api.get(f"/v1/runs/{run['id']}", params={"add_signature": "true"}).json()["output"][
        "outputs"
    ][0]["url"]
    assert fresh != url
    assert httpx.get(fresh).status_code == 200


def test_a_changed_url_is_refused(mock: MockRunflow, api: httpx.Client) -> None:
    url: str = finished(mock, api)["output"]["outputs"][0]["url"]
    assert httpx.get(url.partition("?")[0]).status_code == 403
    assert httpx.get(url.replace("/0.png", "/1.png")).status_code == 403
    assert httpx.get(url.replace("Expires=86400", "Expires=99999")).status_code == 403
    assert httpx.delete(url).status_code == 405
    assert httpx.head(url).status_code == 403


def test_sync_mode_puts_the_picture_into_the_output(mock: MockRunflow, api: httpx.Client) -> None:
    url = finished(mock, api, sync_mode=True)["output"]["outputs"][0]["url"]
    assert url.startswith("data:image/png;base64,")
    assert base64.b64decode(url.partition(",")[2]).startswith(b"\x89PNG")


def test_classic_models_have_the_older_shape(mock: MockRunflow, api: httpx.Client) -> None:
    run = finished(mock, api, "runflow/tag-removal", image_url="https://example.com/a.png")
    assert list(run["output"]) == ["image_urls"]
    assert httpx.get(run["output"]["image_urls"][0]).status_code == 200


def boxes(content: bytes) -> dict[str, bytes]:
    """Return the top boxes of an MP4."""
    found: dict[str, bytes] = {}
    while content:
        size = int.from_bytes(content[:4], "big")
        found[content[4:8].decode()] = content[8:size]
        content = content[size:]
    return found


def test_a_video_is_a_small_mp4(mock: MockRunflow, api: httpx.Client) -> None:
    run = finished(mock, api, "google/veo3.1/fast", duration="4s")
    [output] = run["output"]["outputs"]
    assert (output["type"], output["duration"]) == ("video", 4)
    response = httpx.get(output["url"])
    assert response.headers["content-type"] == "video/mp4"
    found = boxes(response.content)
    assert list(found) == ["ftyp", "moov", "mdat"]
    # The index contains the offset of the first sample: the first byte after the head of its box.
    place = found["moov"].index(b"stco") + 12
    offset = int.from_bytes(found["moov"][place : place + 4], "big")
    assert response.content[offset:].startswith(found["mdat"])
    length = int.from_bytes(found["mdat"][:4], "big")
    assert found["mdat"][4] == 0x65
    assert found["mdat"][4 + length + 4] == 0x41


def test_a_sound_is_frames_of_mp3(mock: MockRunflow, api: httpx.Client) -> None:
    run_id = create_run(api, "elevenlabs/tts/eleven-v3", input={"text": "Hallo, Zoë"})["id"]
    mock.advance(RUN_SECONDS)
    [output] = get_run(api, run_id)["output"]["outputs"]
    response = httpx.get(output["url"])
    assert (output["type"], response.headers["content-type"]) == ("audio", "audio/mpeg")
    assert response.content.startswith(b"ID3")
    assert "Zoë".encode() in response.content
    assert response.content.count(b"\xff\xfb\x10\xc4") == 192


@pytest.mark.parametrize(
    ("values", "size"),
    [
        ({}, (1024, 1024)),
        ({"resolution": "0.5k", "aspect_ratio": "99:1"}, (512, 16)),
        ({"resolution": "0.5K", "aspect_ratio": "1:99"}, (16, 512)),
        ({"aspect_ratio": "100:1"}, (1024, 1024)),
        ({"aspect_ratio": "16:9", "resolution": "3K"}, (1024, 576)),
        ({"image_size": {"width": 1, "height": 9000}}, (16, 4096)),
        ({"image_size": {"width": True, "height": None}}, (1024, 1024)),
        ({"image_size": "landscape_4_3", "resolution": "4K"}, (1024, 768)),
        ({"image_size": "other", "resolution": "4K"}, (4096, 4096)),
    ],
)
def test_a_picture_has_the_size_that_was_asked_for_within_bounds(
    values: dict[str, Any], size: tuple[int, int]
) -> None:
    assert picture_size(values) == size


@pytest.mark.parametrize(("seconds", "frames"), [(-1, 39), (0, 39), (1, 39), (2, 77), (60, 2297)])
def test_a_sound_is_as_long_as_was_asked_and_never_empty(seconds: int, frames: int) -> None:
    assert silence("t" * 1000, seconds).count(b"\xff\xfb\x10\xc4") == frames
