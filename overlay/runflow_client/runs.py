"""A run as the client shows it: typed, tolerant of what is newer, in both colours."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import evolve, field, frozen
from runflow_api.http_library import httpx
from runflow_api.models.json_object import JsonObject
from runflow_api.models.run import Run as RunModel
from runflow_api.models.run_status import RunStatus
from runflow_api.types import UNSET

from . import statuses
from .downloads import DEFAULT_MAX_BYTES, Progress
from .drivers import AsyncDriver, Driver
from .errors import RunCanceled, RunFailed
from .exchanges import unreadable
from .json_shapes import as_list, as_object, as_text
from .output_shapes import read_artifacts
from .outputs import Artifact, AsyncArtifact, all_saved, make_folder
from .reading import read_model
from .redaction import redacted_repr
from .unset import identified, known

if TYPE_CHECKING:
    from .callbacks.events import CallbackEvent


@frozen(kw_only=True)
class BaseRun:
    """One run, as it was when it was read. Whatever the server left out is None.

    `status` is the server's own word (`queued`, `dispatching`, `running`, `succeeded`, `partial_succeeded`, `failed`,
    `canceled`, or one that is newer than this client). `cost` is in US dollars. `model` is the generated model with every
    field of the document, unknown ones in its `additional_properties`.
    """

    id: str
    status: str | None
    output: Mapping[str, Any] | None = field(repr=False)
    duration_ms: int | None
    nodes_completed: int | None
    nodes_total: int | None
    cost: Decimal | None
    client_ref: str | None
    failure_code: str | None
    failure_message: str | None = field(repr=redacted_repr)
    failure_stage: str | None
    created_at: datetime | None
    started_at: datetime | None
    completed_at: datetime | None
    metadata: Mapping[str, Any] | None = field(repr=False)
    model: RunModel = field(repr=False)

    @property
    def has_ended(self) -> bool:
        """Whether the run is over, well or not."""
        return statuses.is_terminal(self.status)

    @property
    def has_output(self) -> bool:
        """Whether it ended with results: all of them, or some (`partial_succeeded`)."""
        return self.status in statuses.ENDED_WITH_OUTPUT

    @property
    def is_partial(self) -> bool:
        """Whether only some of the outputs were made."""
        return self.status == statuses.PARTIAL_SUCCEEDED

    @property
    def progress(self) -> tuple[str | None, int | None, int | None]:
        """Status, nodes completed, nodes in total: what changes while one waits."""
        return self.status, self.nodes_completed, self.nodes_total

    @property
    def model_data(self) -> Mapping[str, Any] | None:
        """What the model itself said about its output, in its own words."""
        return as_object(self._told("model_data"))

    @property
    def timing(self) -> Mapping[str, Any] | None:
        """How long the model took, in its own words."""
        return as_object(self._told("timing"))

    @property
    def seed(self) -> int | None:
        """The seed with which the model makes the same again."""
        seed = self._told("seed")
        return seed if isinstance(seed, int) and not isinstance(seed, bool) else None

    @property
    def nsfw_detected(self) -> bool | None:
        """Whether the model takes its output for not safe for work: any of its outputs, where it says so for each."""
        told = self._told("nsfw_detected")
        each = as_list(told)
        if each:
            return any(found is True for found in each)
        return told if isinstance(told, bool) else None

    def _told(self, name: str) -> object:
        return None if self.output is None else self.output.get(name)


R = TypeVar("R", bound=BaseRun)


def fields_of(model: RunModel) -> dict[str, Any]:
    """The arguments of BaseRun for this model. Raises ValueError for one without an id."""
    run_id = identified("run", known(model.id))
    output, metadata = known(model.output), known(model.metadata)
    status, nodes_completed, nodes_total = progress_of(model)
    return {
        "id": run_id,
        "status": status,
        "output": None if output is None else output.to_dict(),
        "duration_ms": known(model.duration_ms),
        "nodes_completed": nodes_completed,
        "nodes_total": nodes_total,
        "cost": read_money(known(model.cost)),
        "client_ref": known(model.client_ref),
        "failure_code": known(model.failure_code),
        "failure_message": known(model.failure_message),
        "failure_stage": known(model.failure_stage_code),
        "created_at": known(model.created_at),
        "started_at": known(model.started_at),
        "completed_at": known(model.completed_at),
        "metadata": None if metadata is None else metadata.to_dict(),
        "model": model,
    }


def read_run(response: httpx.Response, parse: Callable[[httpx.Response], object]) -> RunModel:
    """The run in this answer, as far as it keeps to the document. Raises UnreadableAnswer where there is not even an id."""
    model = read_model(response, parse, RunModel)
    if known(model.id) is None:
        raise unreadable(response, "expected a run with an id")
    return model


def progress_of(model: RunModel) -> tuple[str | None, int | None, int | None]:
    """Status, nodes completed, nodes in total: what changes while one waits."""
    status = known(model.status_code)
    return None if status is None else str(status.value), known(model.nodes_completed), known(model.nodes_total)


def model_after(model: RunModel, event: "CallbackEvent") -> RunModel:
    """The run as its callback tells it. A callback does not tell everything: the cost, for one, comes with `refresh()`."""
    failed = event.status == statuses.FAILED
    told = event.output or {}
    return evolve(
        model,
        status_code=UNSET if event.status is None else RunStatus(event.status),
        output=None if failed or event.output is None else JsonObject.from_dict(event.output),
        failure_code=as_text(told.get("code")) if failed else UNSET,
        failure_message=as_text(told.get("message")) if failed else UNSET,
        duration_ms=event.duration_ms,
        completed_at=event.completed_at,
    )


def read_money(text: str | None) -> Decimal | None:
    """An amount in US dollars from its decimal string; None for none or for what is not a number."""
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None


def conclude(run: R, *, raise_on_failure: bool) -> R:
    """The ended run itself; RunFailed or RunCanceled for one that ended badly, unless the caller wants it as a value."""
    if raise_on_failure and run.status == statuses.FAILED:
        raise RunFailed(run)
    if raise_on_failure and run.status in statuses.CANCELED:
        raise RunCanceled(run)
    return run


@frozen(kw_only=True)
class Run(BaseRun):
    """A run of a synchronous client."""

    _driver: Driver = field(repr=False, eq=False, alias="driver")

    @classmethod
    def of(cls, model: RunModel, driver: Driver) -> "Run":
        """The run that this model describes."""
        return cls(driver=driver, **fields_of(model))

    @property
    def outputs(self) -> list[Artifact]:
        """What the run made so far."""
        return [Artifact(**facts, run_id=self.id, driver=self._driver) for facts in read_artifacts(self.output)]

    def save_all(
        self,
        directory: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Save every output into the folder, which is made if need be, and give back the paths.

        `max_bytes` is for each file, `progress` hears of one file after the other. One that fails keeps none of the others
        from being saved; the first failure is raised then, as Artifact.save raises it.
        """
        folder = make_folder(directory)
        results: list[Path | Exception] = []
        for artifact in self.outputs:
            try:
                results.append(artifact.save(folder, overwrite=overwrite, max_bytes=max_bytes, progress=progress))
            except Exception as error:  # raised below, when the others are saved
                results.append(error)
        return all_saved(results)


