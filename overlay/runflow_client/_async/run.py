"""The run that users of the asynchronous client hold."""

import os
from pathlib import Path

from attrs import field, frozen
from runflow_api.models.run import Run as RunModel

from .._flows.download import DEFAULT_MAX_BYTES, Progress
from .._flows.save import all_saved, make_folder
from .._models.artifact import read_artifacts
from .._models.run import BaseRun, fields_of
from .._transport.driver import AsyncDriver
from .artifact import AsyncArtifact


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
        return [
            AsyncArtifact(**facts, run_id=self.id, driver=self._driver)
            for facts in read_artifacts(self.output)
        ]

    async def save_all(
        self,
        directory: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Save every output into the folder, several at once, and give back the paths in their
        order; as Run.save_all.
        """
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
