"""Uploaded files."""

import os
from typing import BinaryIO
from uuid import UUID

from .._flows.download import Progress
from .._flows.upload import AssetFlows
from .._models.asset import Asset
from .._transport.driver import AsyncDriver
from .._validation import read_id


class AsyncAssets:
    """Files that Runflow keeps, of an asynchronous client."""

    def __init__(self, flows: AssetFlows, driver: AsyncDriver) -> None:
        self._flows = flows
        self._driver = driver

    async def upload(
        self,
        file: os.PathLike[str] | bytes | BinaryIO,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        folder_id: str | UUID | None = None,
        progress: Progress | None = None,
    ) -> Asset:
        """Upload a pathlib.Path, bytes or an open binary file, and give back the asset; as
        Assets.upload.

        The file is read in threads, so that other tasks go on.
        """
        folder = None if folder_id is None else read_id("folder id", folder_id)
        flow = self._flows.upload(
            file, name=name, mime_type=mime_type, folder_id=folder, progress=progress
        )
        return await self._driver.drive(flow)

    async def get(self, asset_id: str | UUID) -> Asset:
        """Read the asset, its URL freshly signed; as Assets.get."""
        return await self._driver.drive(self._flows.get(read_id("asset id", asset_id)))
