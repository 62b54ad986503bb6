"""The two clients: Runflow and AsyncRunflow. Both drive the same flows."""

import os
import weakref
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict, TypeVar, Unpack
from uuid import UUID

from attrs import evolve, frozen
from runflow_api.http_library import httpx
from runflow_api.models.run import Run as RunModel

from .api import Api, AsyncApi
from .assets import Assets, AsyncAssets
from .async_resources import AsyncAccount, AsyncBatches, AsyncEvaluations, AsyncModels, AsyncRuns
from .batches import BatchFlows
from .callbacks.resources import AsyncCallbacks, Callbacks
from .claims import Claims, Submissions
from .clocks import AsyncClock, AsyncSystemClock, Clock, SystemClock
from .company import Company
from .creation import Create, OnUnknownOutcome
from .deadlines import check_seconds
from .drivers import AsyncDriver, AsyncListener, Driver, Listener, Origin
from .errors import InvalidArgument
from .estimates import check_cost
from .evaluations import EvaluationFlows
from .handles import DEFAULT_WAIT, AsyncRunHandle, RunHandle
from .headers import AUTHORIZATION, ORGANIZATION
from .identifiers import read_id
from .logs import protect_library_logs
from .model_inputs import ModelInput
from .resources import Account, Batches, Evaluations, Models, Runs
from .retries import RetryPolicy
from .run_flows import RunFlows
from .runs import AsyncRun, Run
from .settings import find_api_key, find_base_url, user_agent
from .uploads import AssetFlows
from .waiting import PollSchedule

if TYPE_CHECKING:
    from .callbacks.waking import Wakeup

DEFAULT_TIMEOUT: Final = 60.0
"""Seconds that one phase of a request may take (connecting: 10)."""


HttpClient = TypeVar("HttpClient", httpx.Client, httpx.AsyncClient)


UNDER_CALLBACKS: Final = PollSchedule(first=20.0, growth=1.5, longest=60.0)
"""The slow poll underneath a callback."""


class CreateOptions(TypedDict, total=False):
    """What can be said about a run besides its model and input."""

    callback_url: str
    """Where Runflow posts the run when it has ended; at most 2048 characters (INFERRED from batches)."""
    metadata: Mapping[str, Any]
    """Comes back with the run and its callback."""
    client_ref: str
    """A word of yours to find the run by, at most 255 characters, not necessarily unique. Made up if not given."""
    idempotency_key: str
    """Stays the same when you send the same create again. Made up if not given."""
    max_cost: Decimal | float | str
    """Refuse beforehand what the catalog's price does not keep within so many US dollars, or does not tell (MaxCostExceeded)."""
    on_unknown_outcome: OnUnknownOutcome
    """After a lost answer and a vain search: "resend" with the same key (the default), or "raise" OutcomeUnknown."""


def _create(
    model: str | ModelInput,
    input: Mapping[str, Any] | None,  # noqa: A002 # the API's own word
    options: CreateOptions,
    claims: Claims | None = None,
) -> Create:
    """The create that these arguments of `run` and `submit` mean; what cannot be right is refused here."""
    max_cost = options.pop("max_cost", None)
    if max_cost is not None:
        check_cost(model, max_cost, input)
    if not isinstance(model, str):
        if input is not None:
            raise InvalidArgument(
                f"{type(model).__name__} is an input already: give it alone, or a model id with a dict"
            )
        if not model.ENDPOINT.endswith(f"/models/{model.MODEL_ID}/runs"):
            raise InvalidArgument(f"{model.MODEL_ID} does not take single runs: its endpoint is {model.ENDPOINT}")
        input, model = model.to_input(), model.MODEL_ID  # noqa: A001
    elif input is None:
        raise InvalidArgument(f"{model} needs an input: a dict with what its page lists")
    unique = "client_ref" not in options
    return Create(model=model, input=input, own_client_ref=unique, claims=claims or Claims(), **options)  # type: ignore[misc] # max_cost is out


