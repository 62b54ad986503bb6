"""Model ids: `owner/slug`, where the slug itself may hold slashes and dots."""

import re
from typing import Final

from .errors import InvalidArgument

_SEGMENT: Final = re.compile(r"[A-Za-z0-9._~-]+", re.ASCII)


def split_model_id(model: str) -> tuple[str, str]:
    """Split `google/nano-banana-pro/edit` into its owner (`google`) and slug (`nano-banana-pro/edit`).

    Runflow's model ids have two to five segments. Raises InvalidArgument for an id with fewer than two segments, with an
    empty, `.` or `..` segment (a leading slash among them), or with characters that no model id has, such as those of a URL.
    """
    segments = model.split("/")
    wrong = [segment for segment in segments if segment in {"", ".", ".."} or _SEGMENT.fullmatch(segment) is None]
    if wrong or len(segments) < 2:
        raise InvalidArgument(
            f"{model!r} is not a model id: expected owner/name such as 'google/nano-banana-pro', "
            "with no empty, '.' or '..' segment and without a host."
        )
    return segments[0], "/".join(segments[1:])
