"""A local receiver of callbacks: verifies them, prints them, hands them on."""

import logging
import os
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Final
from urllib.parse import urlsplit

from runflow_api.http_library import httpx

from ..._http import ANSWER_REQUEST_IDS, SIGNATURE
from ..._redaction import redact_url
from ..._urls import is_loopback
from ...callbacks import CallbackEvent, Receiver
from ...callbacks.wsgi import body_reader
from ..shared.local_server import LocalServer
from ..shared.refusals import Refused
from ..shared.secret_file import check_secrets, read_secret_file

SECRET_VARIABLE: Final = "RUNFLOW_CALLBACK_SECRET"
_FORWARDED: Final = frozenset(
    name.lower() for name in ("Content-Type", "User-Agent", SIGNATURE, *ANSWER_REQUEST_IDS)
)
_FORWARD_TIMEOUT: Final = 10.0
"""Seconds."""

_LOGGER: Final = logging.getLogger("runflow_client.callbacks")
_UNHEARD: Final = logging.NullHandler()

Note = Callable[[str], None]


def read_secrets(file: str | None) -> list[str]:
    """Return the secrets of the file, one a line, else of RUNFLOW_CALLBACK_SECRET.

    Raises Refused where there is none, and for something else than secrets. There is no option for
    the secret itself: other users of the machine see the arguments of a process.
    """
    if file is None:
        secret = os.environ.get(SECRET_VARIABLE)
        secrets = [secret] if secret else []
        check_secrets(secrets, SECRET_VARIABLE)
    else:
        secrets = read_secret_file(file)
    if not secrets:
        where = f"{file} is empty" if file is not None else f"{SECRET_VARIABLE} is not set"
        raise Refused(
            f"there is no callback secret: {where}", "Make one with: runflow secrets create"
        )
    return secrets


def serve(
    host: str,
    port: int,
    secrets: Callable[[], list[str]],
    show: Callable[[CallbackEvent], None],
    note: Note,
    forward_to: str | None,
) -> LocalServer:
    """Return a server that listens already; `serve_forever` answers.

    A callback is answered 200 when it is verified and, with `forward_to`, when that answered with
    a status below 300; otherwise 503, and Runflow sends it again. What the client logs of it is not
    printed: `note` says it.
    """
    _LOGGER.addHandler(_UNHEARD)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            headers = list(self.headers.items())
            try:
                receiver = Receiver(secrets, self._keep)
            except Refused as refused:  # the file was changed
                note(f"the callback secrets cannot be read: {refused}")
                self._send(503, {}, b"not received; please send it again\n")
                return
            incoming = receiver.open("POST", headers)
            length = self.headers.get("Content-Length")
            incoming.fill(body_reader({"wsgi.input": self.rfile, "CONTENT_LENGTH": length}))
            answer = incoming.answer()
            if answer.event is None:
                note(f"refused: {int(answer.status)} {answer.text}")
            self._send(int(answer.status), answer.headers, answer.body)

        def do_GET(self) -> None:
            self._send(405, {"Allow": "POST"}, b"callbacks are sent by POST\n")

        def _keep(self, event: CallbackEvent, raw: bytes) -> None:
            try:
                show(event)
            except OSError as error:
                note(f"it cannot be printed: {error.strerror}")
                raise
            if forward_to is not None:
                shown = redact_url(forward_to)
                try:
                    answer = self._forward(forward_to, raw)
                except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
                    note(f"not forwarded to {shown}: {str(error) or type(error).__name__}")
                    raise
                note(f"forwarded to {shown}: {answer.status_code}")
                answer.raise_for_status()

        def _forward(self, url: str, raw: bytes) -> httpx.Response:
            return httpx.post(
                url,
                content=raw,
                headers={
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() in _FORWARDED
                },
                timeout=_FORWARD_TIMEOUT,
                trust_env=not is_loopback(urlsplit(url).hostname or ""),
            )

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: what arrives is printed by `show` and `note`."""

    try:
        return LocalServer((host, port), Handler)
    except OSError as error:
        raise Refused(f"{host}:{port} cannot be listened on: {error.strerror}") from None