@frozen
class _Settings:
    """What both clients are made of."""

    origin: Origin
    timeout: httpx.Timeout
    retries: RetryPolicy

    def connect(self, kind: type[HttpClient]) -> HttpClient:
        """An HTTP client of our own: HTTP/2 where the extra `http2` is installed, no redirects."""
        return kind(timeout=self.timeout, http2=find_spec("h2") is not None)

    @classmethod
    def read(
        cls,
        api_key: str | None,
        base_url: str | None,
        organization_id: str | UUID | None,
        timeout: float,
        retries: RetryPolicy | None,
        insecure_hosts: Collection[str],
    ) -> "_Settings":
        check_seconds("timeout", timeout)
        headers = {AUTHORIZATION: f"Bearer {find_api_key(api_key)}", "User-Agent": user_agent()}
        if organization_id is not None:
            headers[ORGANIZATION] = str(read_id("organization id", organization_id))
        return cls(
            Origin(find_base_url(base_url, insecure_hosts), headers),
            httpx.Timeout(timeout, connect=min(timeout, 10.0)),
            retries or RetryPolicy(),
        )


class Runflow:
    """The synchronous client: run a model, wait, get the picture.

        with Runflow() as client:
            run = client.run("google/nano-banana-pro", {"prompt": "A cathedral made of stained glass"})
            run.outputs[0].save("cathedral.png")

    The key is `api_key` or RUNFLOW_API_KEY, the server `base_url` or RUNFLOW_BASE_URL or production. `timeout` is seconds for a
    phase of one request, not for a run. `http_client` is your own httpx.Client, which then stays yours to close. Raises
    InvalidArgument for a missing key or a base URL that cannot be right. Make one client and share it: threads may, and a
    forked child gets connections of its own (with your own httpx.Client, give it a client of its own).
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        organization_id: str | UUID | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retries: RetryPolicy | None = None,
        schedule: PollSchedule | None = None,
        http_client: httpx.Client | None = None,
        clock: Clock | None = None,
        insecure_hosts: Collection[str] = (),
    ) -> None:
        protect_library_logs()
        settings = _Settings.read(api_key, base_url, organization_id, timeout, retries, insecure_hosts)
        clock = clock or SystemClock()
        self._own_http = http_client is None
        if self._own_http and hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=_renewal(weakref.ref(self), settings))
        self._driver = Driver(http_client or settings.connect(httpx.Client), clock, settings.origin, settings.retries)
        context = self._driver.context
        assets = AssetFlows(context)
        self._flows = RunFlows(context, schedule or PollSchedule(), self._show, assets)
        self.runs = Runs(self._flows, self._driver)
        self.batches = Batches(BatchFlows(context, self._flows.schedule), self._driver)
        self.evaluations = Evaluations(EvaluationFlows(context, self._flows.schedule), self._driver)
        self.models = Models(context, self._driver)
        self.account = Account(context, self._driver)
        self.assets = Assets(assets, self._driver)
        self.callbacks = Callbacks(context, self._driver)
        self.api = Api(settings.origin.base_url, token="", context=context, driver=self._driver)

    def run(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        *,
        timeout: float | None = DEFAULT_WAIT,
        raise_on_failure: bool = True,
        on_update: Listener | None = None,
        **options: Unpack[CreateOptions],
    ) -> Run:
        """Create a run, wait until it has ended, give it back.

        `model` is an id such as `google/nano-banana-pro` and `input` what its page lists, or `model` is a typed input such as
        `inputs.GoogleNanoBananaPro(prompt=...)`, checked before anything is sent. `timeout` the seconds of the wait (None:
        for ever), `on_update` is called with the Run at every change. See CreateOptions for the rest. Raises ApiError when the
        server refuses (InsufficientCredit, ValidationFailed, NotFound, ...), RunFailed and RunCanceled unless
        `raise_on_failure` is False, WaitTimeout when time is up, OutcomeUnknown when the create's answer was lost for good.
        The create is paid at most once, whatever the network does; see `creation.py` for how.
        """
        flow = self._flows.run(_create(model, input, options), timeout=timeout, raise_on_failure=raise_on_failure)
        return self._driver.drive(flow, on_update)

    def submit(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        **options: Unpack[CreateOptions],
    ) -> RunHandle:
        """Create a run and give back a handle at once; `handle.wait()` waits. Raises as `run` does for the create."""
        run = self._driver.drive(self._flows.create(_create(model, input, options)))
        return RunHandle(self._flows, self._driver, UUID(run.id), run)

    def close(self) -> None:
        """Close the connections, unless the HTTP client is your own."""
        if self._own_http:
            self._driver.http.close()

    def _show(self, model: RunModel) -> Run:
        return Run.of(model, self._driver)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def base_url(self) -> str:
        """Where requests go, without a trailing slash."""
        return self._driver.origin.base_url

    def __repr__(self) -> str:
        return f"Runflow(base_url={self.base_url!r})"


def _renewal(client: "weakref.ref[Runflow]", settings: _Settings) -> Callable[[], None]:
    """Gives a forked child connections of its own: two processes on one connection would read each other's answers."""

    def renew() -> None:
        living = client()
        if living is not None:
            living._driver.http = settings.connect(httpx.Client)  # pyright: ignore[reportPrivateUsage] # our own class

    return renew


