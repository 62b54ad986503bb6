"""Images of Pillow and arrays of numpy: as input, as output, and in a notebook."""

import asyncio
import io
import os
import pickle
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from attrs import evolve, fields
from PIL import Image
from runflow_client import AsyncRunflow, DownloadTooLarge, InvalidArgument, Runflow, WrongContent
from runflow_client._async.artifact import AsyncArtifact
from runflow_client._sync.artifact import Artifact
from runflow_client._transport.api import ApiRequests
from runflow_client._transport.driver import AsyncDriver, Driver
from runflow_client.inputs import GoogleNanoBananaProEdit
from runflow_mock import AcceleratedClock, MockRunflow

from ..client.flow_commands import artifact as facts_of_a_file
from ..client.stepped_time import AsyncSteppedTime, SteppedTime
from ..http_library import IS_DEFAULT
from .storage import PNG

MODEL = "google/nano-banana-pro"
EDIT = f"{MODEL}/edit"
UNKNOWN_ID = "0198c0de-0000-7000-8000-000000000000"
ASKED = {"prompt": "x"}


def opened(url: str) -> Image.Image:
    """The picture at this URL."""
    return Image.open(io.BytesIO(httpx.get(url, trust_env=False).content))


def turned() -> Image.Image:
    """A picture that is lying on its side, as a camera writes it."""
    upright = Image.new("RGB", (4, 2), "orange")
    exif = Image.Exif()
    exif[0x0112] = 6
    written = io.BytesIO()
    upright.save(written, "JPEG", exif=exif)
    return Image.open(written)


