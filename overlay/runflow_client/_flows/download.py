"""Download a file from the storage: whole or not at all, resumed where it can be."""

import re
from collections.abc import Callable
from typing import Final, Protocol

from attrs import define, field, frozen
from runflow_api.http_library import httpx

from .._errors import (
    EXPIRED_STATUSES,
    AddressRefused,
    ConnectionLost,
    DownloadTooLarge,
    RunflowError,
    StorageRefused,
    WrongContent,
)
from .._media_types import (
    HEAD_BYTES,
    content_problem,
    is_data_uri,
    plain_type,
    read_data_uri,
    type_in,
)
from .._redaction import show_address
from .._responses import storage_error_code
from .commands import CloseDownload, Context, Flow, OpenDownload, OpenedDownload, ReadChunk, sleep
from .retry import is_retryable_status

DEFAULT_MAX_BYTES: Final = 2 * 1024**3


RETRY_PAUSES: Final = (0.25, 0.75)
"""Seconds before the second and the third try of a transfer, as the official client has them."""


MAX_REDIRECTS: Final = 3


_MAX_RESUMES_WITHOUT_PROGRESS: Final = 1024 * 1024
"""Bytes that must have come for a broken connection to count as the first again."""


_CONTENT_RANGE: Final = re.compile(r"bytes (\d{1,18})-\d+/(\d{1,18}|\*)", re.ASCII)


Progress = Callable[[int, int | None], object]
"""Called with the bytes that went so far and the bytes in all, None where that is not known."""


@frozen(kw_only=True)
class Source:
    """Which file to get."""

    url: str = field(repr=False)
    kinds: tuple[str | None, ...] = ()
    """`image`, `video`, `audio`: what it can be."""
    renew: Callable[[], Flow[str | None]] = field(repr=False)
    """A flow that gives another URL of the same file, None if there is none. Raises RunflowError.
    """
    queued: bool = True
    """Whether it waits for one of the client's places for transfers."""


class Sink(Protocol):
    """Takes the bytes of a download in their order."""

    def write(self, chunk: bytes) -> Flow[None]:
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
) -> Flow[None]:
    """Hand the file's bytes to the sink.

    Raises AddressRefused for a URL that the client does not contact, StorageRefused if the storage
    refuses, WrongContent if it sends something else, DownloadTooLarge beyond `max_bytes`,
    ConnectionLost if the connection keeps breaking, and what the sink raises.
    """
    yield from _Download(context, source, sink, max_bytes, progress or _nobody).run()


def _nobody(received: int, total: int | None) -> None:
    """Hears of no progress."""


