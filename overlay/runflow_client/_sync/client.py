# Generated from _async/client.py by `make generate`. Edit that file.
"""The synchronous client.

To import it loads neither httpx nor attrs: what a client needs is loaded when it is first used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import cached_property
from types import TracebackType
from typing import Any, NoReturn, Self
from uuid import UUID

from .._flows.other_words import in_own_words, with_parts
from .._time import DEFAULT_TIMEOUT, DEFAULT_WAIT, Deadline
from . import lazy


@with_parts
class Runflow:
    """Run a model, wait, get the picture.

        with Runflow() as client:
            prompt = "A cathedral made of stained glass"
            run = client.run("google/nano-banana-pro", {"prompt": prompt})
            run.outputs[0].save("cathedral.png")

    Make one client and share it. Any number of threads may share a client that is not awaited, and
    a forked child gets connections of its own. One that is awaited belongs to the event loop that
    uses it first.
    """

    @in_own_words
    def __init__(
        self,
        api_key: str | None = None,
        *,
        base_url: str | None = None,
        organization_id: str | UUID | None = None,
        timeout: float = DEFAULT_TIMEOUT,
        retries: lazy.RetryPolicy | None = None,
        schedule: lazy.PollSchedule | None = None,
        http_client: lazy.HttpClient | None = None,
        clock: lazy.Clock | None = None,
        insecure_hosts: Collection[str] = (),
    ) -> None:
        """Make a client. Nothing is sent yet.

        Args:
            api_key: the API key. Default: the environment variable RUNFLOW_API_KEY, else the key
                that `runflow login` stored in `~/.config/runflow/credentials.json`.
            base_url: the API's address. Default: RUNFLOW_BASE_URL, else https://api.runflow.io.
            organization_id: act for this organization. Default: the one of the key.
            timeout: seconds for one phase of one request (connecting has 10), not for a run.
            retries: how often and when failed requests are sent again.
            schedule: how often a run is read while it is waited for.
            http_client: your own HTTP client, whose timeouts count then. It stays yours to close.
            clock: another source of time, for tests.
            insecure_hosts: hosts that may be contacted over plain http.

        Raises:
            InvalidArgument: the key is missing, or an argument cannot be right.
        """
        from .._flows.retry import check_retries
        from .._flows.upload_cache import UploadCache
        from .._transport.factory import ClientConfig, make_driver
        from .._validation import check_arguments, check_instance

        check_arguments(
            api_key=api_key,
            base_url=base_url,
            clock=clock,
            insecure_hosts=insecure_hosts,
        )
        check_retries(retries)
        if schedule is not None:
            from .._flows.poll import PollSchedule

            check_instance("schedule", schedule, PollSchedule)
        config = ClientConfig.read(
            api_key, base_url, organization_id, timeout, retries, insecure_hosts
        )
        self._driver = make_driver(config, http_client, clock)
        self._schedule = schedule
        self._uploads = UploadCache()

    @in_own_words
    def run(
        self,
        model: str | lazy.ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        *,
        timeout: float | None = DEFAULT_WAIT,
        raise_on_failure: bool = True,
        on_update: lazy.Listener | None = None,
        callback_url: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        client_ref: str | None = None,
        idempotency_key: str | None = None,
        max_cost: Decimal | float | str | None = None,
        on_unknown_outcome: lazy.OnUnknownOutcome = "resend",
        inline_below: int = 0,
        upload_progress: lazy.Progress | None = None,
        strict: bool = True,
    ) -> lazy.Run:
        """Create a run, wait until it has ended, and return it.

        The create is paid at most once, whatever the network does.

        Args:
            model: an id such as `google/nano-banana-pro`, a ComfyUI workflow such as
                `comfyui-workflows/owner/name`, or a typed input such as
                `inputs.GoogleNanoBananaPro(prompt=...)`.
            input: what the model's page lists. Left out with a typed input.
            timeout: seconds for the whole call: upload, create and wait. None for no limit.
                Default: 600.
            raise_on_failure: False returns a run that failed or was canceled instead of raising.
            on_update: called with the run at every change of status or progress. A client that is
                awaited takes a coroutine function, too.
            callback: a Wakeup whose receiver runs in this process (where the client is awaited).
                The run's callback ends the wait at once; a slow poll continues in case it never
                comes. What a callback does not carry, such as the cost, is None then:
                `client.runs.get(run.id)` reads it.
            callback_url: where Runflow posts the run when it has ended, at most 2048 characters.
            metadata: comes back with the run and its callback.
            client_ref: your own reference to find the run by, at most 255 characters. Default: a
                new one.
            idempotency_key: stays the same when you send the same create again. Default: a new one.
            max_cost: US dollars. A run whose estimate is higher, or unknown, is refused before
                anything is sent.
            on_unknown_outcome: what to do when the answer to the create was lost and the run was
                not found: `resend` with the same key, or `raise` OutcomeUnknown.
            inline_below: bytes. Smaller files of the input are sent inside it and not uploaded; at
                most 1 MiB.
            upload_progress: called with the bytes of the input's files sent so far, and in all.
            strict: False sends an input that the catalog says is wrong, unchecked and without a
                warning: a field that is missing, of another type or out of bounds, or a file of
                another kind than the model takes.

        Raises:
            InvalidArgument: something cannot be right (MaxCostExceeded is one). Nothing was sent.
            ApiError: the API refused: InsufficientCredit, ValidationFailed, NotFound, ...
            OutcomeUnknown: the answer to the create was lost for good.
            RunFailed, RunCanceled: the run ended badly, and `raise_on_failure` is True.
            WaitTimeout: time is up. The run itself continues.
            TransportError, StorageError: no answer came, or one that cannot be read.
        """
        from .._validation import check_arguments, check_blocking

        check_arguments(timeout=timeout, raise_on_failure=raise_on_failure, on_update=on_update)
        check_blocking(on_update=on_update)
        deadline = Deadline.after(self._driver.context.now, timeout)
        flows = self._flows
        create = self._create(
            model,
            input,
            callback_url=callback_url,
            metadata=metadata,
            client_ref=client_ref,
            idempotency_key=idempotency_key,
            max_cost=max_cost,
            on_unknown_outcome=on_unknown_outcome,
            inline_below=inline_below,
            upload_progress=upload_progress,
            strict=strict,
        )
        run = self._driver.drive(flows.create(create, deadline))
        flow = flows.wait_for_new(
            create, run, timeout=timeout, deadline=deadline, raise_on_failure=raise_on_failure
        )
        del create, input, metadata, run  # a thousand waits would keep them
        return self._driver.drive(flow, on_update)

    @in_own_words
    def submit(
        self,
        model: str | lazy.ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
        *,
        callback_url: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        client_ref: str | None = None,
        idempotency_key: str | None = None,
        max_cost: Decimal | float | str | None = None,
        on_unknown_outcome: lazy.OnUnknownOutcome = "resend",
        inline_below: int = 0,
        upload_progress: lazy.Progress | None = None,
        strict: bool = True,
    ) -> lazy.RunHandle:
        """Create a run and return a handle on it at once; `handle.wait()` waits.

        The options and errors are those of `run` for the create.
        """
        from .handle import RunHandle

        create = self._create(
            model,
            input,
            callback_url=callback_url,
            metadata=metadata,
            client_ref=client_ref,
            idempotency_key=idempotency_key,
            max_cost=max_cost,
            on_unknown_outcome=on_unknown_outcome,
            inline_below=inline_below,
            upload_progress=upload_progress,
            strict=strict,
        )
        run = self._driver.drive(self._flows.create(create))
        return RunHandle(self._flows.of_model(create.model), self._driver, UUID(run.id), run)

    @in_own_words
    def estimate(
        self,
        model: str | lazy.ModelInput,
        input: Mapping[str, Any] | None = None,  # noqa: A002 # the API's own word
    ) -> lazy.Estimate:
        """Estimate what a run of this input costs. Nothing is asked of the server.

        The price is that of the catalog in this package, which is as old as the package. The `cost`
        of the ended run is what was charged.

        Returns:
            An Estimate. `amount` is a Decimal of US dollars, `basis` says how it comes about.
            `amount` is None where catalog and input do not decide it (a model without a price, a
            newer model, a video without its duration); then `reason` says why, and `at_least` may
            be known.

        Raises:
            InvalidArgument: a typed input and a dict were given together.
        """
        from .._estimate import estimate
        from .._validation import check_arguments

        check_arguments(model=model, input=input)
        return estimate(model, input)

    def _create(
        self,
        model: str | lazy.ModelInput,
        input: Mapping[str, Any] | None,  # noqa: A002 # the API's own word
        **options: Any,
    ) -> lazy.Create:
        from .._flows.create_run import create_of

        return create_of(model, input, **options)

    @cached_property
    def runs(self) -> lazy.Runs:
        """Runs that exist already: attach, get, list, logs; and get_or_create."""
        from .runs import Runs

        return Runs(self._flows, self._driver)

    @cached_property
    def batches(self) -> lazy.Batches:
        """Batches: many runs of one model under one id."""
        from .._flows.batches import BatchFlows
        from .batch import Batch
        from .batches import Batches

        flows = BatchFlows(
            self._driver.context,
            self._flows.schedule,
            lambda model: Batch.of(model, self._driver),
            self._asset_flows(),
        )
        return Batches(flows, self._driver)

    @cached_property
    def evaluations(self) -> lazy.Evaluations:
        """Evaluations of pictures."""
        from .._flows.evaluations import EvaluationFlows
        from .evaluations import Evaluations

        flows = EvaluationFlows(self._driver.context, self._flows.schedule)
        return Evaluations(flows, self._driver)

    @cached_property
    def models(self) -> lazy.Models:
        """The catalog of models."""
        from .models import Models

        return Models(self._driver.context, self._driver)

    @cached_property
    def workflows(self) -> lazy.Workflows:
        """ComfyUI workflows: list and get. `run` runs one by `comfyui-workflows/owner/name`."""
        from .workflows import Workflows

        return Workflows(self._driver.context, self._driver)

    @cached_property
    def account(self) -> lazy.Account:
        """The user of the key, and the balance of its organization."""
        from .account import Account

        return Account(self._driver.context, self._driver)

    @cached_property
    def assets(self) -> lazy.Assets:
        """Files that runs can take as input."""
        from .assets import Assets

        return Assets(self._asset_flows(), self._driver)

    @cached_property
    def callbacks(self) -> lazy.Callbacks:
        """Secrets and deliveries of callbacks, and the search for those that never came."""
        from .callbacks import Callbacks

        return Callbacks(self._driver.context, self._driver)

    @cached_property
    def api(self) -> lazy.Api:
        """The generated client with this client's key, retries and errors.

        It serves every operation of the document.
        """
        from .._transport.generated_client import Api

        return Api(self.base_url, token="", context=self._driver.context, driver=self._driver)

    def close(self) -> None:
        """Close the connections, unless the HTTP client is your own."""
        self._driver.close()

    @property
    def base_url(self) -> str:
        """Where requests go, without a trailing slash."""
        return self._driver.origin.base_url

    @cached_property
    def _flows(self) -> lazy.RunFlows[lazy.Run]:
        from .._flows.poll import PollSchedule
        from .._flows.runs import RunFlows

        schedule, context = self._schedule or PollSchedule(), self._driver.context
        return RunFlows(context, schedule, self._make_run, self._asset_flows)

    def _asset_flows(self) -> lazy.AssetFlows:
        from .._flows.upload import AssetFlows

        return AssetFlows(self._driver.context, self._uploads)

    def _make_run(
        self, model: lazy.RunModel | Mapping[str, Any], model_name: str | None
    ) -> lazy.Run:
        from .run import Run

        return Run.of(model, self._driver, model_name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __copy__(self) -> Self:
        """Return the client itself: it is shared, not copied."""
        return self

    def __deepcopy__(self, memo: object) -> Self:
        """Return the client itself: it is shared, not copied."""
        return self

    def __reduce__(self) -> NoReturn:
        """Raise RunflowError: connections and the key do not travel."""
        from .._errors import RunflowError

        raise RunflowError(
            "a client cannot be pickled: make one in each process, and give the ids of runs to "
            "its client.runs.attach()"
        )

    def __repr__(self) -> str:
        driver = getattr(self, "_driver", None)  # there is none if the constructor failed
        shown = "" if driver is None else f"base_url={self.base_url!r}"
        return f"{type(self).__name__}({shown})"
