"""What a run has made: the output as the API gives it, and the files behind its URLs.

Pictures and sounds are made from the input. A video is always the same file, `video.mp4`: 160 by 96
pixels and five seconds, H.264 without sound. It was written bit by bit, without an encoder: one
picture of uncompressed blocks (I_PCM), then nine pictures in which every block is skipped.
"""

import base64
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from attrs import field, frozen

from ..contract.json_types import JsonObject
from ..state.signed_urls import SignedUrls
from .audio import silence
from .catalog import CatalogModel
from .drawing import MEDIA_TYPES, draw
from .pricing import duration_seconds, first_given
from .sizes import area_size, picture_size, resolution_of

OUTPUTS, IMAGE_URLS = "outputs", "image_urls"

# What programs that run against the real API read, where the catalog does not say it.
# A tool of 2026 reads `image_urls` of this model and `outputs` of all others.
SEEN_FIELDS = {
    "runflow/background-removal": (IMAGE_URLS, OUTPUTS, "seed", "timing", "nsfw_detected")
}
# Written down after runs in production: WebP whatever is asked for, no size, and null for the rest.
BARE_WEBP = frozenset({"runflow/smart-resize"})
UNDOCUMENTED_FIELDS = (OUTPUTS, "seed", "timing", "nsfw_detected")

OUTPUT_PREFIX = "/_outputs/"
MAX_SEED = 2**31
VIDEO_SIZE = (160, 96)


@frozen
class Media:
    """One output file."""

    content: bytes = field(repr=False)
    media_type: str
    extension: str


def extension_of(model: CatalogModel, values: JsonObject) -> str:
    """Return the file name extension of what the model makes of this input."""
    if model.output_kind == "video":
        return "mp4"
    if model.output_kind == "audio":
        return "mp3"
    if model.model_id in BARE_WEBP:
        return "webp"
    wanted = values.get("output_format")
    return wanted if isinstance(wanted, str) and wanted in MEDIA_TYPES else "png"


def make_media(model: CatalogModel, values: JsonObject, index: int) -> Media:
    """Return the output file with that index.

    The same run always gives the same bytes.
    """
    extension = extension_of(model, values)
    text = (
        str(values.get("prompt") or values.get("text") or "(no prompt)")
        .encode(errors="replace")
        .decode()
    )
    title = f"{model.model_id} · {resolution_of(values)} · {index + 1}"
    if extension == "mp4":
        return Media(video(), "video/mp4", extension)
    if extension == "mp3":
        return Media(
            silence(f"{title} · {text}", duration_seconds(values)), "audio/mpeg", extension
        )
    return Media(
        draw(title, text, size_of(model, values), extension), MEDIA_TYPES[extension], extension
    )


def size_of(model: CatalogModel, values: JsonObject) -> tuple[int, int]:
    """Return (width, height) of the picture that the model makes of this input."""
    return area_size(values) if model.model_id in BARE_WEBP else picture_size(values)


def fields_of(model: CatalogModel) -> tuple[str, ...]:
    """Return the names at the top of the model's output."""
    return SEEN_FIELDS.get(model.model_id) or model.output_fields or UNDOCUMENTED_FIELDS


@cache
def video() -> bytes:
    """Return the bytes of the packaged MP4."""
    return Path(__file__).with_name("video.mp4").read_bytes()


def output_path(run_id: str, index: int, extension: str) -> str:
    """Return the path under which the server serves an output."""
    return f"{OUTPUT_PREFIX}{run_id}/{index}.{extension}"


def output_of(
    model: CatalogModel,
    run_id: str,
    values: JsonObject,
    made: int,
    inference_ms: int,
    urls: SignedUrls,
    at: datetime,
    lifetime: int,
) -> JsonObject:
    """Return the run's `output` with `made` files.

    Their URLs are signed at `at` for `lifetime` seconds.
    """
    extension = extension_of(model, values)
    if values.get("sync_mode") is True:
        files = [make_media(model, values, index) for index in range(made)]
        links = [
            f"data:{file.media_type};base64,{base64.b64encode(file.content).decode()}"
            for file in files
        ]
    else:
        links = [
            urls.sign(output_path(run_id, index, extension), at, lifetime) for index in range(made)
        ]
    bare = model.model_id in BARE_WEBP
    entries: list[JsonObject] = []
    for link in links:
        entry: JsonObject = {"url": link, "type": model.output_kind}
        if model.output_kind != "audio" and not bare:
            entry["width"], entry["height"] = (
                VIDEO_SIZE if extension == "mp4" else size_of(model, values)
            )
        if model.output_kind != "image":
            entry["duration"] = duration_seconds(values)
        entries.append(entry)
    seed = values.get("seed")
    everything: JsonObject = {
        OUTPUTS: entries,
        IMAGE_URLS: links,
        "model_data": {"prompt": first_given(values, "prompt", "text")},
        "seed": seed if isinstance(seed, int) else int(run_id[-8:], 16) % MAX_SEED,
        "timing": {"inference_ms": inference_ms},
        "nsfw_detected": False,
    }
    if bare:
        everything.update(seed=None, timing=None, nsfw_detected=None)
    return {name: everything[name] for name in fields_of(model) if name in everything}


def sign_again(output: JsonObject, urls: SignedUrls, at: datetime, lifetime: int) -> JsonObject:
    """Return the output with the URL of each of this server's files signed again.

    They are signed at `at` for `lifetime` seconds.
    """

    def fresh(value: object) -> object:
        if isinstance(value, str) and value.startswith(urls.base_url + OUTPUT_PREFIX):
            return urls.sign(urlsplit(value).path, at, lifetime)
        if isinstance(value, list):
            return [fresh(item) for item in cast("list[object]", value)]
        if isinstance(value, dict):
            return {name: fresh(item) for name, item in cast(JsonObject, value).items()}
        return value

    return cast(JsonObject, fresh(output))
