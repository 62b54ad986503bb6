"""Upload local files as assets, and put their references into an input."""

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from attrs import evolve, field, frozen
from runflow_api.api.media import confirm_asset_upload, create_asset_upload, get_asset
from runflow_api.http_library import httpx
from runflow_api.models.asset_upload_confirm import AssetUploadConfirm
from runflow_api.models.asset_upload_create import AssetUploadCreate

from .._errors import (
    AddressRefused,
    ApiError,
    InvalidArgument,
    NotFound,
    RateLimited,
    RunflowError,
    ServerError,
    StorageRefused,
    TransportError,
    UnreadableAnswer,
)
from .._json import as_text
from .._models.asset import Asset, read_asset
from .._redaction import show_address
from .._responses import read_object, storage_error_code, transport_error, unreadable
from .._typed_inputs.files import is_local_file
from .._typed_inputs.local_file import LocalFile, inspect_file
from .._validation import check_json
from .commands import Context, Flow, PutFile, RunBlocking, WithLock, sleep
from .download import RETRY_PAUSES, Progress
from .request import send_with_retries
from .retry import is_retryable_status


@frozen
class AssetKey:
    """What makes two uploads the same: the bytes (their SHA-256), the media type, the folder."""

    digest: str
    media_type: str
    folder_id: UUID | None


class UploadCache:
    """The files that one client has uploaded, so that it uploads none twice. May be used from any
    thread.
    """

    MOST: Final = 4096
    LIFETIME: Final = 3600.0
    """Seconds after which an asset is asked for again before it is relied upon: it may have been
    deleted.
    """

    def __init__(self) -> None:
        self._assets: OrderedDict[AssetKey, tuple[Asset, float]] = OrderedDict()

    def remember(self, key: AssetKey, asset: Asset, now: float) -> None:
        """This file is that asset; `now` is monotonic seconds."""
        self._assets[key] = asset, now
        while len(self._assets) > self.MOST:
            self._assets.popitem(last=False)

    def find(self, key: AssetKey) -> Asset | None:
        """The asset that the file was uploaded as, None if it was not."""
        found = self._assets.get(key)
        return None if found is None else found[0]

    def is_fresh(self, key: AssetKey, now: float) -> bool:
        """Whether the asset was there lately."""
        found = self._assets.get(key)
        return found is not None and now - found[1] < self.LIFETIME

    def forget(self, key: AssetKey) -> None:
        """The asset is not there any more."""
        self._assets.pop(key, None)


MAX_INLINE_BYTES: Final = 1024 * 1024
"""Bytes that a file may have to go into the input itself."""


_MIN_PUT_TIMEOUT: Final = 120
"""Seconds that even a small file has to reach the storage."""


_MIN_BYTES_PER_SECOND: Final = 262_144
"""Bytes a second; a connection slower than this is given up."""


_MAX_DEPTH: Final = 100


T = TypeVar("T")


