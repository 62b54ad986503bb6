"""The generated client with a transport that records requests and gives one response."""

import asyncio
from typing import Any, Final

from attrs import frozen
from runflow_api.client import AuthenticatedClient, Client
from runflow_api.http_library import httpx
from runflow_conformance import AsyncTap, Tap, Validator

from ..document import ConformanceDocument
from .operations import GeneratedOperation

TOKEN: Final = "rf_test_replayed"
BASE_URL: Final = "https://document.invalid"
ENTRY_POINTS: Final = ("sync", "sync_detailed", "asyncio", "asyncio_detailed")


@frozen
class Outcome:
    """What an entry point returned or raised, and the requests it sent."""

    value: Any
    raised: Exception | None
    sent: list[httpx.Request]


class RecordingClient:
    """Calls the generated functions. If `validated`, a Tap raises for undocumented traffic."""

    def __init__(self, document: ConformanceDocument, *, validated: bool) -> None:
        self._sent: list[httpx.Request] = []
        self._answer = httpx.Response(204)
        self._loop = asyncio.Runner()
        mock = httpx.MockTransport(self._handle)
        sync: httpx.BaseTransport = mock
        asynchronous: httpx.AsyncBaseTransport = mock
        if validated:
            validator = Validator(document.content)
            sync, asynchronous = (
                Tap(mock, validator, strict=True),
                AsyncTap(mock, validator, strict=True),
            )
        self._clients = {
            (colour, open_): _client(transport, open_)
            for colour, transport in (("sync", sync), ("asyncio", asynchronous))
            for open_ in (False, True)
        }

    def call(
        self,
        generated: GeneratedOperation,
        entry: str,
        arguments: dict[str, Any],
        answer: httpx.Response,
        *,
        open_: bool,
    ) -> Outcome:
        """Call one entry point. `open_`: the operation needs no key and gets none."""
        self._sent, self._answer = [], answer
        client = self._clients[entry.partition("_")[0], open_]
        function = getattr(generated, entry)
        try:
            if entry.startswith("asyncio"):
                called = function(**arguments, client=client)
                value = self._loop.get_loop().run_until_complete(called)
            else:
                value = function(**arguments, client=client)
        except Exception as error:  # what it raises is what the caller judges
            return Outcome(None, error, self._sent)
        return Outcome(value, None, self._sent)

    def close(self) -> None:
        """Close the event loop of the async entry points."""
        self._loop.close()

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self._sent.append(request)
        answer = self._answer
        return httpx.Response(
            answer.status_code, headers=answer.headers, content=answer.content, request=request
        )


def _client(transport: object, open_: bool) -> Client:
    settings: dict[str, Any] = {"transport": transport, "trust_env": False}
    if open_:
        return Client(BASE_URL, httpx_args=settings)
    return AuthenticatedClient(BASE_URL, token=TOKEN, httpx_args=settings)
