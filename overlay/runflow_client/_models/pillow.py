"""The picture of an artifact as an image of Pillow, which is an extra."""

import io
from importlib.util import find_spec
from typing import TYPE_CHECKING

from .._errors import InvalidArgument, WrongContent
from .artifact import BaseArtifact

if TYPE_CHECKING:
    from PIL.Image import Image as Image
else:

    def __getattr__(name):
        # The annotation of `image()` can be resolved where Pillow is, and costs nothing before.
        if name == "Image":
            from PIL.Image import Image

            return Image
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def require_pillow(artifact: BaseArtifact) -> None:
    """Raise InvalidArgument where there is no Pillow, or where the artifact is no picture."""
    if artifact.type in {"video", "audio"}:
        raise InvalidArgument(
            f"{artifact.name} is {artifact.type}, not a picture: use read() or save()"
        )
    if find_spec("PIL") is None:
        raise InvalidArgument(
            'image() needs Pillow: pip install "runflow-client[pictures]", or use read() or save()'
        )


def open_image(artifact: BaseArtifact, content: bytes) -> "Image":
    """Decode the picture. Raises WrongContent for what Pillow cannot decode."""
    from PIL import Image

    try:
        image = Image.open(io.BytesIO(content))
        image.load()
    except Exception as error:  # an unknown format, a picture cut short, too many pixels, ...
        raise WrongContent(f"Pillow cannot decode it: {error}", url=artifact.url) from error
    return image
