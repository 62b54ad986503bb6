"""A list of deliveries is a bare array: what is in it that is no delivery is left out, and what is
no array is not taken for an empty one.
"""

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

import pytest
from runflow_api.http_library import httpx
from runflow_client import RetryPolicy, UnreadableAnswer
from runflow_client._flows.callback_deliveries import batch_deliveries, run_deliveries
from runflow_client._flows.commands import Context, SendRequest

from suites.client.scripted import drive
from suites.client.stepped_time import SteppedTime

ID: Final = "0198c0de-0000-7000-8000-000000000000"
LISTS: Final = pytest.mark.parametrize("flow", [run_deliveries, batch_deliveries])


def listed(flow: Callable[..., Any], body: bytes) -> Any:
    """What the flow returns where the server answers with this body."""
    time = SteppedTime()

    def server(send: SendRequest) -> httpx.Response:
        request = httpx.Request(
            send.arguments["method"], f"https://api.test{send.arguments['url']}"
        )
        return httpx.Response(200, content=body, request=request)

    context = Context(time.now, lambda: 0.5, RetryPolicy(attempts=1))
    return drive(flow(context, UUID(ID)), time, server)


@LISTS
@pytest.mark.parametrize(
    ("body", "ids"),
    [
        (b"[]", []),
        (b'[{"id": "b"}, {"id": "a"}]', ["b", "a"]),
        (b'[7, null, [], "c", {"id": "a"}]', ["a"]),
        (b'[{"attempts": null}]', [None]),
    ],
)
def test_every_delivery_of_an_array_is_listed(
    flow: Callable[..., Any], body: bytes, ids: list[str | None]
) -> None:
    assert [one.to_dict().get("id") for one in listed(flow, body)] == ids


@LISTS
@pytest.mark.parametrize(
    "body",
    [b"", b"{}", b'{"items": []}', b"null", b"7", b'"[]"', b"[", b"\xff", b"[" * 200_000],
    ids=lambda body: repr(body[:12]),
)
def test_what_is_no_array_is_an_answer_that_cannot_be_read(
    flow: Callable[..., Any], body: bytes
) -> None:
    with pytest.raises(UnreadableAnswer, match="expected a JSON array of deliveries") as caught:
        listed(flow, body)
    kind = "runs" if flow is run_deliveries else "batches"
    error = caught.value
    assert (error.method, error.status, error.host) == ("GET", 200, "api.test")
    assert (error.path or "").startswith(f"/v1/{kind}/{ID}/callback")
    assert error.body.startswith(body[:12].decode("utf-8", "replace"))
