"""Logging under `runflow_client`: what was sent, how it went, what is tried again. Secrets are never among it.

The HTTP library logs too, whole URLs among it, and those of outputs are signed. While this client sends, its lines are
redacted as ours are, and those of HTTP/2's packer dropped; the lines of other users of the library stay as they are.
"""

import logging
from contextvars import ContextVar
from typing import Final

from .redaction import redact

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
"""Those of HTTP/2's packer of headers. Keys and signed paths stand in their lines in pieces and packed."""

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
    """Let the HTTP library's loggers redact what they say on this client's behalf. May be called often."""
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
