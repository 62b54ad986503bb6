"""The schema AssetUpdate: any JSON object."""

from ..free_form import FreeFormObject


class AssetUpdate(FreeFormObject):
    """What to change of an asset."""

    __slots__ = ()
