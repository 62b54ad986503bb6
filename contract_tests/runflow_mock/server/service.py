"""A mock server in an event loop: its socket, its simulation, and the task that lets time act."""

import asyncio
import contextlib
import logging
import socket
from pathlib import Path
from urllib.parse import quote, urlsplit

import uvicorn
from uvicorn.server import ServerState

from ..api.following import differences
from ..api.handlers import HANDLERS, operation_names
from ..contract.validation import contract_of
from ..faults.plan import Faults
from ..simulation.simulation import Simulation
from ..state.clock import Clock
from ..state.settings import Settings
from ..state.state import State
from ..state.state_file import UNREADABLE, StateFile
from .app import Application
from .tls import make_certificate
from .transport import MockProtocol

KEEP_ALIVE_TIMEOUT = 75  # seconds
MAX_PORT = 65_535
_log = logging.getLogger("runflow_mock")


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens there.

    Port 0 means any free one. Raise OSError if the port is taken, ValueError for a number that no
    port has.
    """
    if not 0 <= port <= MAX_PORT:
        raise ValueError(f"there is no port {port}: expected 0 to {MAX_PORT}")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only if the protocol is named. With the delay every answer
    # takes 40 ms longer.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    return listener


def document_differences(document: Path | None) -> tuple[str, ...]:
    """Return where the server and that document (by default the packaged one) differ."""
    return differences(contract_of(document, frozenset(HANDLERS)))


class Service:
    """One server. Call `start` and `stop` in the event loop that it runs in."""

    def __init__(self, listener: socket.socket, clock: Clock, settings: Settings) -> None:
        host, port = listener.getsockname()[:2]
        scheme = "https" if settings.tls else "http"
        self.base_url = f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}"
        public_url = (settings.public_url or self.base_url).rstrip("/")
        public_host = urlsplit(public_url).hostname
        if urlsplit(public_url).scheme not in ("http", "https") or public_host is None:
            raise ValueError(f"the public URL must be http or https with a host, not {public_url}")
        self.certificate = (
            make_certificate("localhost", host, public_host, "127.0.0.1", "::1")
            if settings.tls
            else None
        )
        contract = contract_of(settings.document, frozenset(HANDLERS))
        self.differences = differences(contract)
        state = State(clock, settings, public_url, quote(contract.document.prefix))
        self._state_file = None if settings.state_file is None else StateFile(settings.state_file)
        if self._state_file is not None:
            self._state_file.read_into(state)
        faults = Faults(operation_names(), contract.document.operations)
        self.simulation = Simulation(state, contract, faults)
        try:
            self.simulation.resume()
        except UNREADABLE as problem:
            if self._state_file is None:
                raise
            raise self._state_file.refusal(problem) from None
        self.app = Application(self.simulation, self.write_state)
        self._listener = listener
        self._config = uvicorn.Config(
            self.app,
            lifespan="off",
            log_config=None,
            access_log=False,
            ws="none",
            timeout_keep_alive=KEEP_ALIVE_TIMEOUT,
        )
        self._state = ServerState()
        self._server: asyncio.Server | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Start to listen, and to carry out what falls due."""
        self._config.load()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: MockProtocol(self._config, self._state, {}, loop),
            sock=self._listener,
            backlog=2048,
            ssl=None if self.certificate is None else self.certificate.context,
        )
        self.simulation.state.schedule.on_change = self._changed.set
        self._ticker = loop.create_task(self._tick())

    async def stop(self) -> None:
        """Break every connection, cancel what is being sent, and close the socket."""
        if self._server is not None:
            self._server.close()
        if self._ticker is not None:
            self._ticker.cancel()
        tasks = [*self._state.tasks, *([self._ticker] if self._ticker is not None else [])]
        for task in self._state.tasks:
            task.cancel()
        for connection in list(self._state.connections):
            connection.transport.abort()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.simulation.sender.close()
        if self._server is not None:
            await self._server.wait_closed()
        self._listener.close()
        if self._state_file is not None:
            self.write_state()
            self._state_file.close()

    def write_state(self) -> None:
        """Write what changed to the state file, if there is one."""
        if self._state_file is not None:
            self._state_file.write(self.simulation.state)

    async def _tick(self) -> None:
        while True:
            due = self.simulation.state.schedule.next_due()
            wait = None if due is None else (due - self.simulation.state.now()).total_seconds()
            if wait is not None and wait > 0:
                wait = self.simulation.state.clock.real_seconds(wait)
            # asyncio.wait_for forgets in Python 3.11 that it was cancelled, if the event comes then
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            undisturbed = not self._changed.is_set()
            self._changed.clear()
            try:
                if undisturbed:
                    self.simulation.jump()
                else:
                    self.simulation.catch_up()
                self.write_state()
            except Exception:
                _log.exception("the mock server could not do what was due")
