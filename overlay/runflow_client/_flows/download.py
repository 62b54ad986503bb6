"""Download a file from the storage: whole or not at all, resumed where it can be."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import ClassVar, Final, Protocol, runtime_checkable

from attrs import define, field, frozen
from runflow_api.http_library import httpx

from .._errors import (
    EXPIRED_STATUSES,
    AddressRefused,
    ConnectionLost,
    DownloadTooLarge,
    InvalidArgument,
    RunflowError,
    StorageRefused,
    WrongContent,
)
from .._files.media_types import (
    HEAD_BYTES,
    content_problem,
    is_data_uri,
    plain_type,
    read_data_uri,
    sniff,
    type_in,
)
from .._http import read_http_date
from .._redaction import show_address
from .._responses import show_cause, storage_refused
from .commands import (
    DEFAULT_MAX_BYTES,
    CloseDownload,
    Context,
    Flow,
    OpenDownload,
    OpenedDownload,
    Progress,
    ReadChunks,
)
from .transfer_retries import TransferRetries

MAX_REDIRECTS: Final = 3

_PROGRESS_BYTES: Final = 1024 * 1024
"""Bytes that must have come since a failure for the next one to count as the first."""

_REFUSAL_PIECES: Final = 8
"""Pieces of a refusal that are looked through for its code. The code stands near its beginning."""

_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)", re.ASCII)

_LENGTH: Final = re.compile(r"\d{1,18}", re.ASCII)

_STRONG_TAG: Final = re.compile(r'"[!#-~]*"')
"""An entity tag that every header can carry back."""

_STRONG_DATE_AGE: Final = timedelta(seconds=60)
"""Age from which Last-Modified is a strong validator (RFC 9110, section 8.8.2.2)."""


def ignore_progress(transferred: int, total: int | None) -> None:
    """Stand in where the caller passes no callback."""


@frozen(kw_only=True)
class Source:
    """Which file to get."""

    url: str = field(repr=False)
    kinds: tuple[str | None, ...] = ()
    """What it can be: `image`, `video`, `audio`."""
    size: int | None = None
    """Bytes that it has, as the run says. It counts where the storage names no length."""
    renew: Callable[[], Flow[str | None]] = field(repr=False)
    """A flow that returns another URL of the same file, or None. Raises RunflowError."""
    queued: bool = True
    """Whether it waits for one of the client's permits for transfers."""


@runtime_checkable
class Sink(Protocol):
    """Takes the bytes of a download in their order."""

    gathered: ClassVar[int]
    """The bytes that it likes to take at once; 1 for whatever there is."""

    def write(self, chunks: Sequence[bytes]) -> Flow[None]:
        """Take these bytes."""
        ...

    def start_again(self) -> Flow[bool]:
        """Forget what was taken; False if that is not possible any more."""
        ...


def fetch(
    context: Context,
    source: Source,
    sink: Sink,
    *,
    max_bytes: int = DEFAULT_MAX_BYTES,
    progress: Progress | None = None,
) -> Flow[str | None]:
    """Hand the file's bytes to the sink, and return its media type, None if it is undecided.

    Raises AddressRefused for a URL that the client does not contact, StorageRefused if the storage
    refuses, WrongContent if it sends something else, DownloadTooLarge beyond `max_bytes`,
    ConnectionLost if the connection keeps breaking, and what the sink raises.
    """
    download = _Download(context, source, sink, max_bytes, progress or ignore_progress)
    yield from download.run()
    return download.media_type


class _Incomplete(httpx.RemoteProtocolError):
    """A body that is not the whole file, or not of the same file."""