PICTURES: dict[str, tuple[Any, tuple[int, int], str]] = {
    "RGB": (Image.new("RGB", (4, 2), "orange"), (4, 2), "RGB"),
    "transparent": (Image.new("RGBA", (4, 2), (1, 2, 3, 4)), (4, 2), "RGBA"),
    "CMYK": (Image.new("CMYK", (4, 2)), (4, 2), "RGB"),
    "palette": (Image.new("P", (4, 2)), (4, 2), "P"),
    "floats": (Image.new("F", (4, 2)), (4, 2), "RGB"),
    "turned by EXIF": (turned(), (2, 4), "RGB"),
    "an array": (np.full((2, 4, 3), 200, np.uint8), (4, 2), "RGB"),
    "a grey array": (np.full((2, 4), 200, np.uint8), (4, 2), "L"),
    "an array with alpha": (np.full((2, 4, 4), 200, np.uint8), (4, 2), "RGBA"),
    "a view": (np.full((2, 8, 3), 200, np.uint8)[:, ::2, ::-1], (4, 2), "RGB"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_in_memory_is_sent_as_png(client: Any, name: str) -> None:
    picture, size, mode = PICTURES[name]
    run = client.run(EDIT, {**ASKED, "image_urls": [picture]})
    image = opened(run.input["image_urls"][0])
    assert (image.format, image.size, image.mode) == ("PNG", size, mode)


def test_the_pixels_are_those_of_the_array(client: Any) -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    asset = client.assets.upload(pixels, name="noise.png")
    assert (asset.name, asset.mime_type) == ("noise.png", "image/png")
    assert np.array_equal(np.asarray(opened(asset.url)), pixels)


def test_typed_inputs_take_pictures_and_show_them_in_few_words() -> None:
    asked = GoogleNanoBananaProEdit(
        prompt="x", image_urls=[Image.new("RGB", (4, 2)), np.zeros((999, 999, 3), np.uint8)]
    )
    assert "a numpy array of uint8 with the shape (999, 999, 3)" in repr(asked)
    assert len(repr(asked)) < 400


def test_a_picture_that_cannot_be_written_is_refused(client: Any, mock: MockRunflow) -> None:
    cut = io.BytesIO()
    Image.new("RGB", (64, 64), "orange").save(cut, "PNG")
    broken = Image.open(io.BytesIO(cut.getvalue()[:80]))
    with pytest.raises(InvalidArgument, match=r"input\.image_urls\[0\] cannot be written as a PNG"):
        client.run(EDIT, {**ASKED, "image_urls": [broken]})
    assert mock.requests == []


def test_a_picture_is_read_as_an_image(client: Any) -> None:
    run = client.run(MODEL, ASKED)
    image = run.outputs[0].image()
    assert (image.format, image.size) == ("PNG", (1024, 1024))


def test_a_picture_is_read_as_the_caller_says(client: Any) -> None:
    artifact = client.run(MODEL, ASKED).outputs[0]
    size, heard = len(artifact.read()), list[Any]()
    with pytest.raises(DownloadTooLarge, match=f"max_bytes is {size - 1}$"):
        artifact.image(max_bytes=size - 1)
    artifact.image(max_bytes=size, progress=lambda *told: heard.append(told))
    assert heard[-1] == (size, size)


def test_what_is_no_picture_is_not_fetched_as_one(client: Any, mock: MockRunflow) -> None:
    film = client.run("google/veo3.1", {**ASKED, "duration": "8s"}).outputs[0]
    before = len(mock.requests)
    with pytest.raises(InvalidArgument, match="is video, not a picture"):
        film.image()
    assert len(mock.requests) == before


def test_without_pillow_the_extra_is_named(client: Any, mock: MockRunflow) -> None:
    code = f"""
import sys
sys.modules["PIL"] = None
import numpy
from runflow_client import InvalidArgument, Runflow
with Runflow() as client:
    run = client.runs.get("{client.run(MODEL, ASKED).id}")
    for attempt in (run.outputs[0].image, lambda: client.assets.upload(numpy.zeros((2, 2), "u1"))):
        try:
            attempt()
        except InvalidArgument as error:
            print(error)
"""
    environment = {**os.environ, "RUNFLOW_BASE_URL": mock.base_url, "RUNFLOW_API_KEY": mock.api_key}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.count('pip install "runflow-client[pictures]"') == 2


needs_own_http_client = pytest.mark.skipif(
    not IS_DEFAULT,
    reason="a notebook shows no file of a client with an HTTP client of the caller's",
)


def shown(thing: Any) -> dict[str, Any]:
    """What a notebook shows of it."""
    bundle: dict[str, Any] = thing._repr_mimebundle_(include=None, exclude=None)
    return bundle


@needs_own_http_client
def test_a_notebook_shows_the_picture_and_fetches_it_then(client: Any, mock: MockRunflow) -> None:
    artifact = client.run(MODEL, ASKED).outputs[0]
    before = len(mock.requests)
    repr(artifact)
    assert len(mock.requests) == before
    bundle = shown(artifact)
    assert b64decode(bundle["image/png"]) == artifact.read()
    assert "signature" not in str({**bundle, "image/png": ""}).lower()


@pytest.mark.parametrize("more", [0, 1])
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_notebook_shows_a_file_of_ten_mebibytes_and_none_that_is_larger(
    colour: str, more: int
) -> None:
    content = PNG + bytes(10 * 1024 * 1024 - len(PNG) + more)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=content, headers={"Content-Type": "image/png"})

    origin = ApiRequests("https://api.test", {})
    http = httpx.Client(transport=httpx.MockTransport(answer))
    blocking = Driver(http, SteppedTime(), origin)
    file = facts_of_a_file()
    facts: dict[str, Any] = {one.name: getattr(file, one.name) for one in fields(type(file))}
    if colour == "sync":
        bundle = shown(Artifact(**facts, driver=blocking))
    else:
        awaited = httpx.AsyncClient(transport=httpx.MockTransport(answer))
        driver = AsyncDriver(awaited, AsyncSteppedTime(), origin, make_blocking=lambda: blocking)
        bundle = shown(AsyncArtifact(**facts, driver=driver))
    assert ("image/png" in bundle) is (more == 0)
    assert ("and max_bytes is 10485760" in bundle.get("text/html", "")) is (more == 1)


@needs_own_http_client
@pytest.mark.parametrize(
    ("model", "given", "element"),
    [
        ("google/veo3.1", {"duration": "8s"}, "<video"),
        ("elevenlabs/tts/eleven-v3", {"text": "x"}, "<audio"),
    ],
)
def test_a_notebook_plays_films_and_sounds(
    client: Any, model: str, given: dict[str, str], element: str
) -> None:
    (artifact,) = client.run(model, {**ASKED, **given}, strict=False).outputs
    html = shown(artifact)["text/html"]
    assert html.startswith(element)
    assert 'src="data:' in html
    assert "http" not in html


@pytest.fixture
def running() -> Iterator[MockRunflow]:
    """Return a server on which time passes by itself."""
    with MockRunflow(clock=AcceleratedClock(30)) as server:
        yield server


def test_what_cannot_be_fetched_is_described(running: MockRunflow) -> None:
    with Runflow(running.api_key, base_url=running.base_url) as client:
        artifact = client.run(MODEL, ASKED).outputs[0]
        for url, told in (
            ("https://10.0.0.1/0.png", "private address"),
            (f"{artifact.url.partition('?')[0]}?signature=secret", "not shown"),
        ):
            bundle = shown(evolve(artifact, url=url, run_id=UNKNOWN_ID))
            assert set(bundle) == {"text/plain", "text/html"}
            assert artifact.name in bundle["text/html"]
            assert told in bundle["text/html"]
            assert "secret" not in str(bundle)
        assert "too large" in shown(evolve(artifact, size_bytes=10**9))["text/html"]
        detached = pickle.loads(pickle.dumps(artifact))
        assert "has no client" in shown(detached)["text/html"]


def test_await_and_sync_in_a_running_loop(running: MockRunflow) -> None:
    asyncio.run(_use_both(running))


async def _use_both(mock: MockRunflow) -> None:
    async with AsyncRunflow(mock.api_key, base_url=mock.base_url) as client:
        artifact = (await client.run(MODEL, ASKED)).outputs[0]
        assert b64decode(shown(artifact)["image/png"]) == await artifact.read()
    with Runflow(mock.api_key, base_url=mock.base_url) as client:
        run = client.run(MODEL, ASKED)
        assert run.outputs[0].image().size == (1024, 1024)


def test_with_an_http_client_of_ones_own_the_artifact_is_described(running: MockRunflow) -> None:
    asyncio.run(_describe(running))


async def _describe(mock: MockRunflow) -> None:
    async with httpx.AsyncClient() as http:
        client = AsyncRunflow(mock.api_key, base_url=mock.base_url, http_client=http)
        artifact = (await client.run(MODEL, ASKED)).outputs[0]
        assert "read() or save()" in shown(artifact)["text/html"]


def test_the_card_of_a_run_shows_its_facts_and_no_url(client: Any) -> None:
    run = client.run(MODEL, {**ASKED, "num_images": 2}, client_ref="<b>order")
    card = run._repr_html_()
    assert run.id in card
    assert "$0.3" in card
    assert "&lt;b&gt;order" in card
    assert card.count("1024 x 1024") == 2
    assert "http" not in card


def test_what_pillow_cannot_decode_is_wrong_content(running: MockRunflow) -> None:
    with Runflow(running.api_key, base_url=running.base_url) as client:
        artifact = client.run(MODEL, ASKED).outputs[0]
        head = artifact.read()[:80]
        cut = evolve(artifact, url=f"data:image/png;base64,{b64encode(head).decode()}")
        with pytest.raises(WrongContent, match="Pillow cannot decode it"):
            cut.image()
