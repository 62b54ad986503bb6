"""Uploaded files."""

import os
from typing import BinaryIO
from uuid import UUID

from .._flows.download import Progress
from .._flows.upload import AssetFlows
from .._models.asset import Asset
from .._transport.driver import Driver
from .._validation import read_id


class Assets:
    """Files that Runflow keeps, of a synchronous client."""

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
        """Upload a pathlib.Path, bytes or an open binary file, and give back the asset.

        An open file counts from where it stands and stays open. The media type is told from the
        content, with the name as a hint, unless `mime_type` says it. A file that this client
        uploaded before is not uploaded again. `progress` is called with the bytes sent and the
        bytes in all; it begins anew when the storage has to be tried again. Raises InvalidArgument,
        before anything is sent, for what is no file, is empty or over 50 MiB; ApiError when Runflow
        refuses (ValidationFailed for a type that it does not take); StorageRefused when the storage
        does; AddressRefused for an upload URL that is not https; FileChanged when the file changes
        meanwhile; TransportError.
        """
        folder = None if folder_id is None else read_id("folder id", folder_id)
        flow = self._flows.upload(
            file, name=name, mime_type=mime_type, folder_id=folder, progress=progress
        )
        return self._driver.drive(flow)

    def get(self, asset_id: str | UUID) -> Asset:
        """Read the asset, its URL freshly signed. Raises NotFound, other ApiErrors and
        TransportError.
        """
        return self._driver.drive(self._flows.get(read_id("asset id", asset_id)))
