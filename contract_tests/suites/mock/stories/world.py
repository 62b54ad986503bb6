"""One mock server in this thread, with a state file and without a socket, and who it calls back."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import frozen
from runflow_mock import Settings, SteppedClock, Timings
from runflow_mock.api.handlers import HANDLERS, operation_names
from runflow_mock.contract.json_types import json_text
from runflow_mock.contract.requests import IncomingRequest
from runflow_mock.contract.validation import contract_of
from runflow_mock.faults.plan import Faults
from runflow_mock.server.app import Application
from runflow_mock.simulation.sender import AttemptResult, Done, Sender
from runflow_mock.simulation.simulation import Simulation
from runflow_mock.state.keys import DEFAULT_KEY
from runflow_mock.state.state import State
from runflow_mock.state.state_file import StateFile

CONTRACT: Final = contract_of(known=frozenset(HANDLERS))
BEARER: Final = f"Bearer {DEFAULT_KEY}"
OPENING: Final = "4.00"
MODELS: Final[Mapping[str, tuple[str, str]]] = {
    "acme/image": ("0.0123456", "image"),
    "acme/request": ("0.25", "request"),
    "acme/free": ("0", "request"),
}
"""Price and unit of each model."""

TIMINGS: Final[Mapping[str, tuple[float, float, float]]] = {
    "acme/image": (0.5, 0.25, 1.5),
    "acme/request": (1.0, 1.0, 3.0),
    "acme/free": (0.0, 0.0, 0.75),
}


@frozen
class Post:
    """One attempt that came in, and what it was answered; 0 for a network error."""

    url: str
    headers: dict[str, str]
    body: bytes
    answer: int

    def is_signed_by(self, secret: str | None) -> bool:
        """Whether its signature is that of the secret; there is none without a secret."""
        signature = self.headers.get("Runflow-Signature")
        if secret is None:
            return signature is None
        return signature == hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()


class Receiver(Sender):
    """Answers what is sent to it, each delivery with the statuses of its URL: `/500-0-200`."""

    def __init__(self) -> None:
        super().__init__((), 1.0)
        self.posts: dict[str, list[Post]] = defaultdict(list)
        """The attempts that were answered, by the id of their delivery's requests."""
        self._waiting: list[tuple[str, bytes, dict[str, str], Done]] = []

    def send(self, url: str, body: bytes, headers: dict[str, str], done: Done) -> None:
        """Keep the attempt until it is answered."""
        self._waiting.append((url, body, headers, done))

    def answer(self) -> bool:
        """Answer what waits; return whether anything did."""
        waiting, self._waiting = self._waiting, []
        for url, body, headers, done in waiting:
            before = self.posts[headers["Runflow-Request-Id"]]
            answer = answers_of(url)[len(before)]
            before.append(Post(url, headers, body, answer))
            done(AttemptResult(answer, "") if answer else AttemptResult(error_message="broken"))
        return bool(waiting)

    def forget(self) -> None:
        """Answer nothing of what waits: the server stops."""
        self._waiting.clear()


def answers_of(url: str) -> list[int]:
    """Return what the URL answers, one after the other."""
    return [int(text) for text in urlsplit(url).path.strip("/").split("-")]


class World:
    """One server on a stepped clock. It may be started again at any moment."""

    def __init__(self, folder: Path, seed: int | None, **settings: Any) -> None:
        given = {"opening_balance": OPENING, "state_file": folder / "state.sqlite", **settings}
        self._settings = Settings(seed=seed, **given)
        self.receiver = Receiver()
        self.begin()

    def begin(self) -> None:
        """Start the server. What a test has added is not in the file: it is added again."""
        assert self._settings.state_file is not None
        self.state = State(SteppedClock(), self._settings, "http://mock")
        self._file = StateFile(self._settings.state_file)
        self._file.read_into(self.state)
        faults = Faults(operation_names(), CONTRACT.document.operations)
        self.simulation = Simulation(self.state, CONTRACT, faults, self.receiver)
        for model, (price, unit) in MODELS.items():
            self.simulation.catalog.add(model, price=price, unit=unit, batches=True)
            self.simulation.runs.set_timings(Timings(*TIMINGS[model]), model)
        self.simulation.resume()
        self._app = Application(self.simulation, self._write)

    def end(self) -> None:
        """Stop the server."""
        self._write()
        self._file.close()
        self.receiver.forget()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.simulation.advance(seconds)
        self.settle()

    def settle(self) -> None:
        """Let everything be sent that is due."""
        while self.receiver.answer() or self.simulation.catch_up():
            pass
        self._write()

    def call(
        self, method: str, path: str, body: Any = None, authorization: str | None = BEARER
    ) -> tuple[int, Any]:
        """Call the API; return status and body of the answer."""
        headers = {"content-type": "application/json"}
        if authorization is not None:
            headers["authorization"] = authorization
        sent = b"" if body is None else json.dumps(body).encode()
        path, _, query = path.partition("?")
        request = IncomingRequest(method, path, query, headers, sent)
        self.simulation.step()
        reply = self._app.answer(request, self._app.router.match(method, path))
        self._write()
        assert reply.status is not None
        return reply.status, reply.body and json.loads(json_text(reply.body))

    def get(self, path: str) -> Any:
        """Return what the API shows there."""
        status, body = self.call("GET", path)
        assert status == 200, body
        return body

    def _write(self) -> None:
        self._file.write(self.state)
