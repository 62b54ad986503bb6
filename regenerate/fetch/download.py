"""Download the bytes of a document, bounded in time, size and redirects.

Only what a server declares as JSON or YAML is taken.
"""

import asyncio
import contextlib
import html
import re
import ssl
import zlib
from collections.abc import Mapping
from functools import cache
from typing import Final, NoReturn

import httpx
from attrs import field, frozen

from ..document.content_types import is_json, is_yaml
from ..project.lock import Validators
from .source import FileSource, Source, SourceError, WebSource

_GZIP: Final = 31
"""What zlib calls a gzip stream with the largest window."""
_START: Final = 4096
"""Bytes of a page in which its title stands."""
_TITLE: Final = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)


class DownloadError(Exception):
    """No document came.

    The text says what came instead, without credentials, queries or anything a server made up.
    """


@frozen
class Limits:
    """What a download may cost: seconds for all of it, seconds of silence, bytes, and redirects."""

    seconds: float = 60.0
    silent_seconds: float = 15.0
    bytes: int = 32 * 1024 * 1024
    redirects: int = 3


@frozen
class Download:
    """What came: the bytes, or None when the server says that nothing changed (304)."""

    raw: bytes | None = field(repr=False)
    validators: Validators = field(factory=Validators)


def download(source: Source, validators: Validators, limits: Limits) -> Download:
    """Get the document. `validators` make the request conditional; empty ones do not.

    Raises:
        DownloadError: the limits are exceeded, or something else comes back than JSON, YAML or a
            304 that was asked for.
    """
    if isinstance(source, FileSource):
        return Download(_read_file(source, limits))
    try:
        return asyncio.run(_within(source, validators, limits))
    except TimeoutError:
        raise DownloadError(
            f"{source.label}: no complete answer within {limits.seconds:g} seconds"
        ) from None


def _read_file(source: FileSource, limits: Limits) -> bytes:
    try:
        with source.path.open("rb") as file:
            raw = file.read(limits.bytes + 1)
    except OSError as error:
        raise DownloadError(f"{source.label}: {error.strerror}") from None
    if len(raw) > limits.bytes:
        raise DownloadError(f"{source.label}: larger than {limits.bytes} bytes")
    return raw


async def _within(source: WebSource, validators: Validators, limits: Limits) -> Download:
    # A timeout of the transport begins anew with every byte that trickles in; this one does not.
    async with asyncio.timeout(limits.seconds):
        return await _follow(source, validators, limits)


async def _follow(source: WebSource, validators: Validators, limits: Limits) -> Download:
    # A proxy of the environment has no business between two programs of one machine.
    trust_env = not source.is_loopback
    async with httpx.AsyncClient(
        verify=_certificates(trust_env),
        timeout=limits.silent_seconds,
        follow_redirects=False,
        trust_env=trust_env,
    ) as client:
        current = source
        for _ in range(limits.redirects + 1):
            try:
                answer = await _ask(client, current, validators, limits)
            except httpx.HTTPError as error:
                raise DownloadError(f"{current.label}: {_failure(error, limits)}") from None
            if isinstance(answer, Download):
                return answer
            try:
                current = current.redirected(answer)
            except SourceError as error:
                raise DownloadError(f"{source.label}: {error}") from None
    raise DownloadError(f"{source.label}: more than {limits.redirects} redirects")


@cache
def _certificates(trust_env: bool) -> ssl.SSLContext:
    """Return the certificates to trust: to read them takes longer than a download does."""
    return httpx.create_ssl_context(trust_env=trust_env)


def _failure(error: httpx.HTTPError, limits: Limits) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"silent for {limits.silent_seconds:g} seconds"
    if isinstance(error, httpx.ConnectError):
        return "no connection"
    if isinstance(error, httpx.RemoteProtocolError):
        return "an answer that is cut off or breaks the rules of HTTP"
    return f"the connection broke before the answer was whole ({type(error).__name__})"


async def _ask(
    client: httpx.AsyncClient, source: WebSource, validators: Validators, limits: Limits
) -> Download | str:
    """Return what came, or the location that a redirect names."""
    headers = {"Accept": "application/json", "Accept-Encoding": "gzip", **validators.headers()}
    async with client.stream("GET", source.url, headers=headers) as response:
        if response.status_code in (301, 302, 303, 307, 308):
            location: str | None = response.headers.get("Location")
            if location is None:
                _refuse(source, f"status {response.status_code} without a Location")
            return location
        if response.status_code == 304 and validators.headers():
            return Download(None, validators)
        content_type = response.headers.get("Content-Type", "")
        if response.status_code != 200 or not (is_json(content_type) or is_yaml(content_type)):
            start = await _start(response, limits)
            _refuse(source, _describe_response(response.status_code, content_type, start))
        raw = await _body(source, response, limits)
    return Download(
        raw,
        Validators(
            response.headers.get("ETag") or None, response.headers.get("Last-Modified") or None
        ),
    )


async def _start(response: httpx.Response, limits: Limits) -> bytes:
    """Return the first bytes of something else than a document: they may name a page.

    The status is known already, so the wait is short.
    """
    start = b""
    if response.headers.get("Content-Encoding", "identity") == "identity":
        with contextlib.suppress(TimeoutError, httpx.HTTPError):
            async with asyncio.timeout(limits.seconds / 10):
                async for chunk in response.aiter_raw():
                    start += chunk
                    if len(start) >= _START:
                        break
    return start[:_START]


def _describe_response(status: int, content_type: str, start: bytes) -> str:
    essence = (
        re.sub(r"[^a-z0-9.+/-]", "", content_type.partition(";")[0].lower())[:60]
        or "no content type"
    )
    title = _TITLE.search(start.decode("utf-8", errors="replace"))
    spoken = " ".join(html.unescape(title[1]).split()) if title else ""
    words = "".join(char for char in spoken if char.isprintable())[:80]
    # A page may repeat the address that was asked, with everything in it.
    named = (
        f', a page titled "{words}"' if words and "://" not in words and "?" not in words else ""
    )
    return f"status {status} with {essence}{named}, expected 200 with application/json"


async def _body(source: WebSource, response: httpx.Response, limits: Limits) -> bytes:
    received = bytearray()
    async for chunk in response.aiter_raw():
        received += chunk
        if len(received) > limits.bytes:
            _refuse(source, f"larger than {limits.bytes} bytes")
    return _decoded(source, bytes(received), response.headers, limits)


def _decoded(
    source: WebSource, received: bytes, headers: Mapping[str, str], limits: Limits
) -> bytes:
    """Return the body without its compression.

    A few bytes may expand to gigabytes, so httpx must not do it.
    """
    encoding = headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in ("identity", ""):
        return received
    if encoding not in ("gzip", "x-gzip"):
        _refuse(source, "a compression that was not asked for")
    inflater = zlib.decompressobj(_GZIP)
    try:
        raw = inflater.decompress(received, limits.bytes + 1)
    except zlib.error:
        _refuse(source, "a body that is not the gzip it says it is")
    if len(raw) > limits.bytes:
        _refuse(source, f"larger than {limits.bytes} bytes when unpacked")
    if not inflater.eof:
        _refuse(source, "a compressed body that is cut off")
    return raw


def _refuse(source: WebSource, came: str) -> NoReturn:
    raise DownloadError(f"{source.label}: {came}")
