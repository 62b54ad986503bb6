"""`MockRunflow`: a mock server in this process, in its own thread, with fresh state."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable
from copy import deepcopy
from decimal import Decimal
from types import TracebackType
from typing import Any, Self, TypeVar

from runflow_client import AsyncRunflow, Runflow

from ..contract.json_types import JsonObject, public
from ..contract.requests import RecordedRequest
from ..faults.plan import HTML, STATUS, Fault, Faults
from ..simulation.catalog import Catalog
from ..simulation.outcomes import CANCELED, Outcome
from ..state.clock import Clock, RealClock, SteppedClock
from ..state.keys import DEFAULT_KEY, DEFAULT_ORGANIZATION, Keys
from ..state.ledger import LedgerEntry
from ..state.money import read_balance
from ..state.settings import Settings
from ..state.timings import Timings
from .service import Service, listen

HOST = "127.0.0.1"
STOP_TIMEOUT = 30.0
Result = TypeVar("Result")


def _check_kind(name: str, value: object, kind: type, such_as: str) -> None:
    """Raise TypeError for a value of another kind, which would fail somewhere else and later."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} is {value!r}: expected one such as {such_as}")


def _copies(rows: Iterable[JsonObject]) -> list[JsonObject]:
    """Return the rows as the API returns them, which the caller may change."""
    return [deepcopy(public(row)) for row in rows]


