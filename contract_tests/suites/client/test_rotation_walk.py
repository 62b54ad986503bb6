"""A rotation of callback secrets against the mock server, ended at each of its requests and steps
in every way, and begun again: some secret is always current and deployed, and what signed a moment
ago is still known to the receivers.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import CancelledError
from functools import partial
from typing import Any, Final

import httpx
import pytest
from attrs import define, field
from runflow_client import CallbackSecret, NewCallbackSecret, Runflow, RunflowError
from runflow_mock import MockRunflow

from ..files.conftest import through
from ..passing import Passing
from ..profile import is_thorough
from .conftest import MockTime

__all__ = ["through"]

QUIET: Final = 60.0
"""Seconds. A tenth of it passes before a secret that is said to be gone is forgotten."""
RETRIED_FOR: Final = 3.0
"""Seconds for which Runflow repeats a delivery with the secret of its first attempt."""


@define(eq=False)
class Vault:
    """What the receivers know. `fails` is raised by the next step: before it, or after it."""

    known: dict[str, str] = field(factory=dict)
    fails: str | None = None

    def _step(self, act: Callable[[], object], name: str) -> None:
        if self.fails == f"before {name}":
            raise OSError("the vault is sealed")
        act()
        if self.fails == f"after {name}":
            raise OSError("the vault is sealed")

    def add(self, secret: NewCallbackSecret) -> None:
        self._step(lambda: self.known.update({str(secret.id): secret.plain_secret}), "add")

    def remove(self, secret: CallbackSecret) -> None:
        self._step(lambda: self.known.pop(str(secret.id), None), "remove")


@define(eq=False)
class Server:
    """The secrets as the server has them, and what has signed."""

    mock: MockRunflow
    api: httpx.Client
    vault: Vault
    signed: dict[str, float] = field(factory=dict)

    def current(self) -> str | None:
        """The secret that signs. There is one at most."""
        answer = self.api.get("/v1/callback-secrets", params={"limit": "500"})
        found = [one["id"] for one in answer.json()["items"] if one["is_current"]]
        assert len(found) <= 1
        return found[0] if found else None

    def check(self) -> None:
        """A callback is signed now, and others are repeated."""
        now, current = self.mock.clock.now().timestamp(), self.current()
        assert current is not None, "nothing is signed any more"
        self.signed[current] = now
        repeated = {one for one, then in self.signed.items() if now - then <= RETRIED_FOR}
        assert repeated <= self.vault.known.keys()


@define(eq=False)
class Breaking(Passing):
    """Ends one request, counted from 0, or with `for_good` all of its kind from then on."""

    server: Server
    number: int = -1
    how: str = ""
    for_good: bool = False
    meanwhile: Callable[[], None] | None = None
    """Done before that request, which is not ended then."""
    sent: list[str] = field(factory=list)

    def _is_hit(self, request: httpx.Request) -> bool:
        self.server.check()
        self.sent.append(f"{request.method} {request.url.path.count('/')}")
        at = len(self.sent) - 1
        if self.meanwhile is not None:
            if at == self.number:
                self.meanwhile()
            return False
        if self.number < 0 or at < self.number:
            return False
        return at == self.number or (self.for_good and self.sent[at] == self.sent[self.number])

    def _before(self, is_async: bool) -> httpx.Response | None:
        when, _, what = self.how.partition(" ")
        return self._end(what, is_async) if when == "before" else None

    def _after(self, response: httpx.Response, is_async: bool) -> httpx.Response:
        self.server.check()
        when, _, what = self.how.partition(" ")
        return self._end(what, is_async) if when == "after" else response

    def _end(self, what: str, is_async: bool) -> httpx.Response:
        if what == "lost":
            raise httpx.ReadError("lost")
        if what == "killed":  # nothing is sent after either
            raise asyncio.CancelledError if is_async else KeyboardInterrupt
        return httpx.Response(int(what), json={"code": "X", "message": "no"})

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        hit = self._is_hit(request)
        if hit and (ended := self._before(False)) is not None:
            return ended
        response = self._blocking.handle_request(request)
        response.read()
        return self._after(response, False) if hit else response

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        hit = self._is_hit(request)
        if hit and (ended := self._before(True)) is not None:
            return ended
        response = await self._suspending.handle_async_request(request)
        await response.aread()
        return self._after(response, True) if hit else response


@pytest.fixture
def server(mock: MockRunflow, connect: Any) -> Any:
    vault = Vault()
    for label in ("first", "spare"):
        vault.add(connect().callbacks.secrets.create(label))
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
        yield Server(mock, api, vault)


def rotate(client: Any, server: Server, *, others_too: bool = False) -> Any:
    """Rotate once, and return the error where there is one."""
    try:
        new = client.callbacks.secrets.rotate(server.vault, quiet=QUIET, longest=600.0)
    except (RunflowError, OSError, KeyboardInterrupt, CancelledError) as error:
        server.check()
        return error
    server.check()
    assert others_too or server.current() == str(new.id)
    return None


STEPS: Final = {
    "list": 0,
    "create": 1,
    "promote": 2,
    "first read": 3,
    "last read": 12,
    "delete": 13,
}
ENDS: Final = ("lost", "killed", "404", "409", "429", "500")
HOW: Final = [
    (f"{when} {what}", for_good)
    for when in ("before", "after")
    for what in ENDS
    for for_good in (False, True)
    if is_thorough() or what in ("lost", "killed") or (when, what) == ("after", "500")
]
"""How a request ends, and whether every other of its kind does from then on."""


@pytest.mark.parametrize("step", STEPS)
def test_wherever_a_rotation_ends_the_next_one_completes_it(
    through: Any, server: Server, step: str
) -> None:
    failed = 0
    for how, for_good in HOW:
        network = Breaking(server, STEPS[step], how, for_good)
        client = through(network)
        failed += rotate(client, server) is not None
        assert len(network.sent) > STEPS[step]
        network.number = -1
        assert rotate(client, server) is None
    assert failed >= 4


@pytest.mark.parametrize("step", ["add", "remove"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_store_that_fails_leaves_a_secret_that_signs_and_is_deployed(
    through: Any, server: Server, step: str, when: str
) -> None:
    client = through(Breaking(server))
    server.vault.fails = f"{when} {step}"
    assert isinstance(rotate(client, server), OSError)
    server.vault.fails = None
    assert rotate(client, server) is None


def test_two_rotations_at_once_leave_a_secret_that_signs_and_is_deployed(
    through: Any, server: Server
) -> None:
    """A whole second rotation runs before each request of the first."""
    mock = server.mock
    with Runflow(mock.api_key, base_url=mock.base_url, clock=MockTime(mock)) as other:
        done: list[object] = []
        for moment in range(14):
            second = partial(rotate, other, server)
            network = Breaking(server, moment)
            network.meanwhile = lambda second=second: done.append(second())
            rotate(through(network), server, others_too=True)
            assert rotate(other, server) is None
        assert done == [None] * 14
