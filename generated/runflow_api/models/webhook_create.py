"""The schema WebhookCreate: any JSON object."""

from ..free_form import FreeFormObject


class WebhookCreate(FreeFormObject):
    """A webhook to create."""

    __slots__ = ()
