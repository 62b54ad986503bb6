"""Bulk runs on a Ray cluster: a transform of Ray Data that runs a model for each row.

    import ray.data
    from runflow_client.bulk.ray import run_rows

    rows = ray.data.read_csv("prompts.csv")
    done = run_rows(rows, "google/nano-banana-pro", job="pets-1", output="/shared/pets")
    done.write_parquet("/shared/pets.parquet")

It needs Ray: the extra `runflow-client[ray]`.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from .. import errors
from .._async.client import AsyncRunflow
from .._async.run import AsyncRun
from .._errors import InvalidArgument
from .._estimate import check_model_id, read_money
from .._flows.find_lost_run import SEARCH_SECONDS
from .._time import AsyncClock, AsyncSystemClock
from .._validation import check_arguments, check_blocking, check_integer, check_text, wrong_kind
from ._extras import load
from ._items import BadItem, Item, client_ref_of, model_and_input
from ._pace import LONGEST_PAUSE, Pace, wait_for
from ._rows import Row
from ._settings import file_name
from ._sources import items_of
from ._template import Template

NEEDED: Final = 'bulk runs on a cluster need Ray: pip install "runflow-client[ray]"'
RESULTS: Final = ("status", "run_id", "cost", "paths", "failure")
SAVING_TRIES: Final = 3
"""How often the files of a run are asked of a storage that refuses them."""
_TRANSIENT: Final = (
    errors.RateLimited,
    errors.ServerError,
    errors.TransportError,
    errors.OutcomeUnknown,
)
_STOPPING: Final = (
    errors.InsufficientCredit,
    errors.Unauthorized,
    errors.PermissionDenied,
)


def run_rows(
    dataset: Any,
    model: str,
    *,
    job: str,
    key: str = "key",
    template: Mapping[str, Any] | None = None,
    output: str | None = None,
    actors: int = 1,
    batch_size: int = 50,
    rate: float | None = None,
    max_cost_each: Decimal | float | str | None = None,
    max_outage: float = 3600.0,
    client: Callable[[], AsyncRunflow] | None = None,
    **options: Any,
) -> Any:
    """Return a dataset with the columns `status`, `run_id`, `cost`, `paths` and `failure` added.

    Nothing is sent before it is read. `status` is `done`, `failed` or `refused`; `cost` is US
    dollars, as text; `paths` are files. A row that Ray runs again, because a worker or a node died,
    continues with the run that exists, and so does the same job when it is started again.

    Args:
        dataset: a Ray dataset, with a column of keys that differ from row to row.
        model: an id such as `google/nano-banana-pro`.
        job: the name of this work. Another name means other runs.
        key: the column of the keys.
        template: the fields of the input, with `{column}` where a cell goes. Default: each column
            but the key is the field of its name.
        output: a folder that every node reaches. Default: files are not saved.
        actors: how many actors work; each holds one client.
        batch_size: rows that an actor works on at once.
        rate: creates in a second at most, of each actor.
        max_cost_each: US dollars for one run.
        max_outage: seconds without an answer after which the dataset fails.
        client: what makes the client of an actor. Default: one with the key of the environment.
        options: go to `map_batches`, such as `num_cpus`.

    Raises:
        ModuleNotFoundError: Ray is not installed.
        InvalidArgument: an argument cannot be right. Nothing was begun.
    """
    check_model_id(model)
    client_ref_of(job, "")
    if not job:
        raise InvalidArgument("the job needs a name, which tells its runs from those of others")
    check_text("key", key)
    check_arguments(output=output, rate=rate, max_cost_each=max_cost_each, max_outage=max_outage)
    check_integer("actors", actors, 1)
    check_integer("batch_size", batch_size, 1)
    if template is not None:
        if not isinstance(template, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
            raise wrong_kind("template", template, "a dict of the input's fields")
        Template.of(template)
    if not (client is None or callable(client)):
        raise wrong_kind("client", client, "a function that makes an AsyncRunflow")
    check_blocking("expected a plain function that makes an AsyncRunflow", client=client)
    load("ray.data", NEEDED)
    return dataset.map_batches(
        RunRows,
        fn_constructor_args=(
            model,
            job,
            key,
            template,
            output,
            rate,
            None if max_cost_each is None else str(read_money("max_cost_each", max_cost_each)),
            max_outage,
            client,
        ),
        concurrency=actors,
        batch_size=batch_size,
        batch_format="pyarrow",
        **{"num_cpus": 0.1, **options},
    )


class RunRows:
    """The actor: it holds one AsyncRunflow, and runs the rows of a batch at once."""

    def __init__(
        self,
        model: str,
        job: str,
        key: str,
        template: Mapping[str, Any] | None,
        output: str | None,
        rate: float | None,
        max_cost_each: str | None,
        max_outage: float,
        client: Callable[[], AsyncRunflow] | None,
        clock: AsyncClock | None = None,
    ) -> None:
        self._model = model
        self._job = job
        self._key = key
        self._template = template
        self._output = None if output is None else Path(output)
        self._max_cost = max_cost_each
        self._max_outage = max_outage
        self._client = (client or AsyncRunflow)()
        self._clock = clock or AsyncSystemClock()
        self._pace = Pace(self._clock, 0.0 if rate is None else 1 / rate)

    async def __call__(self, batch: Any) -> Any:
        """Run each row of a pyarrow table, and return the table with the results."""
        rows: Sequence[Mapping[str, Any]] = batch.to_pylist()
        items = items_of(_Given(rows), self._model, self._template, self._key, False)
        results = await asyncio.gather(*(self._run(item) for item in items))
        for name in RESULTS:
            if name in batch.column_names:
                batch = batch.drop_columns([name])
        arrow = load("pyarrow", NEEDED)
        kinds = {"paths": arrow.list_(arrow.string())}
        for name in RESULTS:
            values = [result[name] for result in results]
            batch = batch.append_column(name, arrow.array(values, kinds.get(name, arrow.string())))
        return batch

    async def _run(self, item: Item | BadItem) -> dict[str, Any]:
        if isinstance(item, BadItem):
            return _result("refused", failure=item.reason)
        try:
            run_id = await self._patiently(self._create, item, is_create=True)
        except _STOPPING:
            raise
        except (errors.ApiError, InvalidArgument, OSError) as error:
            return _result("refused", failure=str(error))
        try:
            run = await self._patiently(self._wait, run_id)
        except errors.NotFound as error:
            return _result("failed", run_id, failure=str(error))
        cost = None if run.cost is None else f"{run.cost:f}"
        if not run.has_output:
            why = run.failure_message or f"the run is {run.status}"
            return _result("failed", run_id, cost, failure=why)
        tries = 0
        while True:
            try:
                paths = await self._patiently(self._save, (item.key, run))
            except errors.StorageError as error:
                tries += 1
                if tries == SAVING_TRIES:
                    return _result("failed", run_id, cost, failure=str(error))
                await self._clock.sleep(float(tries))
            else:
                return _result("done", run_id, cost, paths)

    async def _patiently(
        self, act: Callable[[Any], Any], subject: Any, *, is_create: bool = False
    ) -> Any:
        """Do it again until the outage has lasted too long. A create is found by its client_ref."""
        while True:
            if is_create:  # of which `rate` counts, and nothing else
                await self._pace.wait()
            sent = self._clock.now()
            try:
                done = await act(subject)
            except errors.RateLimited as error:
                self._pace.slow_down(error.retry_after, sent)
                if not is_create:
                    pause = error.retry_after or self._pace.interval
                    await self._clock.sleep(min(pause, LONGEST_PAUSE))
            except _TRANSIENT:
                if self._pace.fail() > self._max_outage:
                    raise
                await self._clock.sleep(SEARCH_SECONDS)
            else:
                self._pace.succeed()
                return done

    async def _create(self, item: Item) -> str:
        handle = await self._client.runs.get_or_create(
            *model_and_input(self._model, item),
            client_ref=client_ref_of(self._job, item.key),
            max_cost=self._max_cost,
        )
        return handle.id

    async def _wait(self, run_id: str) -> AsyncRun:
        return await wait_for(self._client.runs.attach(run_id), self._pace, self._max_outage)

    async def _save(self, subject: tuple[str, AsyncRun]) -> list[str]:
        if self._output is None:
            return []
        key, run = subject
        self._output.mkdir(parents=True, exist_ok=True)
        paths: list[str] = []
        for artifact in run.outputs:
            path = self._output / file_name(key, artifact.name, artifact.number, len(run.outputs))
            if not path.exists():  # a file appears under its name when it is whole
                await artifact.save(path, overwrite=True)
            paths.append(str(path))
        return paths


def _result(
    status: str,
    run_id: str | None = None,
    cost: str | None = None,
    paths: Sequence[str] = (),
    failure: str | None = None,
) -> dict[str, Any]:
    return {
        "status": status,
        "run_id": run_id,
        "cost": cost,
        "paths": list(paths),
        "failure": failure,
    }


@frozen
class _Given:
    """Rows that are in memory."""

    given: Sequence[Mapping[str, Any]]
    columns: None = None
    folder: Path = Path()

    def rows(self) -> Iterator[Row]:
        for number, cells in enumerate(self.given, start=1):
            yield Row(number, "", cells)
