"""Which arrays and images are pictures, and what is sent of each."""

import io
import re
from array import array
from collections.abc import Iterator
from typing import Any, Final

from runflow_client import InvalidArgument, WrongContent
from runflow_client._models import pillow
from runflow_client._models.artifact import BaseArtifact, read_artifacts
from runflow_client._typed_inputs import pictures
from runflow_client._typed_inputs.fields import InputField

from .rows import Plain, behind, table

MODES: Final = (
    "1",
    "L",
    "LA",
    "P",
    "PA",
    "RGB",
    "RGBA",
    "RGBa",
    "RGBX",
    "CMYK",
    "YCbCr",
    "LAB",
    "I;16",
    "I",
    "F",
)
SHAPES: Final = (
    *((2, 3), (2, 3, 3), (2, 3, 4), (2, 3, 1), (2, 3, 2), (2, 3, 5), (2,), (), (0, 3), (2, 0, 3)),
    (1, 2, 3, 4),
)


def lines() -> Iterator[str]:
    """Give the tables, line by line. They need numpy and Pillow."""
    import numpy
    from PIL import Image

    for kind in ("uint8", "int8", "uint16", "float32", "bool"):
        yield from table(
            f"array_problem of {kind}",
            lambda shape, kind=kind: pictures.array_problem(numpy.zeros(shape, kind)),
            SHAPES if kind == "uint8" else SHAPES[:2],
        )
    things: dict[str, Any] = {
        "an array": numpy.zeros((1, 1)),
        "an image": Image.new("L", (1, 1)),
        "a list": [[0]],
    }
    for ask in (pictures.is_array, pictures.is_pillow_image):
        yield from table(ask.__name__, ask, things)
    taken: dict[str, Any] = {
        **things,
        "an array of uint8": numpy.zeros((2, 3, 3), "uint8"),
        "an array of one pixel": numpy.zeros((1, 1), "uint8"),
        "a memoryview of two integers": memoryview(array("I", [0, 0])),
        "a list of a text in a URI": ["data:text/plain,hello"],
    }
    taken["a list of an array"] = [taken["an array of uint8"]]
    for kind in ("image", "file", "json", "string", "array", "image_list", "string|image"):
        for required in (False, True):
            facts = InputField("it", kind, required=required)
            yield from table(
                f"{kind} that is required: {required}",
                lambda one, facts=facts: _problem(facts, one),
                taken,
            )
    yield from table("sent of a mode", _sent, {mode: Image.new(mode, (2, 3)) for mode in MODES})
    turned = Image.new("RGB", (2, 3))
    turned.getexif()[0x0112] = 6  # a quarter turn
    profiled = Image.new("RGB", (2, 3))
    profiled.info["icc_profile"] = b"profile"
    print_colours = Image.new("CMYK", (2, 3))
    print_colours.info["icc_profile"] = b"profile"
    images = {
        "turned": turned,
        "with a profile": profiled,
        "converted, with a profile": print_colours,
        "half clear, with a palette": _half_clear(),
        "without pixels": Image.new("RGB", (0, 3)),
        "an array": numpy.zeros((2, 3, 4), "uint8"),
        "an array of one bit": numpy.zeros((2, 3, 5), "uint8"),
    }
    yield from table("sent", _sent, images)
    kinds = (None, "image", "video", "audio", "other", "video/mp4", "audio/mpeg", "image/png")
    yield from table("require_pillow", _required, kinds)
    written = pictures.encode_picture(profiled, "it")
    cut = {f"{n} bytes short": written[:-n] for n in (12, 20, 30)}
    contents = {
        "a PNG": written,
        "half of one": written[:40],
        **cut,
        "text": b"text",
        "nothing": b"",
    }
    yield from table("open_image", _opened, contents)


def _problem(facts: InputField, value: Any) -> Plain:
    """Return what is said of the value, without the addresses of objects."""
    return Plain(re.sub(r"<PIL.Image[^>]*>", "<an image>", f"{facts.problem(value)}"))


def _sent(value: Any) -> object:
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(pictures.encode_picture(value, "it")))
    except InvalidArgument as error:
        return Plain(str(error).partition(": ")[0] + behind(error))
    image.load()
    return (
        image.format,
        image.mode,
        image.size,
        image.getpixel((0, 0)),
        image.info.get("icc_profile"),
    )


def _half_clear() -> Any:
    """Return a picture with a palette, one pixel of which is half transparent."""
    from PIL import Image

    image = Image.new("RGBA", (2, 3), (255, 0, 0, 128))
    return image.convert("PA")


def _artifact(kind: str | None) -> BaseArtifact:
    named = "mime_type" if "/" in (kind or "") else "type"
    (facts,) = read_artifacts({"outputs": [{"url": "https://cdn.test/a", named: kind}]})
    return BaseArtifact(**facts, run_id="r")


def _required(kind: str | None) -> None:
    pillow.require_pillow(_artifact(kind))


def _opened(content: bytes) -> object:
    try:
        image = pillow.open_image(_artifact(None), content)
    except WrongContent as error:
        assert error.address == "https://cdn.test/a"
        return Plain(str(error).partition("decode it: ")[0] + behind(error))
    return image.size, image.getpixel((0, 0))
