"""Take secrets out of log lines, errors and reprs.

The client logs under `runflow_client`: requests, answers and retries. The HTTP library logs whole
URLs, so its lines are redacted too while this client sends.
"""

import logging
import re
import sys
from contextvars import ContextVar
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from ._json import as_list, as_object

HIDDEN: Final = "[hidden]"


_SECRETS: Final = r"(?a)\b(?:rf_(?:live|svc)_|rfk_|rf_|whsec_)[A-Za-z0-9_\-]+|(?<=Bearer )\S+"

_URL_QUERY: Final = r"(?i)(https?://[^\s\"'<>?#]+)[?#][^\s\"'<>]+"

_URL_USER: Final = r"(?i)\b([a-z][a-z0-9+]{1,19}://)[^\s\"'<>/?#]*@"


def redact(text: str) -> str:
    """Hide API keys, callback secrets, bearer tokens, and the users, passwords and query strings of
    URLs in the text.

    A query string may be a signature.
    """
    text = re.sub(_URL_USER, r"\1", re.sub(_SECRETS, HIDDEN, text))
    return re.sub(_URL_QUERY, rf"\1?{HIDDEN}", text)


def redact_all(value: Any) -> Any:
    """Redact every text in the JSON value."""
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
    """Return the redacted repr of a field."""
    return redact(repr(value))


MAX_SHOWN: Final = 80
"""Characters of a value in an error."""

MAX_READ: Final = 4000
"""Characters of a text, or bytes of an answer, that are looked at to show it: a data URI may have
many millions.
"""


def show_value(value: object) -> str:
    """Show an argument of the caller's in an error: short, without secrets, whatever it is."""
    try:
        text = redact(repr(value[:MAX_READ] if isinstance(value, str) else value))
    except Exception:  # of its own repr
        return f"<{type(value).__name__}>"
    return clip(text)


def clip(text: str) -> str:
    """Cut off what is too long to show in an error."""
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}..."


def redact_url(url: str) -> str:
    """Return the URL without user, password, query and fragment."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as "//[x"
        return "a URL that cannot be read"
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, HIDDEN if parts.query else "", ""))


def show_address(url: str) -> str:
    """Return the URL without its query, and of a data URI only its type and length."""
    if url[:5].lower() == "data:":
        return f"{url[:60].partition(',')[0]},... ({len(url)} characters)"
    return redact_url(url)


log: Final = logging.getLogger("runflow_client")


_LIBRARY_LOGGERS: Final = (
    *("httpx", "httpx2"),
    *(
        core + part
        for core in ("httpcore", "httpcore2")
        for part in ("", ".connection", ".http11", ".http2", ".proxy", ".socks")
    ),
)


_HPACK_LOGGERS: Final = ("hpack.hpack", "hpack.table")
"""Loggers of HTTP/2's header compression. Their lines hold keys and signed paths in pieces, which
cannot be redacted.
"""


_sending: ContextVar[bool] = ContextVar("runflow_client_is_sending", default=False)


class _Redaction(logging.Filter):
    """Redacts the lines that are logged while this client sends."""

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
    """Install the filters on the HTTP library's loggers. Calling it again changes nothing."""
    for name in _LIBRARY_LOGGERS:
        logging.getLogger(name).addFilter(_REDACTION)
    for name in _HPACK_LOGGERS:
        logging.getLogger(name).addFilter(_SILENCE)


class sending:  # noqa: N801 # used as a function: a class is entered in half the time
    """Redact the HTTP library's log lines while the block runs: it works for this client."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token = _sending.set(True)

    def __exit__(self, *error: object) -> None:
        _sending.reset(self._token)


def safe_parts(error: BaseException) -> tuple[type[BaseException], tuple[str], dict[str, Any]]:
    """Return class, text and notes of an error that may hold a request, and so the key.

    The class is the nearest that can be found by its name, as pickle demands, and made of a text.
    """
    try:
        text = redact(str(error))
    except Exception:  # of its own str
        text = f"<{type(error).__name__}>"
    kind = next(
        one
        for one in type(error).__mro__
        if getattr(sys.modules.get(one.__module__), one.__qualname__, None) is one
        and _shows(one, text)
    )
    notes = {
        name: [redact(str(note)) for note in value]
        for name, value in vars(error).items()
        if name == "__notes__"
    }
    return kind, (text,), notes


def _shows(kind: type[BaseException], text: str) -> bool:
    """Whether an error of this class that is made of the text alone shows it."""
    try:
        made = kind.__new__(kind, text)
        made.args = (text,)
        return str(made) in {text, repr(text)}  # the latter of a KeyError
    except Exception:  # a group needs errors, others have arguments of their own
        return False
