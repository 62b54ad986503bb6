"""What a hook raises counts for the request that it is about: another one says nothing of whether
this one was carried out.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

import pytest
from runflow_client import (
    AsyncRunflow,
    ConnectFailed,
    ConnectionLost,
    NotFound,
    RequestTimeout,
    RetryPolicy,
    Runflow,
    RunflowError,
    SendFailed,
    ValidationFailed,
)

from ...http_library import IS_DEFAULT, httpx
from ..calls import settled
from ..stepped_time import AsyncSteppedTime, SteppedTime

Request = Any
OTHER: Final = httpx.Request("GET", "https://other.test/")


def _status(request: Request) -> Exception:
    body = {"code": "IT_IS_SO", "message": "no"}
    response = httpx.Response(422, json=body, request=request)
    return httpx.HTTPStatusError("422", request=request, response=response)


ERRORS: Final[dict[str, tuple[Callable[[Request], Exception], type[RunflowError], bool]]] = {
    "a status": (_status, ValidationFailed, True),
    "no connection": (lambda one: httpx.ConnectError("e", request=one), ConnectFailed, True),
    "no connection, of no request": (lambda one: httpx.ConnectError("e"), SendFailed, True),
    "no connection in time": (
        lambda one: httpx.ConnectTimeout("e", request=one),
        ConnectFailed,
        True,
    ),
    "no place": (lambda one: httpx.PoolTimeout("e", request=one), ConnectFailed, True),
    "a broken connection": (
        lambda one: httpx.ReadError("e", request=one),
        ConnectionLost,
        False,
    ),
    "no answer in time": (
        lambda one: httpx.ReadTimeout("e", request=one),
        RequestTimeout,
        False,
    ),
    "an error of a client": (
        lambda one: NotFound(status=404, method="GET", path="/"),
        SendFailed,
        True,
    ),
    "any error": (lambda one: LookupError("e"), SendFailed, True),
}
"""What is raised of a request, what it means where that is this one, and whether it says that this
one was not carried out: then it counts for this one alone.
"""


def ended(colour: str, make: Callable[[Request], Exception], other: bool) -> RunflowError:
    """The error of a read whose hook raises of this request or of another one, although that has
    the same address.
    """

    def hear(response: Any) -> None:
        sent = response.request
        raise make(httpx.Request(sent.method, sent.url) if other else sent)

    async def hear_awaited(response: Any) -> None:
        hear(response)

    transport = httpx.MockTransport(lambda request: httpx.Response(200, json={}))
    clock: Any = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    common: dict[str, Any] = {"clock": clock, "retries": RetryPolicy(attempts=1)}
    client: Any
    if colour == "sync":
        http = httpx.Client(transport=transport, event_hooks={"response": [hear]})
        client = Runflow("rf_live_x", base_url="https://a.test", http_client=http, **common)
    else:
        own = httpx.AsyncClient(transport=transport, event_hooks={"response": [hear_awaited]})
        client = AsyncRunflow("rf_live_x", base_url="https://a.test", http_client=own, **common)

    async def read() -> RunflowError:
        with pytest.raises(RunflowError) as caught:
            await settled(client.account.balance())
        return caught.value

    return asyncio.run(read())


@pytest.mark.skipif(not IS_DEFAULT, reason="of the other library each error is made anew")
@pytest.mark.parametrize("name", ERRORS)
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_an_error_counts_for_the_request_that_it_is_about(colour: str, name: str) -> None:
    make, kind, counts_for_its_own = ERRORS[name]
    assert type(ended(colour, make, False)) is kind
    expected = SendFailed if counts_for_its_own else kind
    error = ended(colour, make, True)
    assert type(error) is expected
    if expected is SendFailed:
        assert type(error.__cause__) is type(make(OTHER))
