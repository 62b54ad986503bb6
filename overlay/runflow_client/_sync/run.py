"""The run that users of the synchronous client hold."""

import os
from pathlib import Path

from attrs import field, frozen
from runflow_api.models.run import Run as RunModel

from .._flows.download import DEFAULT_MAX_BYTES, Progress
from .._flows.save import all_saved, make_folder
from .._models.artifact import read_artifacts
from .._models.run import BaseRun, fields_of
from .._transport.driver import Driver
from .artifact import Artifact


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
        return [
            Artifact(**facts, run_id=self.id, driver=self._driver)
            for facts in read_artifacts(self.output)
        ]

    def save_all(
        self,
        directory: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Save every output into the folder, which is made if need be, and give back the paths.

        `max_bytes` is for each file, `progress` hears of one file after the other. One that fails
        keeps none of the others from being saved; the first failure is raised then, as
        Artifact.save raises it.
        """
        folder = make_folder(directory)
        results: list[Path | Exception] = []
        for artifact in self.outputs:
            try:
                results.append(
                    artifact.save(
                        folder, overwrite=overwrite, max_bytes=max_bytes, progress=progress
                    )
                )
            except Exception as error:  # raised below, when the others are saved
                results.append(error)
        return all_saved(results)
