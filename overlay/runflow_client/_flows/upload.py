"""Upload local files as assets, and put their references into an input."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import partial
from typing import Any, Final, TypeVar
from uuid import UUID

from attrs import define, field, frozen
from runflow_api.api.media import (
    confirm_asset_upload,
    create_asset_upload,
    delete_asset,
    get_asset,
)
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
)
from .._json import as_text
from .._models.asset import Asset, read_asset
from .._redaction import show_address
from .._responses import read_object, storage_refused, transport_error, unreadable
from .._typed_inputs.files import keep_local_file
from .._typed_inputs.local_file import LocalFile, inspect_file
from .._validation import check_json, make_idempotency_key
from .commands import Context, Flow, Progress, PutFile, RunBlocking, WithLock
from .download import ignore_progress
from .request import check_own, send_delete, send_with_retries
from .transfer_retries import TransferRetries
from .upload_cache import AssetKey, UploadCache

MAX_INLINE_BYTES: Final = 1024 * 1024
"""Bytes that a file may have to go into the input itself."""

_MIN_PUT_TIMEOUTS: Final = 2
"""Even a small file has so many times the client's `timeout` to reach the storage."""

_MIN_BYTES_PER_SECOND: Final = 262_144
"""Bytes a second; a slower upload is abandoned."""

T = TypeVar("T")


@define(eq=False, repr=False)
class FilesOfInputs:
    """The local files of some inputs, which stay open until they are closed."""

    inputs: list[dict[str, Any]]
    """Plain JSON, but for the files."""
    inline_below: int
    contents: dict[int, LocalFile] = field(factory=dict[int, LocalFile])
    """What was found in each file, by the identity of the file."""

    def close(self) -> None:
        """Close the files that were opened for this."""
        for content in self.contents.values():
            content.close()


