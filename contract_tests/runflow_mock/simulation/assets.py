"""Assets: uploaded files and their signed URLs.

Inputs refer to them as `runflow://assets/{id}`.
"""

import base64
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import cast
from urllib.parse import quote, unquote_to_bytes

from ..contract.identifiers import named_id
from ..contract.json_types import JsonObject, public
from ..state.clock import api_instant
from ..state.state import State

ASSET_PREFIX = "/_assets/"
UPLOAD_PREFIX = "/_uploads/"
REFERENCE = "runflow://assets/"


class Assets:
    """Keeps uploads until they are confirmed, and assets."""

    def __init__(self, state: State) -> None:
        self._state = state

    def begin_upload(self, organization_id: str, fields: JsonObject, now: datetime) -> JsonObject:
        """Return the upload session: the id of the future asset, and the URL for the PUT."""
        row: JsonObject = {
            **fields,
            "id": self._state.identifiers.new(now),
            "org_id": organization_id,
        }
        self._state.uploads.put(row)
        path = UPLOAD_PREFIX + row["id"]
        url = self._state.urls.sign(path, now, self._state.settings.upload_url_lifetime, "PUT")
        return {"asset_id": row["id"], "upload_url": url}

    def confirm(self, upload: JsonObject, folder_id: str | None, now: datetime) -> JsonObject:
        """Return the asset of a finished upload, made at the first call."""
        made = self._state.assets.get(upload["id"])
        if made is not None:
            return made
        return self._make(
            upload["id"], upload["org_id"], upload["filename"], upload["mime_type"], folder_id, now
        )

    def store(
        self, organization_id: str, content: bytes, media_type: str, now: datetime
    ) -> JsonObject:
        """Keep a file that was part of a request and return its asset."""
        identifier = self._state.identifiers.new(now)
        self._state.files.put(identifier, content)
        name = f"inline.{media_type.rpartition('/')[2]}"
        return self._make(identifier, organization_id, name, media_type, None, now, source="inline")

    def view(self, row: JsonObject, now: datetime) -> JsonObject:
        """Return the asset as the API returns it, with a freshly signed URL."""
        lifetime = self._state.settings.asset_url_lifetime
        name = quote(row["_file"], safe="", errors="replace")
        url = self._state.urls.sign(f"{ASSET_PREFIX}{row['id']}/{name}", now, lifetime)
        thumbnail = url if row["asset_type"] == "image" else None
        return {**public(row), "url": url, "thumbnail_url": thumbnail}

    def keep_inline(self, values: JsonObject, organization_id: str, now: datetime) -> JsonObject:
        """Return the values with each `data:` URI replaced by a reference to a new asset."""

        def kept(text: str) -> str:
            read = read_data_uri(text) if text.startswith("data:") else None
            return (
                text
                if read is None
                else REFERENCE + str(self.store(organization_id, read[1], read[0], now)["id"])
            )

        return cast(JsonObject, _with_texts(values, kept))

    def signed(self, values: JsonObject, organization_id: str, now: datetime) -> JsonObject:
        """Replace each reference to an asset of the organization by a signed URL."""

        def url(text: str) -> str:
            row = (
                self._state.assets.get(text.removeprefix(REFERENCE))
                if text.startswith(REFERENCE)
                else None
            )
            if row is None or row["org_id"] != organization_id:
                return text
            return str(self.view(row, now)["url"])

        return cast(JsonObject, _with_texts(values, url))

    def missing(self, values: JsonObject, organization_id: str) -> str | None:
        """Return the first reference in the input to an asset that the organization lacks."""
        for reference in _references(values):
            row = self._state.assets.get(reference.removeprefix(REFERENCE))
            if row is None or row["org_id"] != organization_id:
                return reference
        return None

    def _make(
        self,
        identifier: str,
        organization_id: str,
        name: str,
        media_type: str,
        folder_id: str | None,
        now: datetime,
        source: str = "upload",
    ) -> JsonObject:
        created = api_instant(now)
        row: JsonObject = {
            "id": identifier,
            "org_id": organization_id,
            "folder_id": folder_id,
            "name": name,
            "r2_key": f"{organization_id}/assets/{identifier}",
            "mime_type": media_type,
            "size_bytes": len(self._state.files.get(identifier) or b""),
            "asset_type": asset_type(media_type),
            "source_type": source,
            "source_id": None,
            "created_by": named_id("user", organization_id),
            "created_at": created,
            "updated_at": created,
            "deleted_at": None,
            "deleted_by": None,
            "_file": name,
        }
        return self._state.assets.put(row)


def asset_type(media_type: str) -> str:
    """Return the type of an asset, such as `image`: the case of a media type does not matter."""
    return media_type.partition("/")[0].lower()


def read_data_uri(uri: str) -> tuple[str, bytes] | None:
    """Return media type and bytes of a `data:` URI, None if it cannot be read."""
    head, comma, data = uri.removeprefix("data:").partition(",")
    if not comma:
        return None
    media_type = head.partition(";")[0] or "text/plain"
    try:
        content = (
            base64.b64decode(data, validate=True)
            if head.endswith(";base64")
            else unquote_to_bytes(data)
        )
    except ValueError:
        return None
    return (media_type, content) if re.fullmatch(r"[\w.+-]+/[\w.+-]+", media_type) else None


def _with_texts(value: object, change: Callable[[str], str]) -> object:
    """Return the JSON value with every text changed, at any depth."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_with_texts(item, change) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _with_texts(item, change) for name, item in cast(JsonObject, value).items()}
    return value


def _references(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.startswith(REFERENCE):
        yield value
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            yield from _references(item)
    elif isinstance(value, dict):
        for item in cast(JsonObject, value).values():
            yield from _references(item)
