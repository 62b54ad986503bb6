"""The schema JsonObject: any JSON object."""

from ..free_form import FreeFormObject


class JsonObject(FreeFormObject):
    """Any JSON object."""

    __slots__ = ()
