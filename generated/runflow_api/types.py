"""Types that operations and models share: what is unset, files, responses, requests."""

from __future__ import annotations

from typing import IO, Any, BinaryIO, Generic, Literal, Required, TypedDict, TypeVar, final

from attrs import define, field, frozen

from .http_library import httpx

T = TypeVar("T")


@final
class Unset:
    """The type of UNSET: a field or argument that was not given. There is one instance only, also after copy and pickle."""

    __slots__ = ()
    _instance: Unset | None = None

    def __new__(cls) -> Unset:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"

    def __reduce__(self) -> str:
        return "UNSET"


UNSET: Unset = Unset()

FileContent = IO[bytes] | bytes | str
FileTypes = tuple[str | None, FileContent, str | None]
RequestFiles = list[tuple[str, FileTypes]]
QueryValue = str | list[str]


@define
class File:
    """Bytes to send or bytes received. `mime_type` of a received file is the Content-Type of the response.

    Of a file to send it is the Content-Type of the part or body; None takes the first that the document names.
    """

    payload: BinaryIO
    file_name: str | None = None
    mime_type: str | None = None

    def to_tuple(self) -> FileTypes:
        """Give the form that the HTTP library takes for multipart/form-data."""
        return self.file_name, self.payload, self.mime_type


@frozen
class Response(Generic[T]):
    """A response of a documented status. `parsed` is its body. The bytes and headers are not part of the repr."""

    status_code: int
    content: bytes = field(repr=False)
    headers: httpx.Headers = field(repr=False)
    parsed: T


@frozen
class Operation:
    """One operation of the document: its name here, its HTTP method in capitals, its path with {parameters}."""

    name: str
    method: str
    path: str


class RequestArguments(TypedDict, total=False):
    """What a request is made of: the keyword arguments of `httpx.Client.request`."""

    method: Required[str]
    url: Required[str]
    params: dict[str, QueryValue]
    headers: dict[str, str]
    json: Any
    content: bytes
    data: dict[str, QueryValue]
    files: RequestFiles


__all__ = (
    "UNSET",
    "File",
    "FileContent",
    "FileTypes",
    "Operation",
    "QueryValue",
    "RequestArguments",
    "RequestFiles",
    "Response",
    "Unset",
)
