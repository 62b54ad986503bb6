"""The batch and its items that users of the asynchronous client hold."""

import os
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from attrs import evolve, field, frozen
from runflow_api.models.batch import Batch as BatchModel
from runflow_api.models.batch_item import BatchItem as BatchItemModel

from .._errors import InvalidArgument
from .._flows import paginate
from .._flows.commands import DEFAULT_MAX_BYTES, Progress
from .._models.batch import (
    BaseBatch,
    BaseBatchItem,
    artifacts_of,
    batch_fields,
    item_fields,
)
from .._transport.driver import AsyncDriver
from .artifact import AsyncArtifact, check_saving, save_artifacts


@frozen(kw_only=True, eq=False, repr=False)
class AsyncBatchItem(BaseBatchItem):
    """One item of a batch, and the asynchronous client that fetches its outputs."""

    _driver: AsyncDriver = field(repr=False, eq=False, alias="driver")

    @classmethod
    def of(cls, model: BatchItemModel, driver: AsyncDriver) -> "AsyncBatchItem":
        """Make the item that this schema object describes."""
        return cls(driver=driver, **item_fields(model))

    @property
    def outputs(self) -> Sequence[AsyncArtifact]:
        """The files that the item's run made so far."""
        return [AsyncArtifact(**facts, driver=self._driver) for facts in artifacts_of(self)]

    async def save(
        self,
        path: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> Path:
        """Save the one file of this item to `path`, or into the folder `path` under its own name.

        The options and errors are those of `save` of an artifact. Raises InvalidArgument for an
        item that has no file, or several: `save_all` saves any number.
        """
        outputs = self.outputs
        if len(outputs) != 1:
            raise InvalidArgument(
                f"item {self.id} is {self.status or 'without a status'} and has {len(outputs)} "
                "files: save takes exactly one, save_all any number"
            )
        return await outputs[0].save(
            path, overwrite=overwrite, max_bytes=max_bytes, progress=progress
        )

    async def save_all(
        self,
        directory: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Save every file of this item into a folder, as `save_all` of a run does."""
        return await save_artifacts(
            self.outputs, directory, overwrite=overwrite, max_bytes=max_bytes, progress=progress
        )


@frozen(kw_only=True, eq=False, repr=False)
class AsyncBatch(BaseBatch):
    """One batch, as it was when it was read, and the asynchronous client that fetches outputs."""

    _driver: AsyncDriver = field(repr=False, eq=False, alias="driver")

    @classmethod
    def of(cls, model: BatchModel, driver: AsyncDriver) -> "AsyncBatch":
        """Make the batch that this schema object describes."""
        return cls(driver=driver, **batch_fields(model))

    async def save_all(
        self,
        directory: str | os.PathLike[str],
        *,
        overwrite: bool = False,
        max_bytes: int = DEFAULT_MAX_BYTES,
        progress: Progress | None = None,
    ) -> list[Path]:
        """Save the files of every item into a folder, which is made if need be.

        The items are read now. One that failed or has not ended adds no file. The name of a file
        begins with the index of its item, such as `07-output.png` for item 7 of 100.

        `max_bytes` counts for each file, and `progress` is called for every file in turn. A client
        that is awaited fetches several files at once.

        Returns:
            The paths, in the order of the items.

        Raises:
            ApiError, TransportError: the items cannot be read.
            What `save_all` of a run raises.
        """
        check_saving(directory, overwrite, max_bytes, progress)
        flow = paginate.batch_items(
            self._driver.context,
            lambda model: AsyncBatchItem.of(model, self._driver),
            UUID(self.id),
            q=None,
            sort_by=None,
            page_size=100,
            cursor=None,
            backward=False,
        )
        items: list[AsyncBatchItem] = [item async for item in self._driver.each(flow)]  # async only
        # sync only: items: list[BatchItem] = list(self._driver.each(flow))
        items.sort(key=lambda item: -1 if item.index is None else item.index)
        digits = len(str(max(0, len(items) - 1)))
        artifacts: list[AsyncArtifact] = []
        for position, item in enumerate(items):
            number = position if item.index is None else item.index
            artifacts += [
                evolve(artifact, name=f"{number:0{digits}d}-{artifact.name}")
                for artifact in item.outputs
            ]
        return await save_artifacts(
            artifacts, directory, overwrite=overwrite, max_bytes=max_bytes, progress=progress
        )
