"""The synchronous client. It drives the same flows as the asynchronous one.

To import them costs little more than to import httpx: what a client is made of is loaded when one
is made, and what only some callers need (batches, evaluations, prices, ...) when it is first used.
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
    from .._time import Clock
    from .._transport.driver import Listener
    from .._typed_inputs.base import ModelInput
    from .api import Api
    from .assets import Assets
    from .callbacks import Callbacks
    from .handle import RunHandle
    from .resources import Account, Batches, Evaluations, Models, Runs
    from .run import Run


class Runflow:
    """The synchronous client: run a model, wait, get the picture.

        with Runflow() as client:
            prompt = "A cathedral made of stained glass"
            run = client.run("google/nano-banana-pro", {"prompt": prompt})
            run.outputs[0].save("cathedral.png")

    The key is `api_key` or RUNFLOW_API_KEY, the server `base_url` or RUNFLOW_BASE_URL or
    production. `timeout` is seconds for a phase of one request, not for a run. `http_client` is
    your own httpx.Client, which then stays yours to close. Raises InvalidArgument for a missing key
    or a base URL that cannot be right. Make one client and share it: threads may, and a forked
    child gets connections of its own (with your own httpx.Client, give it a client of its own).
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
        from .._flows.create_run import Submissions
        from .._flows.poll import PollSchedule
        from .._flows.runs import RunFlows
        from .._flows.upload import AssetFlows
        from .._transport.factory import ClientConfig, make_driver

        settings = ClientConfig.read(
            api_key, base_url, organization_id, timeout, retries, insecure_hosts
        )
        self._driver = make_driver(settings, http_client, clock)
        self._submissions = Submissions()
        self._asset_flows = AssetFlows(self._driver.context)
        self._flows = RunFlows(
            self._driver.context, schedule or PollSchedule(), self._show, self._asset_flows
        )

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

        `model` is an id such as `google/nano-banana-pro` and `input` what its page lists, or
        `model` is a typed input such as `inputs.GoogleNanoBananaPro(prompt=...)`, checked before
        anything is sent. `timeout` the seconds of the wait (None: for ever), `on_update` is called
        with the Run at every change. See CreateOptions for the rest. Raises ApiError when the
        server refuses (InsufficientCredit, ValidationFailed, NotFound, ...), RunFailed and
        RunCanceled unless `raise_on_failure` is False, WaitTimeout when time is up, OutcomeUnknown
        when the create's answer was lost for good. The create is paid at most once, whatever the
        network does; see `creation.py` for how.
        """
        flow = self._flows.run(
            self._create(model, input, options), timeout=timeout, raise_on_failure=raise_on_failure
        )
        return self._driver.drive(flow, on_update)

    def submit(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        **options: Unpack[CreateOptions],
    ) -> RunHandle:
        """Create a run and give back a handle at once; `handle.wait()` waits. Raises as `run` does
        for the create.
        """
        from .handle import RunHandle

        run = self._driver.drive(self._flows.create(self._create(model, input, options)))
        return RunHandle(self._flows, self._driver, UUID(run.id), run)

    def estimate(
        self,
        model: str | ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
    ) -> Estimate:
        """What a run of this input will cost: `amount`, a Decimal of US dollars, and in words how
        it comes about.

        The price is that of the catalog in this package, which is as old as the package: nothing is
        asked of the server, and `cost` of the ended run has the last word. `amount` is None where
        catalog and input do not decide it (a model without a price, a model that is newer, a video
        without its duration); `reason` says why, and `at_least` may be known even so. `run(...,
        max_cost=)` goes by the same sum. Raises InvalidArgument only for a typed input and a dict
        together.
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

        # creates of one client_ref need not adopt each other's runs
        _, claims = self._submissions.next()
        return create_of(model, input, options, claims)

    @cached_property
    def runs(self) -> Runs:
        """Runs that exist already: attach, get, list, logs."""
        from .resources import Runs

        return Runs(self._flows, self._driver)

    @cached_property
    def batches(self) -> Batches:
        """Batches: many runs of one model under one id."""
        from .._flows.batches import BatchFlows
        from .resources import Batches

        return Batches(
            BatchFlows(self._driver.context, self._flows.schedule, self._asset_flows), self._driver
        )

    @cached_property
    def evaluations(self) -> Evaluations:
        """Evaluations of pictures."""
        from .._flows.evaluations import EvaluationFlows
        from .resources import Evaluations

        return Evaluations(
            EvaluationFlows(self._driver.context, self._flows.schedule), self._driver
        )

    @cached_property
    def models(self) -> Models:
        """The catalog."""
        from .resources import Models

        return Models(self._driver.context, self._driver)

    @cached_property
    def account(self) -> Account:
        """What the key's organization has: its balance."""
        from .resources import Account

        return Account(self._driver.context, self._driver)

    @cached_property
    def assets(self) -> Assets:
        """Files that runs can take as input."""
        from .assets import Assets

        return Assets(self._asset_flows, self._driver)

    @cached_property
    def callbacks(self) -> Callbacks:
        """Secrets and deliveries of callbacks, and the search for those that never came."""
        from .callbacks import Callbacks

        return Callbacks(self._driver.context, self._driver)

    @cached_property
    def api(self) -> Api:
        """The generated client with this client's key, retries and errors: every operation of the
        document.
        """
        from .api import Api

        return Api(self.base_url, token="", context=self._driver.context, driver=self._driver)

    def close(self) -> None:
        """Close the connections, unless the HTTP client is your own."""
        self._driver.close()

    def _show(self, model: RunModel) -> Run:
        from .run import Run

        return Run.of(model, self._driver)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

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
        return f"Runflow(base_url={self.base_url!r})"