@frozen(kw_only=True)
class AsyncRun(BaseRun):
    """A run of an asynchronous client."""

    _driver: AsyncDriver = field(repr=False, eq=False, alias="driver")

    @classmethod
    def of(cls, model: RunModel, driver: AsyncDriver) -> "AsyncRun":
        """The run that this model describes."""
        return cls(driver=driver, **fields_of(model))

    @property
    def outputs(self) -> list[AsyncArtifact]:
        """What the run made so far."""
        return [AsyncArtifact(**facts, run_id=self.id, driver=self._driver) for facts in read_artifacts(self.output)]

    async def save_all(
        self,
        directory: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Save every output into the folder, several at once, and give back the paths in their order; as Run.save_all."""
        import anyio

        folder = make_folder(directory)
        artifacts = self.outputs
        results: dict[int, Path | Exception] = {}

        async def save(artifact: AsyncArtifact) -> None:
            try:
                results[artifact.number] = await artifact.save(
                    folder, overwrite=overwrite, max_bytes=max_bytes, progress=progress
                )
            except Exception as error:  # raised below, when the others are saved
                results[artifact.number] = error

        async with anyio.create_task_group() as tasks:
            for artifact in artifacts:
                tasks.start_soon(save, artifact)
        return all_saved([results[artifact.number] for artifact in artifacts])
