"""What can go wrong between this client and the storage that holds the files, and with the files themselves."""

import re
from typing import Final

from .errors import RunflowError, UnreadableAnswer
from .redaction import redact_url

_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9._-]{1,60})</Code>")


class AddressRefused(RunflowError):
    """A URL from an answer that this client does not go to: another scheme, a private address, plain http.

    `address` is the URL without its query, `reason` what is wrong with it. Nothing was sent there.
    """

    def __init__(self, url: str, reason: str) -> None:
        self.address = show_address(url)
        self.reason = reason
        super().__init__(f"{self.address} is not gone to: {reason}")


class StorageRefused(UnreadableAnswer):
    """The storage answered an upload or a download with an error status. `code` is its own word for it, if there is one."""

    def __init__(self, reason: str, *, method: str, path: str, status: int, code: str | None = None) -> None:
        self.code = code
        super().__init__(f"{reason}{f': {code}' if code else ''}", method=method, path=path, status=status)


class WrongContent(UnreadableAnswer):
    """What the storage gave is not what it should be: an error page where a picture should be, or nothing at all."""


class DownloadTooLarge(UnreadableAnswer):
    """The file is larger than the `max_bytes` of the call."""


class FileChanged(RunflowError):
    """A file changed while it was uploaded. No asset was made of it: upload it again when nobody writes to it."""


def show_address(url: str) -> str:
    """The URL as an error may show it: without query, and of a data URI only its type."""
    if url[:5].lower() == "data:":
        return f"{url[:60].partition(',')[0]},... ({len(url)} characters)"
    return redact_url(url)


def redirects_nowhere(url: str) -> AddressRefused:
    """The error for an answer of the storage that points to what is no URL."""
    return AddressRefused(url, "it redirects to what is no URL")


def storage_refusal(method: str, url: str, status: int, body: bytes, hint: str) -> StorageRefused:
    """The error for an answer of the storage, with the code that storages write into their XML."""
    found = _CODE.search(body)
    return StorageRefused(
        f"the storage refused the {'download' if method == 'GET' else 'upload'} ({hint})",
        method=method,
        path=show_address(url),
        status=status,
        code=None if found is None else found[1].decode("ascii"),
    )