@frozen
class AssetFlows:
    """The flows of assets, of one client: what was uploaded once is not uploaded again."""

    context: Context
    assets: UploadCache = field(factory=UploadCache)

    def get(self, asset_id: UUID) -> Flow[Asset]:
        """Read the asset; its URL comes freshly signed."""
        return read_asset(
            (yield from send_with_retries(self.context, get_asset.build_request(asset_id)))
        )

    def upload(
        self,
        file: object,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        folder_id: UUID | None = None,
        progress: Progress | None = None,
    ) -> Flow[Asset]:
        """Upload a pathlib.Path, bytes or an open binary file, as Assets.upload does."""
        content: LocalFile = yield RunBlocking(
            lambda: inspect_file(file, "the file", name=name, media_type=mime_type)
        )
        try:
            # One that is known is read again: for the URL, and because it may have been deleted.
            return (
                yield from self._upload(content, folder_id, progress or _nobody, look_again=True)
            )
        finally:
            content.close()

    def resolve_files(
        self, values: Mapping[str, Any], *, inline_below: int = 0, progress: Progress | None = None
    ) -> Flow[dict[str, Any]]:
        """The input with `runflow://assets/{id}` in the place of every file of this machine, at
        whatever depth.

        All files are looked at before the first is uploaded. Files of fewer bytes than
        `inline_below` go into the input as data URIs instead. `progress` hears of the bytes of all
        files together. Raises InvalidArgument, naming the place, for a file that cannot be
        uploaded, and what `upload` raises.
        """
        if not 0 <= inline_below <= MAX_INLINE_BYTES:
            raise InvalidArgument(
                f"inline_below is {inline_below}: expected 0 to {MAX_INLINE_BYTES} bytes"
            )
        return dict((yield from self._resolve(values, "input", inline_below, progress)))

    def resolve_files_of_all(
        self, inputs: Sequence[Mapping[str, Any]]
    ) -> Flow[list[dict[str, Any]]]:
        """The inputs of one batch, as resolve_files gives each; all files of all are looked at
        first.
        """
        return [dict(values) for values in (yield from self._resolve(inputs, "inputs", 0, None))]

    def _resolve(
        self, values: object, place: str, inline_below: int, progress: Progress | None
    ) -> Flow[Any]:
        found = {id(file): (place, file) for place, file in _files_in(values, place, _MAX_DEPTH)}
        if not found:
            return values
        plain = check_json(values, place, leave=is_local_file)
        contents: dict[int, LocalFile] = {}
        try:
            for identity, (place, file) in found.items():
                contents[identity] = yield RunBlocking(partial(inspect_file, file, place))
            tell = _Sum(sum(content.size for content in contents.values()), progress or _nobody)
            sendable: dict[int, str] = {}
            for identity, content in contents.items():
                if content.size < inline_below:
                    sendable[identity] = yield RunBlocking(content.data_uri)
                else:
                    asset = yield from self._upload(content, None, tell.of_one)
                    sendable[identity] = asset.ref
                tell.done(content.size)
        finally:
            for content in contents.values():
                content.close()
        return _replaced(plain, sendable)

    def _upload(
        self,
        content: LocalFile,
        folder_id: UUID | None,
        progress: Progress,
        *,
        look_again: bool = False,
    ) -> Flow[Asset]:
        """The asset of the content. One that is known is asked for again after a while, or if
        `look_again`.
        """
        key = AssetKey(content.digest, content.media_type, folder_id)
        asset: Asset = yield WithLock(key, self._upload_once(key, content, progress, look_again))
        progress(content.size, content.size)
        return asset

    def _upload_once(
        self, key: AssetKey, content: LocalFile, progress: Progress, look_again: bool
    ) -> Flow[Asset]:
        asset = self.assets.find(key)
        if asset is not None:
            if self.assets.is_fresh(key, self.context.now()) and not look_again:
                return asset
            try:
                asset = yield from self.get(UUID(asset.id))
            except NotFound:
                self.assets.forget(key)
                asset = None
        if asset is None:
            asset = yield from self._send(content, key.folder_id, progress)
        self.assets.remember(key, asset, self.context.now())
        return asset

    def _send(self, content: LocalFile, folder_id: UUID | None, progress: Progress) -> Flow[Asset]:
        body = AssetUploadCreate(
            filename=content.name, mime_type=content.media_type, size_bytes=content.size
        )
        once = evolve(self.context, retries=evolve(self.context.retries, attempts=1))
        session = yield from self._tried(
            lambda _: send_with_retries(once, create_asset_upload.build_request(body=body))
        )
        asset_id, url = _read_session(session)
        yield from self._tried(lambda _: _put(content, url, progress))
        confirmation = confirm_asset_upload.build_request(
            asset_id, body=AssetUploadConfirm(folder_id=folder_id)
        )

        def confirm(failures: int) -> Flow[httpx.Response]:
            try:
                return (yield from send_with_retries(once, confirmation))
            except ApiError as error:
                if not failures or isinstance(error, ServerError | RateLimited):
                    raise
            # An attempt whose answer was lost may have made the asset, and this one was refused for
            # it.
            return (yield from send_with_retries(once, get_asset.build_request(asset_id)))

        return read_asset((yield from self._tried(confirm)))

    def _tried(self, step: Callable[[int], Flow[T]]) -> Flow[T]:
        """The step's outcome, tried up to three times. The step is told how often it has failed."""
        policy = self.context.retries
        tries = min(1 + len(RETRY_PAUSES), policy.attempts)
        for failures in range(tries):
            try:
                return (yield from step(failures))
            except RunflowError as error:
                if failures + 1 == tries or not _may_pass(error):
                    raise
                pause = RETRY_PAUSES[failures]
                if isinstance(error, RateLimited) and error.retry_after is not None:
                    if error.retry_after > policy.longest_retry_after:
                        raise
                    pause = max(pause, error.retry_after)
            yield from sleep(pause)
        raise AssertionError("the last try returns or raises")


