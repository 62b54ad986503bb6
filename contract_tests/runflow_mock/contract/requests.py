"""Requests as they came in, for the application and for tests."""

from collections.abc import Collection
from urllib.parse import parse_qsl

from attrs import field, frozen

REDACTED = "[redacted]"
REDACTED_HEADERS = frozenset({"authorization", "cookie", "proxy-authorization"})


@frozen
class RecordedRequest:
    """One request that the server got.

    Header names are in lower case and the API key is redacted; the body is as sent.
    """

    method: str
    raw_path: str
    query: tuple[tuple[str, str], ...]
    headers: dict[str, str] = field(hash=False)
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """Return the header's value, in any case of letters; None if it was not sent."""
        return self.headers.get(name.lower())


@frozen
class IncomingRequest:
    """A complete request, with its secrets."""

    method: str
    raw_path: str
    query_string: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded, in their order."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    @property
    def text(self) -> str:
        """Path, query and body as one text."""
        return f"{self.raw_path}?{self.query_string}\n{self.body.decode(errors='replace')}"

    def record(
        self, key_headers: Collection[str] = (), key_parameters: Collection[str] = ()
    ) -> RecordedRequest:
        """Return the request as tests may see it, with secrets redacted, those of the keys too."""
        headers = {
            name: REDACTED if name in REDACTED_HEADERS or name in key_headers else value
            for name, value in self.headers.items()
        }
        query = tuple(
            (name, REDACTED if name in key_parameters else value) for name, value in self.query
        )
        return RecordedRequest(self.method, self.raw_path, query, headers, self.body)