@define(eq=False)
class _Download:
    """The download of one file, over as many connections as it takes."""

    context: Context
    source: Source
    sink: Sink
    max_bytes: int
    progress: Progress
    url: str = field(init=False)
    received: int = field(init=False, default=0)
    """Bytes that the sink has."""
    skip: int = field(init=False, default=0)
    """Bytes that come once more although the sink has them."""
    head: bytes | None = field(init=False, default=b"")
    """The first bytes, until they are checked."""
    media_type: str | None = field(init=False, default=None)
    total: int | None = field(init=False, default=None)
    """Bytes of the whole file, by the storage."""
    expected: int | None = field(init=False, default=None)
    """Bytes that the sink has when this answer has ended, by its own headers."""
    validator: str | None = field(init=False, default=None)
    """What identifies this version of the file; None where it cannot be resumed."""
    renewed: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        self.url = self.source.url

    def run(self) -> Flow[None]:
        """Download all of it."""
        if is_data_uri(self.url):
            yield from self._take_inline()
            return
        if self.url.startswith("runflow:"):
            yield from self._renew(AddressRefused(self.url, "only the API resolves this reference"))
        retries = TransferRetries(self.context.retries)
        progress_from = 0
        while True:
            try:
                yield from self._attempt()
                return
            # RequestError includes DecodingError: the body ended within its encoding.
            except httpx.RequestError as error:
                failure: RunflowError = self._lost(show_cause(error), error)
            except StorageRefused as error:
                if error.status in EXPIRED_STATUSES and not self.renewed:
                    yield from self._renew(error)
                    continue
                failure = error
            if self.received >= progress_from + _PROGRESS_BYTES:
                progress_from, retries.failures = self.received, 0
            yield from retries.pause(failure)

    def _lost(self, reason: str, cause: Exception | None = None) -> ConnectionLost:
        if isinstance(cause, _Incomplete):
            reason = str(cause)
        error = ConnectionLost(
            f"the download broke off after {self.received} bytes: {reason}",
            method="GET",
            path=show_address(self.url),
        )
        error.__cause__ = cause
        return error

    def _renew(self, failure: RunflowError) -> Flow[None]:
        """Continue with another URL. Raises the failure of this one where there is no other."""
        self.renewed = True
        try:
            url = yield from self.source.renew()
        except RunflowError as error:
            failure.add_note(f"No fresh URL could be read: {error}")
            raise failure from error
        if url is None:
            raise failure
        self.url = url

    def _attempt(self) -> Flow[None]:
        """Receive what is missing over one connection. Raises RequestError when it breaks."""
        self.skip = 0
        if self.received and self.validator is None:
            yield from self._start_again("the storage names no strong validator to resume with")
        # Ranges count the bytes of the file, not of an encoded one.
        headers = {"Accept-Encoding": "identity"}
        offset = self.received
        if offset and self.validator is not None:
            headers["Range"] = f"bytes={offset}-"
            headers["If-Range"] = self.validator
        else:
            self.head = b""
        opened = yield from self._open(headers)
        try:
            yield from self._begin(opened, offset)
            while chunks := (yield ReadChunks(opened)):
                yield from self._take(opened.response, chunks)
            yield from self._check_head(opened.response)
            yield from self._check_length()
        # A stream that is left in the middle: nothing can be asked of the driver any more.
        except GeneratorExit:
            raise
        except BaseException:
            yield CloseDownload(opened)
            raise
        yield CloseDownload(opened)

    def _open(self, headers: dict[str, str]) -> Flow[OpenedDownload]:
        url = self.url
        for hops in range(MAX_REDIRECTS + 1):
            try:
                opened = yield OpenDownload(
                    url,
                    headers,
                    redirected=hops > 0,
                    queued=self.source.queued,
                    max_bytes=self.max_bytes,
                    gathered=self.sink.gathered,
                )
                assert isinstance(opened, OpenedDownload), (
                    "a driver answers OpenDownload with OpenedDownload"
                )
                if not opened.response.has_redirect_location:
                    return opened
                yield CloseDownload(opened)
                url = str(httpx.URL(url).join(opened.response.headers["Location"]))
            # httpx parses redirects even though it follows none.
            except httpx.InvalidURL:
                raise AddressRefused(url, "it redirects to an invalid URL") from None
        raise AddressRefused(url, f"more than {MAX_REDIRECTS} redirects led to it")

    def _begin(self, opened: OpenedDownload, offset: int) -> Flow[None]:
        """Read the head of the answer. Raises StorageRefused, DownloadTooLarge."""
        response = opened.response
        if offset and response.status_code in {206, 416}:
            if response.status_code == 206 and self._continues(response, offset):
                return
            yield from self._start_again("the storage has another file now")
            raise _Incomplete("the rest that came is not of the same file")
        if response.status_code != 200:
            beginning = yield from _beginning(opened)
            raise storage_refused("GET", self.url, response, beginning)
        validator = _strong_validator(response)
        if self.received and validator is not None and validator == self.validator:
            self.skip = self.received
        elif self.received:
            yield from self._start_again("the storage has another file now")
        self.validator = validator
        self.total = self.expected = _declared_length(response)
        self._check_size(self.total or 0)

    def _continues(self, response: httpx.Response, offset: int) -> bool:
        """Whether the answer is the rest of what the sink has. It may be the first to say how long
        the whole is.
        """
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != offset or "Content-Encoding" in response.headers:
            return False
        whole = self.total if found[3] == "*" else int(found[3])
        if self.total not in {None, whole} or not self._is_same_version(response):
            return False
        self.total, self.expected = whole, int(found[2]) + 1
        return True

    def _is_same_version(self, response: httpx.Response) -> bool:
        """Whether a partial answer contradicts the validator in no header that it repeats."""
        tag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
        if self.validator is not None and self.validator.startswith('"'):
            return tag in {None, self.validator}
        return tag is None and modified in {None, self.validator}

    def _start_again(self, reason: str) -> Flow[None]:
        """Forget what came so far. Raises ConnectionLost where the sink cannot."""
        if not (yield from self.sink.start_again()):
            raise self._lost(reason)
        self.received, self.head, self.total, self.validator = 0, b"", None, None

    def _take(self, response: httpx.Response, chunks: Sequence[bytes]) -> Flow[None]:
        if self.skip:
            rest = b"".join(chunks)
            again = min(self.skip, len(rest))
            self.skip -= again
            chunks = [rest[again:]] if rest[again:] else []
        if self.head is not None:
            self.head += b"".join(chunks)
            if len(self.head) >= HEAD_BYTES:
                yield from self._check_head(response)
        elif chunks:
            yield from self._pass_on(chunks)

    def _check_head(self, response: httpx.Response) -> Flow[None]:
        """Pass the first bytes on, if they are of what it should be. Raises WrongContent."""
        if self.head is None:
            return
        content_type = plain_type(response.headers.get("Content-Type"))
        problem = content_problem(self.head, content_type, self.source.kinds)
        if problem is not None:
            raise WrongContent(problem, url=self.url)
        head, self.head = self.head, None
        self.media_type = sniff(head) or content_type
        yield from self._pass_on([head])

    def _check_length(self) -> Flow[None]:
        """Raise RemoteProtocolError unless the file is whole.

        Where the storage names no length, the size that the run names counts, as far as the file
        must not be shorter.
        """
        if self.expected is not None and self.received > self.expected:
            yield from self._start_again("the storage sent more bytes than it declared")
            raise _Incomplete("the body is longer than the storage declared")
        if self.total is None:
            missing = (self.source.size or 0) - self.received
            if missing > 0:
                raise _Incomplete(f"the body is {missing} bytes shorter than the run says")
        elif self.received != self.total:
            raise _Incomplete("the body is not as long as the storage declared")

    def _pass_on(self, chunks: Sequence[bytes]) -> Flow[None]:
        received = self.received + sum(map(len, chunks))
        self._check_size(received)
        yield from self.sink.write(chunks)
        self.received = received
        self.progress(self.received, self.total)

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            raise DownloadTooLarge(url=self.url, size=size, max_bytes=self.max_bytes)

    def _take_inline(self) -> Flow[None]:
        """Decode the file that stands in the URL itself."""
        try:
            content = read_data_uri(self.url)
        except ValueError as error:
            raise InvalidArgument(f"the output is {error}") from None
        answer = httpx.Response(200, headers={"Content-Type": type_in(self.url) or ""})
        self.total, self.head = len(content), content
        yield from self._check_head(answer)