def _put(content: LocalFile, url: str, progress: Progress) -> Flow[None]:
    sent = 0

    def on_sent(size: int) -> None:
        nonlocal sent
        sent += size
        progress(sent, content.size)

    headers = {"Content-Type": content.media_type, "Content-Length": str(content.size)}
    seconds = float(max(_MIN_PUT_TIMEOUT, math.ceil(content.size / _MIN_BYTES_PER_SECOND)))
    try:
        response = yield PutFile(url, content.pieces, headers, seconds, on_sent)
        assert isinstance(response, httpx.Response), "a driver answers Upload with a response"
    except httpx.InvalidURL:
        raise AddressRefused(url, "it redirects to an invalid URL") from None
    except httpx.TransportError as error:
        raise transport_error({"method": "PUT", "url": show_address(url)}, error) from error
    if not response.is_success:
        raise StorageRefused(
            method="PUT",
            url=url,
            status=response.status_code,
            code=storage_error_code(response.content),
        )


def _may_pass(error: RunflowError) -> bool:
    """Whether the same step may go well a moment later."""
    if isinstance(error, StorageRefused):
        return is_retryable_status(error.status)
    if isinstance(error, ApiError):
        return is_retryable_status(error.status)
    return isinstance(error, TransportError) and not isinstance(error, UnreadableAnswer)


def _read_session(response: httpx.Response) -> tuple[UUID, str]:
    session = read_object(response)
    url = as_text(session.get("upload_url"))
    try:
        asset_id = UUID(as_text(session.get("asset_id")) or "")
    except ValueError:
        asset_id = None
    if asset_id is None or url is None:
        raise unreadable(response, "expected an upload session with asset_id and upload_url")
    return asset_id, url


def _files_in(value: object, place: str, depth: int) -> Iterator[tuple[str, object]]:
    """Every file of this machine in the input with its place. What is nested too deep is refused
    later, as JSON.
    """
    if depth == 0 or value is None or isinstance(value, str | int | float):
        return
    if isinstance(value, Mapping):
        for key, member in cast("Mapping[object, object]", value).items():
            yield from _files_in(member, f"{place}.{key}", depth - 1)
    elif isinstance(value, list | tuple):
        for number, member in enumerate(cast("list[object]", value)):
            yield from _files_in(member, f"{place}[{number}]", depth - 1)
    elif is_local_file(value):
        yield place, value


def _replaced(value: object, sendable: Mapping[int, str]) -> object:
    if id(value) in sendable:
        return sendable[id(value)]
    if isinstance(value, dict):
        return {
            key: _replaced(member, sendable)
            for key, member in cast("dict[str, object]", value).items()
        }
    if isinstance(value, list):
        return [_replaced(member, sendable) for member in cast("list[object]", value)]
    return value


def _nobody(sent: int, total: int | None) -> None:
    """Hears of no progress."""


class _Sum:
    """Progress over several files."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total = total
        self._progress = progress
        self._before = 0

    def of_one(self, sent: int, total: int | None) -> None:
        """So much of the present file went."""
        self._progress(self._before + sent, self._total)

    def done(self, size: int) -> None:
        """The present file, of that size, is through."""
        self._before += size
        self._progress(self._before, self._total)