class MockRunflow:
    """A mock Runflow on 127.0.0.1, for the length of a `with` block.

    `clock` decides how time passes for runs: `RealClock()` by default, `AcceleratedClock(factor)`,
    or `SteppedClock()`, which stands still until `advance(seconds)`. Everything else that can be
    chosen is in `Settings`. Methods may be called from any thread but the server's own.
    """

    def __init__(
        self, clock: Clock | None = None, *, port: int = 0, settings: Settings | None = None
    ) -> None:
        self.clock: Clock = clock if clock is not None else RealClock()
        self.settings = settings if settings is not None else Settings()
        _check_kind("clock", self.clock, Clock, "SteppedClock()")
        _check_kind("settings", self.settings, Settings, "Settings(strict=True)")
        self._port = port
        self._service: Service | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._unused: list[str] = []

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Start the server and return it once it listens. Raise OSError if the port is taken."""
        if self._loop is not None:
            raise RuntimeError("this mock server is running already")
        listener = listen(HOST, self._port)
        loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=loop.run_forever, name="runflow-mock", daemon=True)
        self._thread.start()
        self._loop = loop

        async def begin() -> Service:
            service = Service(listener, self.clock, self.settings)
            await service.start()
            return service

        try:
            self._service = self._run(begin())
        except BaseException:
            listener.close()
            self._stop_loop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server: connections break, and what is not in a state file is lost.

        Does nothing if it does not run.
        """
        if self._service is not None:
            self._unused = self.unused
            self._run(self._service.stop())
            self._service = None
        self._stop_loop()

    @property
    def base_url(self) -> str:
        """Where the server listens, such as `http://127.0.0.1:40123`.

        The URLs in its answers begin with `Settings.public_url` instead if that is set.
        """
        return self._running.base_url

    @property
    def ca_certificate(self) -> bytes:
        """The certificate, as PEM, of the authority that clients must trust.

        Raise RuntimeError if the server does not speak https (`Settings(tls=True)`).
        """
        certificate = self._running.certificate
        if certificate is None:
            raise RuntimeError("the mock server speaks http: start it with Settings(tls=True)")
        return certificate.authority

    @property
    def api_key(self) -> str:
        """A key that the server accepts."""
        return DEFAULT_KEY

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables with which a client, in any process, talks to this server.

        They are `RUNFLOW_BASE_URL` and `RUNFLOW_API_KEY`. If the server's clock jumps when it is
        idle, as that of the fixture `runflow_mock`, clients need not wait either, and
        `RUNFLOW_SKIP_WAITS_AT` says so: the Python client then skips its pauses at this base URL.
        A client of a server with https must trust `ca_certificate`, too.
        """
        variables = {"RUNFLOW_BASE_URL": self.base_url, "RUNFLOW_API_KEY": self.api_key}
        if self._jumps:
            variables["RUNFLOW_SKIP_WAITS_AT"] = self.base_url
        return variables

    def client(self, **options: Any) -> Runflow:
        """Make a client of this server with the server's key; close it when it is done with.

        It skips its pauses if the server's clock jumps when it is idle. `options` are those of
        `runflow_client.Runflow`; with https, `http_client` must trust `ca_certificate`.
        """
        from .clients import make_client

        return make_client(self.base_url, self.api_key, self._jumps, options)

    def async_client(self, **options: Any) -> AsyncRunflow:
        """Make a client that is awaited: otherwise as `client`."""
        from .clients import make_async_client

        return make_async_client(self.base_url, self.api_key, self._jumps, options)

    @property
    def _jumps(self) -> bool:
        return isinstance(self.clock, SteppedClock) and self.clock.idle is not None

    @property
    def keys(self) -> Keys:
        """The accepted keys: `keys.add(key, scopes=..., balance=...)`."""
        return self._running.simulation.state.keys

    @property
    def models(self) -> Catalog:
        """The catalog: `models.add("acme/own-model", price="0.10")`."""
        return self._running.simulation.catalog

    @property
    def requests(self) -> list[RecordedRequest]:
        """The requests that came in, oldest first, with the API keys redacted."""
        return self._call(lambda service: list(service.app.requests))

    @property
    def ledger(self) -> list[LedgerEntry]:
        """What was billed, oldest first; each run at most once."""
        return self._call(lambda service: list(service.simulation.state.ledger.entries))

    @property
    def runs(self) -> list[JsonObject]:
        """The runs as the API returns them, oldest first."""
        return self._call(lambda service: _copies(service.simulation.state.runs))

    @property
    def deliveries(self) -> list[JsonObject]:
        """The deliveries of callbacks with their attempts, oldest first."""
        return self._call(lambda service: _copies(service.simulation.state.deliveries))

    @property
    def balance(self) -> Decimal:
        """The balance of the default organization in US dollars; it can be set."""
        return self._call(
            lambda service: service.simulation.state.ledger.account(DEFAULT_ORGANIZATION).balance
        )

    @balance.setter
    def balance(self, amount: Decimal | str) -> None:
        dollars = read_balance(amount)

        def set_balance(service: Service) -> None:
            service.simulation.state.ledger.account(DEFAULT_ORGANIZATION).balance = dollars

        self._call(set_balance)

    def advance(self, seconds: float) -> None:
        """Advance the stepped clock by that many seconds.

        Runs progress; callbacks that fall due are sent in the background (see `settle`). Raise
        TypeError if the clock is not a stepped one.
        """
        self._call(lambda service: service.simulation.advance(seconds))

    def settle(self) -> None:
        """Wait until every callback and retry that is due has been attempted.

        On a clock that jumps when it is idle, as that of the fixture `runflow_mock`, everything
        scheduled is due: all runs have ended and all callbacks were delivered or given up.
        """
        self._run(self._running.simulation.settle())

    def next_outcome(
        self,
        status: str,
        *,
        model: str | None = None,
        count: int = 1,
        failure_code: str | None = None,
        failure_message: str | None = None,
        failure_stage_code: str | None = None,
    ) -> None:
        """Let the next `count` runs (of that model, of any when None) end with this status.

        It is `succeeded`, `partial_succeeded`, `failed`, `canceled`, `cancelled` (the older
        spelling), or `never`: the run stays running. Raise ValueError for any
        other, and for a model that the catalog does not have.
        """
        outcome = Outcome(status, failure_code, failure_message, failure_stage_code)
        self._call(lambda service: service.simulation.outcomes.plan(outcome, model, count))

    def cancel(self, run_id: str, status: str = CANCELED) -> bool:
        """Cancel a run, as an administrator can; return False if it was terminal already.

        Raise KeyError for an unknown run, ValueError for a status that is not a cancellation's.
        """

        def cancel(service: Service) -> bool:
            row = service.simulation.state.runs.get(run_id)
            if row is None:
                raise KeyError(run_id)
            return service.simulation.runs.cancel(row, service.simulation.state.now(), status)

        return self._call(cancel)

    def set_timings(self, timings: Timings, model: str | None = None) -> None:
        """Set how long new runs take (of that model, of all others when None).

        Raise TypeError for what is no Timings, ValueError for a model that is not in the catalog.
        """
        _check_kind("timings", timings, Timings, "Timings(running=2.0)")
        self._call(lambda service: service.simulation.runs.set_timings(timings, model))

    def fail_next(
        self,
        operation: str,
        path: str | None = None,
        *,
        status: int | None = None,
        fault: str | None = None,
        count: int | None = 1,
        **details: Any,  # the fields of Fault, which checks them
    ) -> Fault:
        """Plan a fault for the next `count` requests to an operation (None: all), and return it.

        The operation is its name (`get_run`), its method and path template (`"GET",
        "/v1/runs/{id}"`), `*` for any, or `storage` for uploads and downloads of files. Give the
        `status` to answer, or the kind of `fault` and its fields, which `Fault` lists. Raise
        ValueError for an unknown operation or kind.
        """
        details["operation"] = operation if path is None else f"{operation} {path}"
        details["kind"] = fault if fault is not None else STATUS
        if status is not None:
            if details["kind"] not in (STATUS, HTML):
                raise ValueError(f"the fault {fault!r} does not take a status: plan one of the two")
            details["status"] = status
        return self.faults.add(Fault(count=count, **details))

    @property
    def faults(self) -> Faults:
        """The planned faults.

        `faults.add(Fault(kind="null", operation="get_run", field="output"))` plans one;
        `faults.clear()` removes all.
        """
        return self._running.simulation.faults

    @property
    def unused(self) -> list[str]:
        """The planned faults and outcomes that never applied, described.

        Faults with a `probability` below 1 are not among them. The fixture `runflow_mock` fails a
        test that leaves any. After `stop` they are those that were left then.
        """
        if self._service is None:
            return list(self._unused)
        return self._call(lambda service: service.simulation.unused())

    @property
    def differences(self) -> tuple[str, ...]:
        """Where the server and its document differ, and whether the server follows, a line each.

        Empty for the document that the server was written for.
        """
        return self._running.differences

    @property
    def _running(self) -> Service:
        if self._service is None:
            raise RuntimeError(
                "the mock server does not run: use it in a with block, or call start()"
            )
        return self._service

    def _call(self, act: Callable[[Service], Result]) -> Result:
        """Return what `act` returns in the server's thread, where all state is used."""
        service = self._running

        async def in_loop() -> Result:
            return act(service)

        return self._run(in_loop())

    def _run(self, work: Coroutine[Any, Any, Result]) -> Result:
        if self._loop is None:
            work.close()
            raise RuntimeError("the mock server does not run")
        if threading.current_thread() is self._thread:
            work.close()
            raise RuntimeError("the mock server's own thread cannot wait for itself")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop_loop(self) -> None:
        if self._loop is None or self._thread is None:
            return
        self._run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_TIMEOUT)
        self._loop.close()
        self._loop = self._thread = None
