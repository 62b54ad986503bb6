"""Documents that are published as YAML: they are written as JSON, which everything here reads."""

import re
from typing import Final

from ..document.json_tree import JSONValue, object_at, readable_text
from ..document.yaml_files import parse_yaml

_HEAD: Final = re.compile(rb"^[\"']?(?:openapi|swagger)[\"']?[ ]*:", re.MULTILINE)
_JSON_OR_HTML: Final = (b"{", b"[", b"<")


def as_json(raw: bytes) -> bytes:
    """Return the bytes of a document as JSON; those that are no YAML come back as they are.

    Raises:
        DocumentError: it begins as a YAML document and cannot be read.
    """
    text = raw.removeprefix(b"\xef\xbb\xbf")
    if text.lstrip().startswith(_JSON_OR_HTML) or _HEAD.search(text) is None:
        return raw
    document = parse_yaml(text, "the document")
    info = object_at(document, "info")
    if "version" in info:
        info["version"] = _spoken(info["version"])
    return readable_text(document).encode()


def _spoken(version: JSONValue) -> JSONValue:
    """Return a version without quotes, such as 1.0, as the text that it is."""
    is_number = isinstance(version, int | float) and not isinstance(version, bool)
    return str(version) if is_number else version
