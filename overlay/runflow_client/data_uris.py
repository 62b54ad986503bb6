"""Files that stand in the text itself: `data:` URIs."""

import base64
import string
from urllib.parse import unquote_to_bytes

from .errors import InvalidArgument


def is_data_uri(text: str) -> bool:
    """Whether the text is a data URI."""
    return text[:5].lower() == "data:"


def read_data_uri(uri: str) -> bytes:
    """What the data URI holds. Raises InvalidArgument for one that cannot be read."""
    header, comma, data = uri[5:].partition(",")
    if not comma:
        raise InvalidArgument("the output is a data URI without data")
    try:
        content = unquote_to_bytes(data)
        if not header.lower().endswith(";base64"):
            return content
        packed = content.translate(None, string.whitespace.encode())  # browsers forgive white space and padding
        return base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
    except ValueError as error:
        raise InvalidArgument(f"the output is a data URI that cannot be read: {error}") from None


def write_data_uri(content: bytes, media_type: str) -> str:
    """The content as a data URI."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def type_in(uri: str) -> str | None:
    """The media type that the data URI says it holds, None if it does not say."""
    said = uri[5:].partition(",")[0].partition(";")[0].strip().lower()
    return said if said and said.isascii() else None
