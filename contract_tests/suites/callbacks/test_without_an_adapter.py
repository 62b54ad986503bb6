"""A receiver that is given a request by hand, as under AWS Lambda: text, bodies that were encoded,
headers with several values.
"""

import gzip
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from runflow_client import InvalidArgument
from tornado.httputil import HTTPHeaders

from .bodies import BODY, GONE, KEPT, LENGTH, Stored, check, kept, receiver, stored
from .deliveries import signed

__all__ = ["kept", "stored"]


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "br", "deflate, gzip"])
def test_what_was_encoded_on_the_way_is_asked_for_again(
    stored: Stored, caplog: pytest.LogCaptureFixture, encoding: str
) -> None:
    packed = gzip.compress(BODY)
    length = {"Content-Length": str(len(packed)), "Content-Encoding": encoding}
    incoming = receiver(stored).open("POST", {**signed(BODY), **length})
    incoming.add(packed)
    check(httpx.Response(incoming.answer().status), GONE, stored, caplog)
    unpacked = receiver(stored).open("POST", {**signed(BODY), **length})
    unpacked.add(BODY)
    assert unpacked.answer().status == KEPT


@pytest.mark.parametrize("body", [BODY.decode(), None, json.loads(BODY), list(BODY)])
def test_what_is_no_bytes_is_refused_with_the_way(stored: Stored, body: Any) -> None:
    incoming = receiver(stored).open("post", signed(BODY))
    with pytest.raises(InvalidArgument, match="the signature is over the raw bytes"):
        incoming.add(body)
    incoming.add(BODY)
    assert incoming.answer().status == KEPT


class DynamicHeaders(dict[str, str]):
    """Headers as Sanic has them: each attribute that there is not is a header, or empty."""

    def __getattr__(self, name: str) -> str:
        return self.get(name.replace("_", "-"), "")


class PairsAndAttributes:
    """Pairs alone, with such attributes."""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter({**signed(BODY), **LENGTH}.items())

    def __getattr__(self, name: str) -> str:
        return ""


@pytest.mark.parametrize(
    "headers",
    [
        DynamicHeaders({**signed(BODY), **LENGTH}),
        PairsAndAttributes(),
        HTTPHeaders({**signed(BODY), **LENGTH}),
        HTTPHeaders.parse(f"Runflow-Signature: {signed(BODY)['Runflow-Signature']}\r\n" * 2),
    ],
    ids=["sanic", "pairs", "tornado", "tornado, repeated"],
)
def test_headers_of_frameworks_without_an_adapter(stored: Stored, headers: Any) -> None:
    incoming = receiver(stored).open("POST", headers)
    incoming.add(BODY)
    assert incoming.answer().status == KEPT
    assert stored == [BODY]


def lambda_event(*, multiple: bool, packed: bool, version: int) -> dict[str, Any]:
    """An event as API Gateway, a function's URL or a load balancer gives it to AWS Lambda."""
    headers = {**signed(BODY), **LENGTH}
    if version == 2:
        headers = {name.lower(): value for name, value in headers.items()}
    body = b64encode(BODY).decode() if packed else BODY.decode()
    event: dict[str, Any] = {"headers": headers, "body": body, "isBase64Encoded": packed}
    if multiple:
        event["multiValueHeaders"] = {name: [value] for name, value in headers.items()}
    return event


@pytest.mark.parametrize("multiple", [False, True])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("version", [1, 2])
def test_events_of_aws_lambda(stored: Stored, multiple: bool, packed: bool, version: int) -> None:
    event = lambda_event(multiple=multiple, packed=packed, version=version)
    incoming = receiver(stored).open("POST", event.get("multiValueHeaders") or event["headers"])
    body = event["body"]
    incoming.add(b64decode(body) if event["isBase64Encoded"] else body.encode())
    assert incoming.answer().status == KEPT
    assert stored == [BODY]
    still_packed = receiver(stored).open("POST", event["headers"])
    still_packed.add(b64encode(BODY))
    assert still_packed.answer().status == GONE
