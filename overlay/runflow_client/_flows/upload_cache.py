"""Which files one client has uploaded."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Final, NamedTuple
from uuid import UUID

if TYPE_CHECKING:
    from .._models.asset import Asset


class AssetKey(NamedTuple):
    """What makes two uploads the same: the bytes (their SHA-256), the media type, the folder."""

    digest: str
    media_type: str
    folder_id: UUID | None


class UploadCache:
    """The files that one client has uploaded, so that it uploads no file twice. Thread-safe."""

    MAX_ASSETS: Final = 4096
    LIFETIME: Final = 3600.0
    """Seconds after which an asset is read again before it is relied upon: it may be deleted."""

    def __init__(self) -> None:
        self._assets: OrderedDict[AssetKey, tuple[Asset, float]] = OrderedDict()

    def remember(self, key: AssetKey, asset: Asset, now: float) -> None:
        """Keep the asset of this file; `now` is monotonic seconds."""
        self._assets[key] = asset, now
        while len(self._assets) > self.MAX_ASSETS:
            self._assets.popitem(last=False)

    def find(self, key: AssetKey) -> Asset | None:
        """Return the asset of this file, None if it was not uploaded."""
        found = self._assets.get(key)
        return None if found is None else found[0]

    def is_fresh(self, key: AssetKey, now: float) -> bool:
        """Whether the asset was read within its lifetime."""
        found = self._assets.get(key)
        return found is not None and now - found[1] < self.LIFETIME

    def forget(self, key: AssetKey) -> None:
        """Drop an asset that was deleted."""
        self._assets.pop(key, None)

    def forget_asset(self, asset_id: str) -> None:
        """Drop the asset of this id, under whatever key it is kept."""
        for key, (asset, _) in list(self._assets.items()):
            if asset.id == asset_id:
                self.forget(key)
