"""What must never be seen in a log line, an error or a repr, and how it is taken out."""

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit, urlunsplit

HIDDEN: Final = "[hidden]"

_SECRETS: Final = re.compile(r"\b(?:rf_(?:live|svc)_|rfk_|rf_|whsec_)[A-Za-z0-9_\-]+|(?<=Bearer )\S+", re.ASCII)
_URL_QUERY: Final = re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]+", re.IGNORECASE)
_SECRET_HEADERS: Final = frozenset(
    {"authorization", "cookie", "set-cookie", "runflow-signature", "proxy-authorization"}
)


def redact(text: str) -> str:
    """The text without API keys, callback secrets, bearer tokens and the query strings of URLs (they may be signed)."""
    return _URL_QUERY.sub(rf"\1?{HIDDEN}", _SECRETS.sub(HIDDEN, text))


def redact_url(url: str) -> str:
    """The URL without user, password, query and fragment: what is left names the place and opens nothing."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, HIDDEN if parts.query else "", ""))


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """A copy of the headers that is fit for a log line."""
    return {name: HIDDEN if name.lower() in _SECRET_HEADERS else redact(value) for name, value in headers.items()}
