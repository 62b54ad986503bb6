"""What must never be seen in a log line, an error or a repr, and how it is taken out."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from .json_shapes import as_list, as_object

HIDDEN: Final = "[hidden]"

_SECRETS: Final = re.compile(r"\b(?:rf_(?:live|svc)_|rfk_|rf_|whsec_)[A-Za-z0-9_\-]+|(?<=Bearer )\S+", re.ASCII)
_URL_QUERY: Final = re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]+", re.IGNORECASE)
_SECRET_HEADERS: Final = frozenset(
    {"authorization", "cookie", "set-cookie", "runflow-signature", "proxy-authorization"}
)


def redact(text: str) -> str:
    """The text without API keys, callback secrets, bearer tokens and the query strings of URLs (they may be signed)."""
    return _URL_QUERY.sub(rf"\1?{HIDDEN}", _SECRETS.sub(HIDDEN, text))


def redact_all(value: Any) -> Any:
    """The JSON value with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if (mapping := as_object(value)) is not None:
        return {name: redact_all(member) for name, member in mapping.items()}
    return value if (sequence := as_list(value)) is None else [redact_all(member) for member in sequence]


def redacted_repr(value: object) -> str:
    """The repr, redacted: for a field of an object that is shown."""
    return redact(repr(value))


def redact_url(url: str) -> str:
    """The URL without user, password, query and fragment: what is left names the place and opens nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as "//[x": a server may write anything
        return "a URL that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, HIDDEN if parts.query else "", ""))


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """A copy of the headers that is fit for a log line."""
    return {name: HIDDEN if name.lower() in _SECRET_HEADERS else redact(value) for name, value in headers.items()}
