"""Assets as the client shows them, and which files are assets already."""

from collections import OrderedDict
from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import field, frozen
from runflow_api.http_library import httpx
from runflow_api.models.asset import Asset as AssetModel

from .exchanges import unreadable
from .reading import read_object, salvage
from .storage_errors import show_address
from .unset import known

REFERENCE: Final = "runflow://assets/"


@frozen(kw_only=True)
class Asset:
    """A file that Runflow keeps. Whatever the server left out is None; `model` has every field.

    `url` is signed and expires: give models the `ref`, which does not.
    """

    id: str
    name: str | None
    mime_type: str | None
    size_bytes: int | None
    url: str | None = field(repr=lambda url: repr(url and show_address(url)))
    created_at: datetime | None
    model: AssetModel = field(repr=False)

    @property
    def ref(self) -> str:
        """What stands for the asset in the input of a model: `runflow://assets/{id}`."""
        return REFERENCE + self.id


def read_asset(response: httpx.Response) -> Asset:
    """The asset in this answer. Raises UnreadableAnswer where there is not even an id."""
    model = salvage(AssetModel, read_object(response))
    asset_id = known(model.id)
    if asset_id is None:
        raise unreadable(response, "expected an asset with an id")
    return Asset(
        id=str(asset_id),
        name=known(model.name),
        mime_type=known(model.mime_type),
        size_bytes=known(model.size_bytes),
        url=known(model.url),
        created_at=known(model.created_at),
        model=model,
    )


@frozen
class AssetKey:
    """What makes two uploads the same: the bytes (their SHA-256), the media type, the folder."""

    digest: str
    media_type: str
    folder_id: UUID | None


class KnownAssets:
    """The files that one client has uploaded, so that it uploads none twice. May be used from any thread."""

    MOST: Final = 4096
    LIFETIME: Final = 3600.0
    """Seconds after which an asset is asked for again before it is relied upon: it may have been deleted."""

    def __init__(self) -> None:
        self._assets: OrderedDict[AssetKey, tuple[Asset, float]] = OrderedDict()

    def remember(self, key: AssetKey, asset: Asset, now: float) -> None:
        """This file is that asset; `now` is monotonic seconds."""
        self._assets[key] = asset, now
        while len(self._assets) > self.MOST:
            self._assets.popitem(last=False)

    def find(self, key: AssetKey) -> Asset | None:
        """The asset that the file was uploaded as, None if it was not."""
        found = self._assets.get(key)
        return None if found is None else found[0]

    def is_fresh(self, key: AssetKey, now: float) -> bool:
        """Whether the asset was there lately."""
        found = self._assets.get(key)
        return found is not None and now - found[1] < self.LIFETIME

    def forget(self, key: AssetKey) -> None:
        """The asset is not there any more."""
        self._assets.pop(key, None)
