"""The size in pixels of the picture that an input asks for."""

import math
import re
from typing import cast

from ..contract.json_types import JsonObject

LONG_SIDE = {"0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096, "720P": 1280, "1080P": 1920}
NAMED_SIZES = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
MAX_SIDE = 4096
_RATIO = re.compile(r"0*([1-9]\d?):0*([1-9]\d?)")


def resolution_of(values: JsonObject) -> str:
    """Return the resolution of the input, `1K` by default."""
    resolution = values.get("resolution")
    return resolution if isinstance(resolution, str) and resolution.upper() in LONG_SIDE else "1K"


def picture_size(values: JsonObject) -> tuple[int, int]:
    """Return (width, height) of the picture.

    They come from `image_size`, or from `resolution` (the longer side) and `aspect_ratio` (`16:9`).
    """
    named = values.get("image_size")
    if isinstance(named, str) and named in NAMED_SIZES:
        return NAMED_SIZES[named]
    if isinstance(named, dict):
        sides = cast(JsonObject, named)
        return _side(sides.get("width")), _side(sides.get("height"))
    long_side = LONG_SIDE[resolution_of(values).upper()]
    width, height = _ratio(values.get("aspect_ratio"))
    if width >= height:
        return long_side, max(round(long_side * height / width), 16)
    return max(round(long_side * width / height), 16), long_side


def area_size(values: JsonObject) -> tuple[int, int]:
    """Return (width, height) of a picture that has the area of a square of the resolution.

    Sides are multiples of 32 at 1K: 16:9 at 2K is 2752 by 1536.
    """
    factor = LONG_SIDE[resolution_of(values).upper()] / LONG_SIDE["1K"]
    width, height = _ratio(values.get("aspect_ratio"))
    side = LONG_SIDE["1K"]
    return (
        round(max(round(side * math.sqrt(width / height) / 32), 1) * 32 * factor),
        round(max(round(side * math.sqrt(height / width) / 32), 1) * 32 * factor),
    )


def _side(value: object) -> int:
    return (
        min(max(value, 16), MAX_SIDE)
        if isinstance(value, int) and not isinstance(value, bool)
        else 1024
    )


def _ratio(value: object) -> tuple[int, int]:
    found = _RATIO.fullmatch(value) if isinstance(value, str) else None
    return (1, 1) if found is None else (int(found[1]), int(found[2]))
