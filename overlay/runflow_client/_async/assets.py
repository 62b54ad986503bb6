"""Uploaded files."""

import os
from collections.abc import AsyncIterator
from datetime import datetime
from typing import BinaryIO
from uuid import UUID

from .._flows import paginate
from .._flows.commands import Progress
from .._flows.upload import AssetFlows
from .._models.asset import Asset, asset_of
from .._transport.driver import AsyncDriver
from .._typed_inputs.pictures import PillowImage, PixelArray
from .._validation import check_arguments, check_blocking, read_id


class AsyncAssets:
    """Files that Runflow keeps, for use as inputs of runs."""

    def __init__(self, flows: AssetFlows, driver: AsyncDriver) -> None:
        self._flows = flows
        self._driver = driver

    async def upload(
        self,
        file: os.PathLike[str] | bytes | BinaryIO | PillowImage | PixelArray,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        folder_id: str | UUID | None = None,
        progress: Progress | None = None,
    ) -> Asset:
        """Upload a file and return the asset that Runflow made of it.

        A file that this client uploaded before is not uploaded again. AsyncRunflow reads the file
        in threads.

        Args:
            file: a `pathlib.Path`, bytes, an open binary file, which is read from where it stands
                and stays open, or an image of Pillow or a numpy array of uint8.
            name: the name of the asset. Default: the name of the file.
            mime_type: the media type. Default: told from the content, with the name as a hint.
            folder_id: the folder of assets to put it in.
            progress: called with the bytes sent and the bytes in all. It begins anew when the
                storage has to be tried again.

        Raises:
            InvalidArgument: not a file, empty, or over 50 MiB. Nothing was sent.
            ApiError: Runflow refused; ValidationFailed for a type that it does not take.
            StorageRefused: the storage refused.
            AddressRefused: the upload URL is not https.
            FileChanged: the file changed meanwhile.
            TransportError: no answer came, or one that cannot be read.
        """
        check_arguments(name=name, mime_type=mime_type, progress=progress)
        check_blocking(progress=progress)
        folder = None if folder_id is None else read_id("folder_id", folder_id)
        flow = self._flows.upload(
            file, name=name, mime_type=mime_type, folder_id=folder, progress=progress
        )
        return await self._driver.drive(flow)

    async def get(self, asset_id: str | UUID) -> Asset:
        """Read the asset, with a freshly signed URL.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        return await self._driver.drive(self._flows.get(read_id("asset_id", asset_id)))

    async def delete(self, asset_id: str | UUID) -> None:
        """Delete the asset. A run whose input names it fails.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        await self._driver.drive(self._flows.delete(read_id("asset_id", asset_id)))

    def list(
        self,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        q: str | None = None,
        sort_by: str | None = None,
        page_size: int = 100,
        cursor: str | None = None,
        backward: bool = False,
    ) -> AsyncIterator[Asset]:
        """Give every asset that the filters let through, such as `q="name.EQ:'photo.png'"`.

        The options and errors are those of `client.runs.list`.
        """
        return self._driver.each(
            paginate.assets(
                self._flows.context,
                asset_of,
                created_after=created_after,
                created_before=created_before,
                q=q,
                sort_by=sort_by,
                page_size=page_size,
                cursor=cursor,
                backward=backward,
            )
        )
