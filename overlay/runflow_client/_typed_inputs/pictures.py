"""Pictures of Pillow and numpy, which are sent as PNG. Neither library is imported to look."""

import io
import sys
from typing import Any, Final, Protocol, runtime_checkable

from .._errors import InvalidArgument

_PNG_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I;16"})
"""The modes of Pillow that PNG can hold; the others become RGB, or RGBA where they have alpha."""

_CHANNELS: Final = (3, 4)


@runtime_checkable  # so that pydantic can tell
class PillowImage(Protocol):
    """An image of Pillow."""

    @property
    def mode(self) -> str:
        """What a pixel is made of, such as `RGB`."""
        ...

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        ...


@runtime_checkable
class PixelArray(Protocol):
    """An array of numpy: (height, width), (height, width, 3) or (height, width, 4) of uint8."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The length of each axis."""
        ...

    @property
    def dtype(self) -> Any:
        """The type of an element."""
        ...


def _class(module: str, name: str) -> type | None:
    """Return a class of a library that is loaded; None where none of its objects can exist."""
    loaded: type | None = getattr(sys.modules.get(module), name, None)
    return loaded


def is_pillow_image(value: object) -> bool:
    """Whether the value is an image of Pillow."""
    kind = _class("PIL.Image", "Image")
    return kind is not None and isinstance(value, kind)


def is_array(value: object) -> bool:
    """Whether the value is an array of numpy."""
    kind = _class("numpy", "ndarray")
    return kind is not None and isinstance(value, kind)


def array_problem(array: Any) -> str | None:
    """Say what keeps the array from being a picture, as the end of a sentence; None if nothing."""
    axes = len(array.shape)
    fits = axes == 2 or (axes == 3 and array.shape[2] in _CHANNELS)
    if fits and str(array.dtype) == "uint8" and array.size:
        return None
    return (
        f"is {show_array(array)}, expected one of uint8, from 0 to 255, with the shape "
        "(height, width), (height, width, 3) or (height, width, 4)"
    )


def show_array(array: Any) -> str:
    """Describe the array in a few words."""
    return f"a numpy array of {array.dtype} with the shape {tuple(array.shape)}"


def encode_picture(value: Any, place: str) -> bytes:
    """Return the picture as a PNG: turned as its EXIF orientation says, without loss.

    Raises InvalidArgument for an array where Pillow is missing, and for an image that cannot be
    written.
    """
    try:
        from PIL import Image, ImageOps
    except ModuleNotFoundError:
        raise InvalidArgument(
            f"{place} is a numpy array, which needs Pillow: "
            'pip install "runflow-client[pictures]", or pass the bytes of a PNG'
        ) from None
    try:
        image = Image.fromarray(value) if is_array(value) else ImageOps.exif_transpose(value)
        profile = image.info.get("icc_profile")
        if image.mode not in _PNG_MODES:
            has_alpha = image.mode[-1:] in {"A", "a"}
            image, profile = image.convert("RGBA" if has_alpha else "RGB"), None
        written = io.BytesIO()
        image.save(written, "PNG", icc_profile=profile)
    except Exception as error:  # a file behind it that is gone, a closed image, no pixels, ...
        raise InvalidArgument(f"{place} cannot be written as a PNG: {error}") from error
    return written.getvalue()
