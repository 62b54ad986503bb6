"""The schema Readiness: any JSON object."""

from ..free_form import FreeFormObject


class Readiness(FreeFormObject):
    """The readiness of the service."""

    __slots__ = ()
