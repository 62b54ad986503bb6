# Generated from _async/run.py by `make generate`. Edit that file.
"""The run that users of the synchronous client hold."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen
from runflow_api.models.run import Run as RunModel

from .._flows.commands import DEFAULT_MAX_BYTES, Progress
from .._models.artifact import read_artifacts
from .._models.run import BaseRun, fields_of, listed
from .._transport.driver import Driver
from .artifact import Artifact, save_artifacts


@frozen(kw_only=True, eq=False, repr=False)
class Run(BaseRun):
    """One run, as it was when it was read, and the synchronous client that fetches its outputs."""

    _driver: Driver = field(repr=False, eq=False, alias="driver")

    @classmethod
    def of(
        cls,
        model: RunModel | Mapping[str, Any],
        driver: Driver,
        model_name: str | None = None,
    ) -> "Run":
        """Make the run that this schema object or this item of a list describes."""
        if not isinstance(model, RunModel):
            return listed(cls, model, _driver=driver, model_name=model_name)
        return cls(driver=driver, model_name=model_name, **fields_of(model))

    @property
    def outputs(self) -> Sequence[Artifact]:
        """The files that the run made so far."""
        return [
            Artifact(**facts, run_id=self.id, driver=self._driver)
            for facts in read_artifacts(self.output)
        ]

    def _repr_html_(self) -> str:
        """Return the card that a notebook shows."""
        from .._models.notebook import show_run  # few runs are displayed

        return show_run(self)

    def save_all(
        self,
        directory: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Save every output into a folder, which is made if need be.

        `max_bytes` counts for each file, and `progress` is called for every file in turn. A client
        that is awaited fetches several files at once.

        Returns:
            The paths, in the order of `outputs`.

        Raises:
            What `save` of an artifact raises. One that fails keeps no other from being saved; then
            the first failure is raised, with notes on the others.
        """
        return save_artifacts(
            self.outputs, directory, overwrite=overwrite, max_bytes=max_bytes, progress=progress
        )
