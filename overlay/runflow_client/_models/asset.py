"""An asset (an uploaded file) as the API shows it."""

from datetime import datetime
from typing import Final

from attrs import field, frozen
from runflow_api.http_library import httpx
from runflow_api.models.asset import Asset as AssetModel

from .._errors import show_address
from .._responses import parse_leniently, read_object, unreadable, value_or_none

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
    model = parse_leniently(AssetModel, read_object(response))
    asset_id = value_or_none(model.id)
    if asset_id is None:
        raise unreadable(response, "expected an asset with an id")
    return Asset(
        id=str(asset_id),
        name=value_or_none(model.name),
        mime_type=value_or_none(model.mime_type),
        size_bytes=value_or_none(model.size_bytes),
        url=value_or_none(model.url),
        created_at=value_or_none(model.created_at),
        model=model,
    )