@frozen
class AssetFlows:
    """The flows of assets of one client, which uploads no file twice."""

    context: Context
    assets: UploadCache

    def get(self, asset_id: UUID) -> Flow[Asset]:
        """Read the asset; its URL comes freshly signed."""
        response = yield from send_with_retries(self.context, get_asset.build_request(asset_id))
        return read_asset(response, asset_id)

    def delete(self, asset_id: UUID) -> Flow[None]:
        """Delete the asset, and forget that it was uploaded: also where others have deleted it, and
        where it is not known whether it was deleted.
        """
        try:
            yield from send_delete(self.context, delete_asset.build_request(asset_id))
        finally:
            self.assets.forget_asset(str(asset_id))

    def upload(
        self,
        file: object,
        *,
        name: str | None = None,
        mime_type: str | None = None,
        folder_id: UUID | None = None,
        progress: Progress | None = None,
    ) -> Flow[Asset]:
        """Upload a local file, as Assets.upload does."""
        content: LocalFile = yield RunBlocking(
            lambda: inspect_file(file, "the file", name=name, media_type=mime_type)
        )
        try:
            # A cached asset is read again, for its URL and because it may have been deleted.
            return (
                yield from self._upload(
                    content, folder_id, progress or ignore_progress, read_again=True
                )
            )
        finally:
            content.close()

    def inspect_files(
        self,
        inputs: Mapping[str, Mapping[str, Any]],
        *,
        inline_below: int = 0,
        model: str | None = None,
        unchecked: Collection[str] = (),
    ) -> Flow[FilesOfInputs]:
        """Inspect the local files of these inputs, at whatever depth. Nothing is sent.

        Raises InvalidArgument, naming the place, for a file that cannot be uploaded.

        Args:
            inputs: the inputs, by what errors call them, such as `inputs[0]`.
            inline_below: files of fewer bytes go into the input as data URIs.
            model: the model that takes the input; a file of another kind than it takes is refused.
            unchecked: the inputs whose files may be of any kind.
        """
        if not 0 <= inline_below <= MAX_INLINE_BYTES:
            raise InvalidArgument(
                f"inline_below is {inline_below}: expected 0 to {MAX_INLINE_BYTES} bytes"
            )
        found: dict[int, tuple[str, object]] = {}
        uses: list[tuple[int, str]] = []

        def find(value: object, place: str) -> object:
            file = keep_local_file(value, place)
            found.setdefault(id(file), (place, file))
            owner, _, within = place.partition(".")
            if owner not in unchecked:
                uses.append((id(file), within))
            return file

        files = FilesOfInputs(
            [check_json(values, place, replace=find) for place, values in inputs.items()],
            inline_below,
        )
        try:
            for identity, (place, file) in found.items():
                files.contents[identity] = yield RunBlocking(partial(inspect_file, file, place))
            if model is not None and uses:
                _check_kinds(model, ((files.contents[identity], place) for identity, place in uses))
        except BaseException:
            files.close()
            raise
        return files

    def upload_files(
        self, files: FilesOfInputs, progress: Progress | None = None
    ) -> Flow[list[dict[str, Any]]]:
        """Upload the files, and return the inputs with `runflow://assets/{id}` in their places.

        `progress` is called with the bytes of all files together. Raises what `upload` raises.
        """
        total = sum(content.size for content in files.contents.values())
        sum_up = _SummedProgress(total, progress or ignore_progress)
        sendable: dict[int, str] = {}
        for identity, content in files.contents.items():
            if content.size < files.inline_below:
                sendable[identity] = yield RunBlocking(content.data_uri)
            else:
                asset = yield from self._upload(content, None, sum_up.sent)
                sendable[identity] = asset.ref
            sum_up.finish_file(content.size)
        if not sendable:
            return files.inputs
        return [
            check_json(values, replace=lambda file, _: sendable[id(file)])
            for values in files.inputs
        ]

    def _upload(
        self,
        content: LocalFile,
        folder_id: UUID | None,
        progress: Progress,
        *,
        read_again: bool = False,
    ) -> Flow[Asset]:
        key = AssetKey(content.digest, content.media_type, folder_id)
        asset: Asset = yield WithLock(key, self._upload_once(key, content, progress, read_again))
        progress(content.size, content.size)
        return asset

    def _upload_once(
        self, key: AssetKey, content: LocalFile, progress: Progress, read_again: bool
    ) -> Flow[Asset]:
        """Upload the content, unless its asset is cached and still there.

        A cached asset is read again after its lifetime, or at once with `read_again`.
        """
        asset = self.assets.find(key)
        if asset is not None:
            if self.assets.is_fresh(key, self.context.now()) and not read_again:
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
        once = self.context.once
        own = make_idempotency_key()

        def open_session(_: int) -> Flow[tuple[UUID, str]]:
            answer = yield from send_with_retries(
                once, create_asset_upload.build_request(body=body)
            )
            session = _read_session(answer)
            check_own(once, answer, "asset", session[0], own)
            return session

        asset_id, url = yield from self._with_retries(open_session)
        yield from self._with_retries(lambda _: _put(content, url, progress, self.context.timeout))
        confirmation = confirm_asset_upload.build_request(
            asset_id, body=AssetUploadConfirm(folder_id=folder_id)
        )

        def confirm(failures: int) -> Flow[httpx.Response]:
            try:
                return (yield from send_with_retries(once, confirmation))
            except ApiError as error:
                if not failures or isinstance(error, ServerError | RateLimited):
                    raise
            # A failed attempt may have been acted upon: then the server refuses to confirm twice.
            return (yield from send_with_retries(once, get_asset.build_request(asset_id)))

        try:
            answer = yield from self._with_retries(confirm)
            asset = read_asset(answer, asset_id)
            if asset.size_bytes is not None and asset.size_bytes < content.size:
                raise unreadable(
                    answer,
                    f"the asset has {asset.size_bytes} bytes, and the file {content.size}: the "
                    "storage did not keep all of it",
                )
            return asset
        except BaseException as error:
            if not isinstance(error, GeneratorExit):
                error.add_note(f"The file may have been uploaded as asset {asset_id}.")
            raise

    def _with_retries(self, step: Callable[[int], Flow[T]]) -> Flow[T]:
        """Repeat the step while that may help. It is called with the number of failures."""
        retries = TransferRetries(self.context.retries)
        while True:
            try:
                return (yield from step(retries.failures))
            except RunflowError as error:
                yield from retries.pause(error)


def _check_kinds(model: str, uses: Iterable[tuple[LocalFile, str]]) -> None:
    """Refuse a file of another kind than the field takes, by its place such as `image_urls[0]`."""
    from .._estimate import media_kinds  # knows the catalog, which only inputs with files need

    kinds = media_kinds(model)
    for content, place in uses:
        for name, expected in kinds.items():
            if place == name or place.startswith((f"{name}[", f"{name}.")):
                content.check_kind(expected)


def _put(content: LocalFile, url: str, progress: Progress, timeout: float) -> Flow[None]:
    sent = 0

    def on_sent(size: int) -> None:
        nonlocal sent
        sent += size
        progress(sent, content.size)

    headers = {"Content-Type": content.media_type, "Content-Length": str(content.size)}
    seconds = max(_MIN_PUT_TIMEOUTS * timeout, content.size / _MIN_BYTES_PER_SECOND)
    try:
        response = yield PutFile(url, content.pieces, headers, seconds, on_sent)
        assert isinstance(response, httpx.Response), "a driver answers PutFile with a response"
    except httpx.InvalidURL:
        raise AddressRefused(url, "it redirects to an invalid URL") from None
    except httpx.TransportError as error:
        raise transport_error({"method": "PUT", "url": show_address(url)}, error) from error
    if not response.is_success:
        raise storage_refused("PUT", url, response, response.content)


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


class _SummedProgress:
    """Adds up the progress of several files."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._total = total
        self._progress = progress
        self._before = 0

    def sent(self, sent: int, total: int | None) -> None:
        """Report so many bytes of the present file."""
        self._progress(self._before + sent, self._total)

    def finish_file(self, size: int) -> None:
        """Count the present file as sent."""
        self._before += size
        self._progress(self._before, self._total)
