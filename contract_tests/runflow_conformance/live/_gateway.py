"""A gateway on loopback that forwards requests to the live API with the real key.

Schemathesis runs in a process of its own. It gets the URL of the gateway and a placeholder key, so
that its requests pass the guard and the Tap, and it never has the real key.
"""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from runflow_api.http_library import httpx
from runflow_mock.simulation.sender import no_cookies

from .._schemathesis.environment import NO_RESPONSE_HEADER
from ._guard import GuardRefusal

PASSED_ON = ("accept", "content-type", "x-organization-id", "idempotency-key")
PLACEHOLDER_KEY = "rf_live_placeholder_of_the_gateway"
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY")
MAX_BODY_SIZE = 1024 * 1024  # bytes
TIMEOUT = 60.0  # seconds


class Gateway:
    """Listens on 127.0.0.1 while its `with` block runs.

    `no_response` counts the requests without a response, by reason.
    """

    def __init__(self, base_url: str, api_key: str, transport: httpx.BaseTransport) -> None:
        self.no_response: Counter[str] = Counter()
        # The caller decides about redirects, and each request is one alone.
        self._client = httpx.Client(
            transport=transport,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
            cookies=no_cookies(),
        )
        self._base_url, self._api_key = base_url.rstrip("/"), api_key
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # one packet per response: two wait 40 ms for each other
            disable_nagle_algorithm = True

            def respond(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(min(size, MAX_BODY_SIZE))
                headers = {
                    name: value for name, value in self.headers.items() if name.lower() in PASSED_ON
                }
                status, response_headers, content = gateway.forward(
                    self.command, self.path, headers, body
                )
                self.send_response(status)
                for name, value in response_headers:
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 # the base class's own name
                pass

        for method in METHODS:
            setattr(Handler, f"do_{method}", Handler.respond)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def url(self) -> str:
        """The URL of the gateway."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def forward(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send the request to the API; return status, headers and decoded body."""
        try:
            request = self._client.build_request(
                method,
                self._base_url + target,
                content=body or None,
                headers={**headers, "Authorization": f"Bearer {self._api_key}"},
            )
            response = self._client.send(request)
        except GuardRefusal as refusal:
            return self._no_response("the guard", str(refusal))
        except (httpx.RequestError, httpx.InvalidURL) as problem:
            return self._no_response("the network", type(problem).__name__)
        dropped = (
            "content-length",
            "content-encoding",
            "transfer-encoding",
            "connection",
            "keep-alive",
        )
        kept = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in dropped
        ]
        return response.status_code, kept, response.content

    def _no_response(self, whose: str, why: str) -> tuple[int, list[tuple[str, str]], bytes]:
        self.no_response[f"{whose}: {why}" if whose == "the network" else whose] += 1
        body = {"code": "NO_RESPONSE", "message": f"{whose}: {why}", "errors": None}
        return (
            403,
            [("Content-Type", "application/json"), (NO_RESPONSE_HEADER, whose)],
            json.dumps(body).encode(),
        )

    def __enter__(self) -> "Gateway":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._client.close()
