"""A scripted server: flows are driven without a socket, exhaustively and in
microseconds.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from runflow_api.http_library import httpx
from runflow_client._flows.commands import AwaitChange, Emit, Flow, SendRequest, Sleep

from .stepped_time import SteppedTime

T = TypeVar("T")


Answer = httpx.Response | BaseException


def drive(
    flow: Flow[T],
    time: SteppedTime,
    server: Callable[[SendRequest], Answer],
    updates: list[Any] | None = None,
) -> T:
    """Carry out the flow against the server, which answers a request with a response or an
    exception to throw.
    """
    outcome: Answer | None = None
    while True:
        try:
            command = (
                flow.throw(outcome) if isinstance(outcome, BaseException) else flow.send(outcome)
            )
        except StopIteration as end:
            result: T = end.value
            return result
        outcome = None
        if isinstance(command, SendRequest):
            outcome = server(command)
        elif isinstance(command, Sleep):
            time.sleep(command.seconds)
        elif isinstance(command, AwaitChange):
            time.sleep(command.due - time.now())
        elif isinstance(command, Emit):
            (updates if updates is not None else []).append(command.state)
        else:
            raise AssertionError(f"no {type(command).__name__} is scripted")


def answer(
    send: SendRequest, status: int, body: object = None, headers: dict[str, str] | None = None
) -> httpx.Response:
    """A JSON answer to this request."""
    request = httpx.Request(send.arguments["method"], "https://api.test" + send.arguments["url"])
    return httpx.Response(status, json=body, headers=headers, request=request)
