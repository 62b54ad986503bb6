# Generated from _async/assets.py by `make generate`. Edit that file.
"""Uploaded files."""

import os
from typing import BinaryIO
from uuid import UUID

from .._flows.download import Progress
from .._flows.upload import AssetFlows
from .._models.asset import Asset
from .._transport.driver import Driver
from .._validation import check_arguments, check_blocking, read_id


class Assets:
    """Files that Runflow keeps, for use as inputs of runs."""

    def __init__(self, flows: AssetFlows, driver: Driver) -> None:
        self._flows = flows
        self._driver = driver

    def upload(
        self,
        file: os.PathLike[str] | bytes | BinaryIO,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        folder_id: str | UUID | None = None,
        progress: Progress | None = None,
    ) -> Asset:
        """Upload a file and return the asset that Runflow made of it.

        A file that this client uploaded before is not uploaded again. Runflow reads the file
        in threads.

        Args:
            file: a `pathlib.Path`, bytes, or an open binary file, which is read from where it
                stands and stays open.
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
        return self._driver.drive(flow)

    def get(self, asset_id: str | UUID) -> Asset:
        """Read the asset, with a freshly signed URL.

        Raises NotFound and other ApiErrors, TransportError, and InvalidArgument for an invalid id.
        """
        return self._driver.drive(self._flows.get(read_id("asset_id", asset_id)))
