"""Callback secrets as the API shows them."""

from datetime import datetime
from uuid import UUID

from attrs import field, frozen


@frozen(kw_only=True)
class CallbackSecret:
    """A secret that signs callbacks, without the secret itself. Whatever the server left out is
    None.
    """

    id: UUID
    label: str | None
    key_prefix: str | None
    is_current: bool
    created_at: datetime | None
    last_used_at: datetime | None
    disabled_at: datetime | None


@frozen(kw_only=True)
class NewCallbackSecret(CallbackSecret):
    """A secret that was made just now. `plain_secret` is shown this once, and in no repr."""

    plain_secret: str = field(repr=False)
