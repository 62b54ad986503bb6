"""`runflow login`: get an API key in the browser and store it."""

import secrets
import time
from http.server import BaseHTTPRequestHandler
from platform import node
from typing import Annotated, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import typer

from ... import PermissionDenied, Runflow, Unauthorized
from ..shared.browser import open_page
from ..shared.command import command, new_app, terminal_of
from ..shared.credentials import store_key
from ..shared.local_server import LocalServer
from ..shared.options import finite
from ..shared.refusals import KeyRefused, Refused

app = new_app("Get an API key in the browser and store it.")

CONNECT_PAGE: Final = "https://app.runflow.io/connect/api-key"
PORT: Final = 5180
"""The port of Runflow's own tools."""
_DONE: Final = b"The key has arrived. You can close this page."
_REFUSED: Final = b"This is not the page that was waited for."


@command(app, "runflow login", "runflow login --no-browser --timeout 600")
def login(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Option(help="What the key is called.")] = None,
    scopes: Annotated[str | None, typer.Option(help="Such as runs:read,runs:write.")] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port on this machine; 0 for any.")
    ] = PORT,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the browser, or print the URL.")
    ] = True,
    timeout: Annotated[
        float,
        typer.Option(
            metavar="SECONDS", help="How long to wait for the key.", min=1, callback=finite
        ),
    ] = 300,
) -> None:
    """Get an API key in the browser and store it for this user alone.

    The key comes back to a port of this machine and is stored in
    ~/.config/runflow/credentials.json, where Runflow's own tools look, too.
    """
    terminal = terminal_of(ctx)
    if not browser and (terminal.json or terminal.quiet):
        raise Refused("--no-browser prints the page to open, which --json and --quiet do not show")
    key_name = name or f"runflow-cli on {node() or 'this machine'}"
    state = secrets.token_urlsafe(16)
    with _listen(port, state) as server:
        page = connect_url(key_name, scopes, server.server_port, state)
        terminal.note(f"Agree on this page:\n{page}")
        if browser and not open_page(page):
            terminal.note("No browser could be opened: open the page yourself.")
        key = _wait_for_key(server, timeout)
    _check(key)
    path = store_key(key, key_name)
    terminal.result({"stored": str(path), "key_name": key_name}, [f"stored in {path}"])


def connect_url(name: str, scopes: str | None, port: int, state: str) -> str:
    """Return the page on which a key is granted. It comes back to a secret path."""
    query = {"api_key_name": name, "redirect_to": f"http://localhost:{port}/{state}/"}
    if scopes is not None:
        query["scopes"] = scopes
    return f"{CONNECT_PAGE}?{urlencode(query)}"


class _KeyServer(LocalServer):
    """Waits for the request that brings the key. `timeout` is in seconds, of one look."""

    key: str | None = None
    timeout = 0.1


def _listen(port: int, state: str) -> _KeyServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Take the key where the path is the one that was made up for this login."""
            address = urlsplit(self.path)
            keys = parse_qs(address.query).get("api_key", [])
            known = secrets.compare_digest(address.path.strip("/").encode(), state.encode())
            accepted = known and len(keys) == 1
            try:
                self.send_response(200 if accepted else 400)
                self.send_header("Content-Type", "text/plain; charset=utf-8")
                self.send_header("Referrer-Policy", "no-referrer")
                self.end_headers()
                self.wfile.write(_DONE if accepted else _REFUSED)
            finally:  # the command continues, and may end, as soon as the key is there
                if accepted:
                    server.key = keys[0]

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the path holds the key."""

    try:
        server = _KeyServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise Refused(
            f"port {port} cannot be listened on: {error.strerror}", "Give another one with --port."
        ) from None
    return server


def _wait_for_key(server: _KeyServer, timeout: float) -> str:
    until = time.monotonic() + timeout
    while server.key is None:
        if time.monotonic() > until:
            raise Refused(f"no key came within {timeout:g} s", "Run: runflow login")
        server.handle_request()
    return server.key


def _check(key: str) -> None:
    """Ask the API whether it takes the key. Nothing is stored that it does not take."""
    try:
        with Runflow(key) as client:
            client.account.user()
    except Unauthorized:
        raise KeyRefused("the API does not take this key, so it is not stored") from None
    except PermissionDenied:
        return  # a key without the scope to read its user