@define(eq=False)
class _Download:
    """One file on its way, over as many connections as it takes."""

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
    """The beginning, until it is checked."""
    total: int | None = field(init=False, default=None)
    validator: str | None = field(init=False, default=None)
    renewed: bool = field(init=False, default=False)

    def __attrs_post_init__(self) -> None:
        self.url = self.source.url

    def run(self) -> Flow[None]:
        """All of it."""
        if is_data_uri(self.url):
            yield from self._take_inline()
            return
        if self.url.startswith("runflow:"):
            yield from self._renew(AddressRefused(self.url, "only the API resolves this reference"))
        tries = min(1 + len(RETRY_PAUSES), self.context.retries.attempts)
        failures = landmark = 0
        while True:
            try:
                yield from self._attempt()
                return
            # DecodingError, too: the storage packs what should not be packed
            except httpx.RequestError as error:
                trouble: RunflowError = ConnectionLost(
                    f"the download broke off after {self.received} bytes: {type(error).__name__}",
                    method="GET",
                    path=show_address(self.url),
                )
                trouble.__cause__ = error
            except StorageRefused as error:
                if error.status in EXPIRED_STATUSES and not self.renewed:
                    yield from self._renew(error)
                    continue
                if not is_retryable_status(error.status):
                    raise
                trouble = error
            if self.received >= landmark + _MAX_RESUMES_WITHOUT_PROGRESS:
                landmark, failures = self.received, 0
            failures += 1
            if failures >= tries:
                raise trouble
            yield from sleep(RETRY_PAUSES[failures - 1])

    def _renew(self, trouble: RunflowError) -> Flow[None]:
        """Go on with another URL, or raise what is the trouble with this one."""
        self.renewed = True
        try:
            url = yield from self.source.renew()
        except RunflowError as error:
            trouble.add_note(f"A fresh URL could not be had: {error}")
            raise trouble from error
        if url is None:
            raise trouble
        self.url = url

    def _attempt(self) -> Flow[None]:
        """Receive what is missing over one connection. Raises RequestError when it breaks."""
        self.skip = 0
        # ranges count the bytes of the file, not of a packed one
        headers = {"Accept-Encoding": "identity"}
        asked = self.received
        if asked:
            headers["Range"] = f"bytes={asked}-"
            if self.validator is not None:
                headers["If-Range"] = self.validator
        else:
            self.head = b""
        opened = yield from self._open(headers)
        try:
            yield from self._begin(opened, asked)
            while chunk := (yield ReadChunk(opened)):
                yield from self._take(opened.response, chunk)
            yield from self._check_head(opened.response)
            if self.total is not None and self.received != self.total:
                if self.received > self.total:
                    yield from self._start_again()
                raise httpx.RemoteProtocolError("the body is not as long as was told")
        # nobody wants the rest of a stream; nothing can be asked of the driver any more
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
                    url, headers, redirected=hops > 0, queued=self.source.queued
                )
                assert isinstance(opened, OpenedDownload), (
                    "a driver answers Open with what it opened"
                )
                if not opened.response.has_redirect_location:
                    return opened
                yield CloseDownload(opened)
                url = str(httpx.URL(url).join(opened.response.headers["Location"]))
            # the library looks at redirects, too, although it follows none
            except httpx.InvalidURL:
                raise AddressRefused(url, "it redirects to an invalid URL") from None
        raise AddressRefused(url, f"more than {MAX_REDIRECTS} redirects led to it")

    def _begin(self, opened: OpenedDownload, asked: int) -> Flow[None]:
        """Read the head of the answer. Raises StorageRefused, DownloadTooLarge."""
        response = opened.response
        if asked and response.status_code in {206, 416}:
            if response.status_code == 206 and self._continues(response, asked):
                return
            yield from self._start_again()
            raise httpx.RemoteProtocolError("the rest that came is not of the same file")
        if response.status_code != 200:
            beginning = yield ReadChunk(opened)
            raise StorageRefused(
                method="GET",
                url=self.url,
                status=response.status_code,
                code=storage_error_code(beginning),
            )
        validator = _validator(response)
        if self.received and validator is not None and validator == self.validator:
            self.skip = self.received
        elif self.received:
            yield from self._start_again()
        self.validator = validator
        length = response.headers.get("Content-Length", "")
        self.total = (
            int(length)
            if length.isdecimal() and "Content-Encoding" not in response.headers
            else None
        )
        self._check_size(self.total or 0)

    def _continues(self, response: httpx.Response, asked: int) -> bool:
        """Whether the answer is the rest of what the sink has. It may be the first to tell how long
        the whole is.
        """
        found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != asked or "Content-Encoding" in response.headers:
            return False
        whole = self.total if found[2] == "*" else int(found[2])
        if self.total not in {None, whole} or _validator(response) not in {None, self.validator}:
            return False
        self.total = whole
        return True

    def _start_again(self) -> Flow[None]:
        """Forget what came so far. Raises ConnectionLost where it cannot be forgotten."""
        if not (yield from self.sink.start_again()):
            raise ConnectionLost(
                f"the download broke off after {self.received} bytes, and the storage has "
                "another file now",
                method="GET",
                path=show_address(self.url),
            )
        self.received, self.head, self.total, self.validator = 0, b"", None, None

    def _take(self, response: httpx.Response, chunk: bytes) -> Flow[None]:
        if self.skip:
            again = min(self.skip, len(chunk))
            self.skip -= again
            chunk = chunk[again:]
        if self.head is not None:
            self.head += chunk
            if len(self.head) >= HEAD_BYTES:
                yield from self._check_head(response)
        elif chunk:
            yield from self._pass_on(response, chunk)

    def _check_head(self, response: httpx.Response) -> Flow[None]:
        """Pass the beginning on, if it is of what it should be. Raises WrongContent."""
        if self.head is None:
            return
        said = plain_type(response.headers.get("Content-Type"))
        problem = content_problem(self.head, said, self.source.kinds)
        if problem is not None:
            raise WrongContent(problem, url=self.url)
        head, self.head = self.head, None
        yield from self._pass_on(response, head)

    def _pass_on(self, response: httpx.Response, chunk: bytes) -> Flow[None]:
        self._check_size(self.received + len(chunk))
        yield from self.sink.write(chunk)
        self.received += len(chunk)
        self.progress(self.received, self.total)

    def _check_size(self, size: int) -> None:
        if size > self.max_bytes:
            raise DownloadTooLarge(url=self.url, size=size, max_bytes=self.max_bytes)

    def _take_inline(self) -> Flow[None]:
        """Decode what stands in the URL itself."""
        content = read_data_uri(self.url)
        answer = httpx.Response(200, headers={"Content-Type": type_in(self.url) or ""})
        self.total, self.head = len(content), content
        yield from self._check_head(answer)


def _validator(response: httpx.Response) -> str | None:
    """What tells one version of the file from another: a strong ETag, else the date of its last
    change.
    """
    tag = response.headers.get("ETag", "")
    return (
        tag
        if tag and not tag.startswith("W/")
        else response.headers.get("Last-Modified", "") or None
    )
