"""Where a document comes from: the address to request, and what may be printed of it."""

import ipaddress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import httpx
from attrs import field, frozen

PUBLISHED: Final = "https://docs.runflow.io/api/openapi.public.json"
FROM_FILE: Final = "file "
"""What the name of a source begins with that is a file of this machine."""


_UNREADABLE: Final = "the address of the document cannot be read"


class SourceError(ValueError):
    """No document is fetched from this address.

    Its text holds no credentials and no query.
    """


@frozen
class WebSource:
    """A document on the web.

    `url` is what is requested, `label` the same without credentials, query and fragment.
    """

    url: httpx.URL = field(repr=False)
    label: str
    has_secrets: bool
    """Whether the address holds credentials or a query.

    What the server says of it must not be kept for another time.
    """

    @property
    def is_loopback(self) -> bool:
        """Whether the document is on this machine."""
        return _is_loopback(self.url.host)

    def redirected(self, location: str) -> "WebSource":
        """Return the source that a redirect leads to.

        Raises:
            SourceError: it leaves https or this machine.
        """
        try:
            target = self.url.join(location)
        except (httpx.InvalidURL, ValueError):
            raise SourceError("a redirect leads to an address that cannot be read") from None
        source = _web_source(target)
        if self.url.scheme == "https" and target.scheme != "https":
            raise SourceError(f"a redirect leaves https: {source.label}")
        return source


@frozen
class FileSource:
    """A document in a file.

    `label` is the file's name alone: what is recorded names no folder of this machine.
    """

    path: Path
    label: str


Source = WebSource | FileSource


def read_source(text: str) -> Source:
    """Return the source that SPEC_URL names.

    It is https, http on loopback, a `file:` URL or the path of a file.

    Raises:
        SourceError: the text is none of these.
    """
    text = text.strip()
    if not text:
        raise SourceError("no address of a document is given")
    try:
        parts = urlsplit(text if "://" in text or text.lower().startswith("file:") else "")
    except ValueError:
        raise SourceError(_UNREADABLE) from None
    scheme = parts.scheme.lower()
    if scheme in ("http", "https"):
        try:
            return _web_source(httpx.URL(text))
        except httpx.InvalidURL:
            raise SourceError(_UNREADABLE) from None
    if scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path:
            raise SourceError(
                "a file: URL must name a file of this machine, as file:///folder/document.json does"
            )
        return _file_source(Path(unquote(parts.path)))
    if scheme:
        raise SourceError(
            f"a document cannot be fetched by {scheme}: give https, http on this machine, or a file"
        )
    return _file_source(Path(text))


def _file_source(path: Path) -> FileSource:
    return FileSource(path, f"{FROM_FILE}{path.name}")


def _web_source(url: httpx.URL) -> WebSource:
    label = str(url.copy_with(userinfo=b"", query=None, fragment=None))
    if url.scheme not in ("http", "https") or not url.host:
        raise SourceError("the address of the document is neither https nor http on this machine")
    if url.scheme == "http" and not _is_loopback(url.host):
        raise SourceError(f"{label}: http is taken from this machine only; give https")
    return WebSource(url, label, has_secrets=bool(url.userinfo or url.query))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
