"""The asynchronous client. It drives the same flows as the synchronous one, and loads as little:
see client.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NoReturn, Self, Unpack
from uuid import UUID

from runflow_api.http_library import httpx

from .._time import DEFAULT_TIMEOUT, DEFAULT_WAIT

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from types import TracebackType

    from runflow_api.models.run import Run as RunModel

    from .._estimate import Estimate
    from .._flows.create_run import Create, CreateOptions
    from .._flows.poll import PollSchedule
    from .._flows.retry import RetryPolicy
    from .._time import AsyncClock
    from .._transport.driver import AsyncListener
    from .._typed_inputs.base import ModelInput
    from ..callbacks._wakeup import Wakeup
    from .api import AsyncApi
    from .assets import AsyncAssets
    from .callbacks import AsyncCallbacks
    from .handle import AsyncRunHandle
    from .resources import AsyncAccount, AsyncBatches, AsyncEvaluations, AsyncModels, AsyncRuns
    from .run import AsyncRun


class AsyncRunflow:
    """The asynchronous client; takes and gives what Runflow does, awaited. It belongs to the event
    loop that uses it first.

    async with AsyncRunflow() as client:
        prompt = "A cathedral made of stained glass"
        run = await client.run("google/nano-banana-pro", {"prompt": prompt})
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
        from .._flows.create_run import Submissions
        from .._flows.poll import PollSchedule
        from .._flows.runs import RunFlows
        from .._flows.upload import AssetFlows
        from .._transport.factory import ClientConfig, make_async_driver

        settings = ClientConfig.read(
            api_key, base_url, organization_id, timeout, retries, insecure_hosts
        )
        self._driver = make_async_driver(settings, http_client, clock)
        self._submissions = Submissions()
        self._asset_flows = AssetFlows(self._driver.context)
        self._flows = RunFlows(
            self._driver.context, schedule or PollSchedule(), self._show, self._asset_flows
        )

    async def run(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        *,
        timeout: float | None = DEFAULT_WAIT,  # the deadline of the run, not of the task
        raise_on_failure: bool = True,
        on_update: AsyncListener | None = None,
        callback: Wakeup | None = None,
        **options: Unpack[CreateOptions],
    ) -> AsyncRun:
        """Create a run, wait until it has ended, give it back; as Runflow.run. `on_update` may be a
        coroutine function.

        With `callback`, a Wakeup whose receiver runs in this process, the run's callback ends the
        wait at once and only a slow poll goes on underneath, in case it never comes. What a
        callback does not tell, such as the cost, is None then: `client.runs.get(run.id)` tells it.
        """
        flows = self._flows
        if callback is not None:
            options["callback_url"] = callback.url
            flows = flows.woken_by(callback)
        flow = flows.run(
            self._create(model, input, options), timeout=timeout, raise_on_failure=raise_on_failure
        )
        return await self._driver.drive(flow, on_update)

    async def submit(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        **options: Unpack[CreateOptions],
    ) -> AsyncRunHandle:
        """Create a run and give back a handle at once; as Runflow.submit."""
        from .handle import AsyncRunHandle

        run = await self._driver.drive(self._flows.create(self._create(model, input, options)))
        return AsyncRunHandle(self._flows, self._driver, UUID(run.id), run)

    def estimate(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
    ) -> Estimate:
        """What a run of this input will cost; as Runflow.estimate. Not awaited: nothing is asked of
        the server.
        """
        from .._estimate import estimate

        return estimate(model, input)

    def _create(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None,  # noqa: A002 # the API's own word
        options: CreateOptions,
    ) -> Create:
        from .._flows.create_run import create_of

        # Runs that are submitted together share a client_ref, so that they can be asked for
        # together.
        client_ref, claims = self._submissions.next()
        return create_of(model, input, {"client_ref": client_ref, **options}, claims)

    @cached_property
    def runs(self) -> AsyncRuns:
        """Runs that exist already: attach, get, list, logs."""
        from .resources import AsyncRuns

        return AsyncRuns(self._flows, self._driver)

    @cached_property
    def batches(self) -> AsyncBatches:
        """Batches: many runs of one model under one id."""
        from .._flows.batches import BatchFlows
        from .resources import AsyncBatches

        return AsyncBatches(
            BatchFlows(self._driver.context, self._flows.schedule, self._asset_flows), self._driver
        )

    @cached_property
    def evaluations(self) -> AsyncEvaluations:
        """Evaluations of pictures."""
        from .._flows.evaluations import EvaluationFlows
        from .resources import AsyncEvaluations

        return AsyncEvaluations(
            EvaluationFlows(self._driver.context, self._flows.schedule), self._driver
        )

    @cached_property
    def models(self) -> AsyncModels:
        """The catalog."""
        from .resources import AsyncModels

        return AsyncModels(self._driver.context, self._driver)

    @cached_property
    def account(self) -> AsyncAccount:
        """What the key's organization has: its balance."""
        from .resources import AsyncAccount

        return AsyncAccount(self._driver.context, self._driver)

    @cached_property
    def assets(self) -> AsyncAssets:
        """Files that runs can take as input."""
        from .assets import AsyncAssets

        return AsyncAssets(self._asset_flows, self._driver)

    @cached_property
    def callbacks(self) -> AsyncCallbacks:
        """Secrets and deliveries of callbacks, and the search for those that never came."""
        from .callbacks import AsyncCallbacks

        return AsyncCallbacks(self._driver.context, self._driver)

    @cached_property
    def api(self) -> AsyncApi:
        """The generated client with this client's key, retries and errors: every operation of the
        document.
        """
        from .api import AsyncApi

        return AsyncApi(self.base_url, token="", context=self._driver.context, driver=self._driver)

    async def close(self) -> None:
        """Close the connections, unless the HTTP client is your own."""
        await self._driver.close()

    def _show(self, model: RunModel) -> AsyncRun:
        from .run import AsyncRun

        return AsyncRun.of(model, self._driver)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    @property
    def base_url(self) -> str:
        """Where requests go, without a trailing slash."""
        return self._driver.origin.base_url

    def __copy__(self) -> Self:
        """Give the client itself: it is shared, not copied."""
        return self

    def __deepcopy__(self, memo: object) -> Self:
        """Give the client itself: it is shared, not copied."""
        return self

    def __reduce__(self) -> NoReturn:
        """Always raises RunflowError: connections and the key do not travel."""
        from .._errors import RunflowError

        raise RunflowError(
            "a client cannot be pickled: make one in each process, and give the ids of runs to "
            "its client.runs.attach()"
        )

    def __repr__(self) -> str:
        return f"AsyncRunflow(base_url={self.base_url!r})"