class AsyncRunflow:
    """The asynchronous client; takes and gives what Runflow does, awaited. It belongs to the event loop that uses it first.

    async with AsyncRunflow() as client:
        run = await client.run("google/nano-banana-pro", {"prompt": "A cathedral made of stained glass"})
        await run.outputs[0].save("cathedral.png")
    """

    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        organization_id: str | UUID | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retries: RetryPolicy | None = None,
        schedule: PollSchedule | None = None,
        http_client: httpx.AsyncClient | None = None,
        clock: AsyncClock | None = None,
        insecure_hosts: Collection[str] = (),
    ) -> None:
        protect_library_logs()
        settings = _Settings.read(api_key, base_url, organization_id, timeout, retries, insecure_hosts)
        clock = clock or AsyncSystemClock()
        self._own_http = http_client is None
        self._driver = AsyncDriver(
            http_client or settings.connect(httpx.AsyncClient), clock, settings.origin, settings.retries
        )
        context = self._driver.context
        self._driver.companion = Company(context, self._driver.drive, clock.sleep)
        self._submissions = Submissions()
        assets = AssetFlows(context)
        self._flows = RunFlows(context, schedule or PollSchedule(), self._show, assets)
        self.runs = AsyncRuns(self._flows, self._driver)
        self.batches = AsyncBatches(BatchFlows(context, self._flows.schedule), self._driver)
        self.evaluations = AsyncEvaluations(EvaluationFlows(context, self._flows.schedule), self._driver)
        self.models = AsyncModels(context, self._driver)
        self.account = AsyncAccount(context, self._driver)
        self.assets = AsyncAssets(assets, self._driver)
        self.callbacks = AsyncCallbacks(context, self._driver)
        self.api = AsyncApi(settings.origin.base_url, token="", context=context, driver=self._driver)

    async def run(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        *,
        timeout: float | None = DEFAULT_WAIT,  # the deadline of the run, not of the task
        raise_on_failure: bool = True,
        on_update: AsyncListener | None = None,
        callback: "Wakeup | None" = None,
        **options: Unpack[CreateOptions],
    ) -> AsyncRun:
        """Create a run, wait until it has ended, give it back; as Runflow.run. `on_update` may be a coroutine function.

        With `callback`, a Wakeup whose receiver runs in this process, the run's callback ends the wait at once and only a slow
        poll goes on underneath, in case it never comes. What a callback does not tell, such as the cost, is None then:
        `client.runs.get(run.id)` tells it.
        """
        flows = self._flows
        if callback is not None:
            options["callback_url"] = callback.url
            flows = evolve(flows, wakeup=callback, schedule=UNDER_CALLBACKS)
        flow = flows.run(self._create(model, input, options), timeout=timeout, raise_on_failure=raise_on_failure)
        return await self._driver.drive(flow, on_update)

    async def submit(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        **options: Unpack[CreateOptions],
    ) -> AsyncRunHandle:
        """Create a run and give back a handle at once; as Runflow.submit."""
        run = await self._driver.drive(self._flows.create(self._create(model, input, options)))
        return AsyncRunHandle(self._flows, self._driver, UUID(run.id), run)

    def _create(self, model: str | ModelInput, input: Mapping[str, Any] | None, options: CreateOptions) -> Create:  # noqa: A002
        # Runs that are submitted together share a client_ref, so that they can be asked for together.
        client_ref, claims = self._submissions.next()
        return _create(model, input, {"client_ref": client_ref, **options}, claims)

    async def close(self) -> None:
        """Close the connections, unless the HTTP client is your own."""
        if self._own_http:
            await self._driver.http.aclose()

    def _show(self, model: RunModel) -> AsyncRun:
        return AsyncRun.of(model, self._driver)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def base_url(self) -> str:
        """Where requests go, without a trailing slash."""
        return self._driver.origin.base_url

    def __repr__(self) -> str:
        return f"AsyncRunflow(base_url={self.base_url!r})"
