"""What a run made: one list of artifacts, whatever shape the server gave them, each of which can be saved.

Runflow's normalized form is `{"outputs": [{"url", "type", ...}]}`; older models answer `{"image_urls": [...]}`, and workflows
answer lists of URLs keyed by output id. All are read.
"""

import base64
import binascii
import mimetypes
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import IO, Any, Final
from urllib.parse import unquote_to_bytes, urlsplit

from attrs import field, frozen
from runflow_api.http_library import httpx

from .drivers import AsyncDriver, Driver
from .errors import ConnectionLost, InvalidArgument, UnreadableAnswer
from .flows import Download, Flow
from .json_shapes import as_list, as_object, as_text, objects_in
from .redaction import redact_url

_URL_SCHEMES: Final = ("http", "https", "data")
_LEGACY_TYPES: Final = {
    "image_urls": "image",
    "video_urls": "video",
    "audio_urls": "audio",
    "image": "image",
    "video": "video",
    "audio": "audio",
}


@frozen(kw_only=True)
class BaseArtifact:
    """One thing that a run made.

    `type` is `image`, `video` or `audio` where the server says so; `width` and `height` are pixels, `duration` seconds.
    `details` holds everything the server said about it. The URL is signed and expires: save soon.
    """

    url: str = field(repr=redact_url)
    type: str | None
    width: int | None
    height: int | None
    duration: float | None
    name: str
    details: Mapping[str, Any] = field(repr=False)


@frozen(kw_only=True)
class Artifact(BaseArtifact):
    """An artifact of a synchronous client."""

    _driver: Driver = field(repr=False, eq=False, alias="driver")

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Stream it to a file, or into a folder under its own name, and give back the path.

        Nothing half-written ever stands under the final name. Raises FileExistsError for a target that is there already
        unless `overwrite`, UnreadableAnswer when the storage refuses (an expired URL), ConnectionLost when the download breaks.
        """
        return self._driver.drive(_save(self, Path(path), overwrite))


@frozen(kw_only=True)
class AsyncArtifact(BaseArtifact):
    """An artifact of an asynchronous client."""

    _driver: AsyncDriver = field(repr=False, eq=False, alias="driver")

    async def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
        """Stream it to a file, or into a folder under its own name, and give back the path; raises as Artifact.save does."""
        return await self._driver.drive(_save(self, Path(path), overwrite))


def read_artifacts(output: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The arguments of an artifact for each thing in a run's output, whichever of the shapes it has."""
    if output is None:
        return []
    if as_list(output.get("outputs")) is not None:
        found = [(as_text(entry.get("type")), entry) for entry in objects_in(output["outputs"])]
    else:
        found = [
            (_LEGACY_TYPES.get(key), as_object(entry) or {"url": entry})
            for key, value in output.items()
            for entry in (as_list(value) or [value])
        ]
    usable = [(kind, entry) for kind, entry in found if _is_url(entry.get("url"))]
    return [_facts(kind, entry, number) for number, (kind, entry) in enumerate(usable, start=1)]


def _is_url(value: object) -> bool:
    return isinstance(value, str) and value.partition(":")[0].lower() in _URL_SCHEMES


def _facts(kind: str | None, entry: Mapping[str, Any], number: int) -> dict[str, Any]:
    url = entry["url"]
    width, height, duration = entry.get("width"), entry.get("height"), entry.get("duration")
    return {
        "url": url,
        "type": kind,
        "width": width if isinstance(width, int) else None,
        "height": height if isinstance(height, int) else None,
        "duration": float(duration) if isinstance(duration, int | float) else None,
        "name": _safe_name(url, number),
        "details": dict(entry),
    }


def _safe_name(url: str, number: int) -> str:
    """A file name without anything of a path in it: the server's last path segment where it is plain, else a number."""
    if url.lower().startswith("data:"):
        suffix = mimetypes.guess_extension(url[5:].partition(",")[0].partition(";")[0]) or ".bin"
        return f"output-{number}{suffix}"
    last = PurePosixPath(urlsplit(url).path).name
    kept = "".join(letter for letter in last if letter.isascii() and (letter.isalnum() or letter in "._-")).lstrip(".")
    return kept[:120] or f"output-{number}.bin"


def _save(artifact: BaseArtifact, path: Path, overwrite: bool) -> Flow[Path]:
    target = path / artifact.name if path.is_dir() else path
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} exists already: give another name or overwrite=True")
    part = tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name[:60]}.", suffix=".part", delete=False)  # noqa: SIM115 # renamed, not deleted
    try:
        with part:
            yield from _fill(artifact.url, part)
            part.flush()
            os.fsync(part.fileno())
        os.replace(part.name, target)
    except BaseException:
        Path(part.name).unlink(missing_ok=True)
        raise
    return target


def _fill(url: str, part: IO[bytes]) -> Flow[None]:
    if url.lower().startswith("data:"):
        part.write(_read_data_uri(url))
        return
    place = redact_url(url)
    try:
        response = yield Download(url, part.write)
        assert isinstance(response, httpx.Response), "a driver answers Download with a response"
    except httpx.TransportError as error:
        raise ConnectionLost(f"the download broke off: {type(error).__name__}", method="GET", path=place) from error
    if not response.is_success:
        raise UnreadableAnswer(
            "the storage refused the download; signed URLs expire: read the run again for a fresh one",
            method="GET",
            path=place,
            status=response.status_code,
        )


def _read_data_uri(uri: str) -> bytes:
    header, comma, data = uri[5:].partition(",")
    if not comma:
        raise InvalidArgument("the output is a data URI without data")
    if not header.endswith(";base64"):
        return unquote_to_bytes(data)
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise InvalidArgument(f"the output is a data URI that is not base64: {error}") from None
