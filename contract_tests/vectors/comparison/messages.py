"""Compares requests by what matters on the wire."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl, quote, unquote

from attrs import field, frozen

from .json_values import json_differences

JSON_TYPE: Final = "application/json"
ABSENT: Final = object()
"""The body of a message without one. It differs from null and from an empty object."""

_TRANSPORT_HEADERS: Final = frozenset(
    (
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "host",
        "transfer-encoding",
        "user-agent",
    )
)
_QUERY_CHARACTERS: Final = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*")


@frozen(kw_only=True)
class Message:
    """A request in canonical form.

    `path` is raw and percent-encoded in one spelling, `query` is decoded. `headers` have lower-case
    names and lack those that the transport adds. `body` is JSON.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    body: Any = ABSENT

    @classmethod
    def from_wire(
        cls, method: str, target: str, headers: Mapping[str, str], content: bytes
    ) -> "Message":
        """Return the message of a request as it was sent; `target` is the raw path with its query.

        Raise ValueError if the query is not encoded as RFC 3986 says or the body is not JSON.
        """
        path, _, query = target.partition("?")
        if not _QUERY_CHARACTERS.fullmatch(query):
            raise ValueError(f"the query is not percent-encoded: {query!r}")
        return cls(
            method=method,
            path=canonical_path(path),
            query=tuple(parse_qsl(query, keep_blank_values=True, errors="strict")),
            headers={
                name.lower(): value
                for name, value in headers.items()
                if name.lower() not in _TRANSPORT_HEADERS
            },
            body=json.loads(content) if content else ABSENT,
        )

    @classmethod
    def from_json(cls, wire: Mapping[str, Any]) -> "Message":
        """Return the message that a vector's `wire` describes."""
        return cls(
            method=wire["method"],
            path=wire["path"],
            query=tuple((name, value) for name, value in wire["query"]),
            headers={
                name.lower(): value
                for name, value in cast("dict[str, str]", wire["headers"]).items()
            },
            body=wire.get("body", ABSENT),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the message as a vector has it."""
        body = {} if self.body is ABSENT else {"body": self.body}
        return {
            "method": self.method,
            "path": self.path,
            "query": [list(pair) for pair in self.query],
            "headers": dict(self.headers),
            **body,
        }


def canonical_path(path: str) -> str:
    """Return the raw path with each segment percent-encoded in one spelling; `/` and %2F differ."""
    return "/".join(
        quote(unquote(segment, errors="strict"), safe="") for segment in path.split("/")
    )


def message_differences(expected: Message, sent: Message) -> Iterator[str]:
    """Yield every difference, each with its part of the message."""
    if expected.method != sent.method:
        yield f"method: {sent.method}, expected {expected.method}"
    if expected.path != sent.path:
        yield f"path: {sent.path}, expected {expected.path}"
    yield from _query_differences(expected.query, sent.query)
    for name in sorted(expected.headers.keys() | sent.headers.keys()):
        wanted, found = expected.headers.get(name), sent.headers.get(name)
        if wanted != found and not (
            name == "content-type" and _media_type(wanted) == _media_type(found)
        ):
            if name == "authorization":
                yield f"header authorization: {'missing' if found is None else 'a wrong value'}"
            else:
                yield f"header {name}: {found!r}, expected {wanted!r}"
    if (expected.body is ABSENT) != (sent.body is ABSENT):
        yield "body: there is none" if sent.body is ABSENT else "body: there is one, expected none"
    elif expected.body is not ABSENT:
        yield from (
            f"body {difference}" for difference in json_differences(expected.body, sent.body)
        )


def _query_differences(
    expected: tuple[tuple[str, str], ...], sent: tuple[tuple[str, str], ...]
) -> Iterator[str]:
    """Yield the differences. The order counts among the values of one name, not among names."""
    for name in sorted({name for name, _ in expected + sent}):
        wanted = [value for key, value in expected if key == name]
        found = [value for key, value in sent if key == name]
        if wanted != found:
            yield f"query {name}: {found}, expected {wanted}"


def _media_type(text: str | None) -> str:
    return (text or "").partition(";")[0].strip().lower()