def _declared_length(response: httpx.Response) -> int | None:
    """Return the bytes of the file by its Content-Length, None where that does not say them."""
    headers = response.headers
    length = headers.get("Content-Length", "")
    counts_the_file = _LENGTH.fullmatch(length) and not (
        "Content-Encoding" in headers or "Transfer-Encoding" in headers
    )
    return int(length) if counts_the_file else None


def _beginning(opened: OpenedDownload) -> Flow[bytes]:
    """Read the beginning of a refusal. It is a refusal also where its body breaks off."""
    found = b""
    try:
        for _ in range(_REFUSAL_PIECES):
            pieces = yield ReadChunks(opened)
            found += b"".join(pieces)
            if not pieces or len(found) > HEAD_BYTES:
                break
    except httpx.RequestError:
        pass
    return found


def _strong_validator(response: httpx.Response) -> str | None:
    """Return the value for If-Range that identifies one version of the file byte by byte.

    A strong ETag, or without any ETag a Last-Modified that is old enough. None for an encoded
    body: ranges would count encoded bytes.
    """
    if "Content-Encoding" in response.headers:
        return None
    tag = response.headers.get("ETag", "")
    if tag:
        return tag if _STRONG_TAG.fullmatch(tag) else None
    modified = response.headers.get("Last-Modified", "")
    changed, sent = read_http_date(modified), read_http_date(response.headers.get("Date", ""))
    is_strong = changed is not None and sent is not None and sent - changed >= _STRONG_DATE_AGE
    return modified if is_strong else None
