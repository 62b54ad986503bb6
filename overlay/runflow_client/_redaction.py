"""What must never be seen in a log line, an error or a repr, and how it is taken out.

The client logs under `runflow_client`: what was sent, how it went, what is tried again. While it
sends, the lines of the HTTP library are redacted too, since they hold whole URLs.
"""

import logging
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from ._json import as_list, as_object

HIDDEN: Final = "[hidden]"


_SECRETS: Final = re.compile(
    r"\b(?:rf_(?:live|svc)_|rfk_|rf_|whsec_)[A-Za-z0-9_\-]+|(?<=Bearer )\S+", re.ASCII
)


_URL_QUERY: Final = re.compile(r"(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]+", re.IGNORECASE)


_SECRET_HEADERS: Final = frozenset(
    {"authorization", "cookie", "set-cookie", "runflow-signature", "proxy-authorization"}
)


def redact(text: str) -> str:
    """The text without API keys, callback secrets, bearer tokens and the query strings of URLs
    (they may be signed).
    """
    return _URL_QUERY.sub(rf"\1?{HIDDEN}", _SECRETS.sub(HIDDEN, text))


def redact_all(value: Any) -> Any:
    """The JSON value with every text in it redacted."""
    if isinstance(value, str):
        return redact(value)
    if (mapping := as_object(value)) is not None:
        return {name: redact_all(member) for name, member in mapping.items()}
    return (
        value
        if (sequence := as_list(value)) is None
        else [redact_all(member) for member in sequence]
    )


def redacted_repr(value: object) -> str:
    """The repr, redacted: for a field of an object that is shown."""
    return redact(repr(value))


def redact_url(url: str) -> str:
    """The URL without user, password, query and fragment: what is left names the place and opens
    nothing.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # such as "//[x": a server may write anything
        return "a URL that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, HIDDEN if parts.query else "", ""))


def redact_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """A copy of the headers that is fit for a log line."""
    return {
        name: HIDDEN if name.lower() in _SECRET_HEADERS else redact(value)
        for name, value in headers.items()
    }


log: Final = logging.getLogger("runflow_client")


_LIBRARY_LOGGERS: Final = (
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
)


_PACKER_LOGGERS: Final = ("hpack.hpack", "hpack.table")
"""Those of HTTP/2's packer of headers. Keys and signed paths stand in their lines in pieces and
packed.
"""


_sending: ContextVar[bool] = ContextVar("runflow_client_is_sending", default=False)


class _Redaction(logging.Filter):
    """Takes secrets out of the lines that are logged while this client sends."""

    def filter(self, record: logging.LogRecord) -> bool:
        if _sending.get():
            record.msg, record.args = redact(record.getMessage()), ()
        return True


class _Silence(logging.Filter):
    """Drops the lines that are logged while this client sends."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not _sending.get()


_REDACTION: Final = _Redaction()


_SILENCE: Final = _Silence()


def protect_library_logs() -> None:
    """Let the HTTP library's loggers redact what they say on this client's behalf. May be called
    often.
    """
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_REDACTION)  # which does nothing the second time
    for name in _PACKER_LOGGERS:
        logging.getLogger(name).addFilter(_SILENCE)


class sending:  # noqa: N801 # used as `with sending():`; a class, for it stands on the hot path
    """While this lasts, the HTTP library works for this client."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _sending.set(True)

    def __exit__(self, *error: object) -> None:
        _sending.reset(self._token)
