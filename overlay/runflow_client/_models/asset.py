"""An asset (an uploaded file) as the API shows it."""

from datetime import datetime
from typing import Final
from uuid import UUID

from attrs import field, frozen
from runflow_api.http_library import httpx
from runflow_api.models.asset import Asset as AssetModel

from .._redaction import show_address
from .._responses import identified, parse_leniently, read_object, require_id, value_or_none

REFERENCE: Final = "runflow://assets/"


@frozen(kw_only=True)
class Asset:
    """A file that Runflow keeps. What the server left out is None; `raw` has every field.

    `url` is signed and expires: give models the `ref`, which does not.
    """

    id: str
    name: str | None
    mime_type: str | None
    size_bytes: int | None
    url: str | None = field(repr=lambda url: repr(url and show_address(url)))
    created_at: datetime | None
    raw: AssetModel = field(repr=False, hash=False)

    @property
    def ref(self) -> str:
        """What stands for the asset in the input of a model: `runflow://assets/{id}`."""
        return REFERENCE + self.id


def asset_of(model: AssetModel) -> Asset:
    """Return the asset that this model describes. Raises ValueError for one without an id."""
    return Asset(
        id=identified("asset", value_or_none(model.id)),
        name=value_or_none(model.name),
        mime_type=value_or_none(model.mime_type),
        size_bytes=value_or_none(model.size_bytes),
        url=value_or_none(model.url),
        created_at=value_or_none(model.created_at),
        raw=model,
    )


def read_asset(response: httpx.Response, expected: UUID | None = None) -> Asset:
    """Return the asset in this answer.

    Raises UnreadableAnswer for one without an id, or with another than `expected`.
    """
    model = parse_leniently(AssetModel, read_object(response))
    return asset_of(require_id(response, "asset", model, expected))
