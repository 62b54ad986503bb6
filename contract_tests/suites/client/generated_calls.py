"""Write down what becomes of operations of the generated client that go through a client of ours:
what is sent how often, and by which names an error tells what may have been carried out.
"""

import asyncio
import random
from collections.abc import Callable
from itertools import count
from typing import Any, Final
from uuid import UUID

from runflow_api.api.account import get_balance
from runflow_api.api.evaluations import create_evaluation
from runflow_api.api.models import create_run
from runflow_api.api.webhooks import delete_callback_secret
from runflow_api.http_library import httpx
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_api.models.json_object import JsonObject
from runflow_api.models.run_create import RunCreate
from runflow_api.types import RequestArguments
from runflow_client import AsyncRunflow, RetryPolicy, Runflow, RunflowError

from .stepped_time import AsyncSteppedTime, SteppedTime

ID: Final = "00000000-0000-7000-8000-000000000001"
_NUMBERS: Final = count()

Answer = Callable[[httpx.Request], httpx.Response]


def _told(status: int, body: dict[str, Any], **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(status, json=body, headers=named, request=request)


def _fail(kind: type[httpx.TransportError]) -> Answer:
    def fail(request: httpx.Request) -> httpx.Response:
        raise kind("trouble", request=request)

    return fail


def _raise(request: httpx.Request) -> httpx.Response:
    raise LookupError("a transport of the caller's")


WELL: Final = _told(200, {"id": ID, "balance": "1.50", "status_code": "queued"})
CREATED: Final = _told(
    201, {"id": ID, "status_code": "queued", "created_at": "2026-01-02T03:04:05Z"}
)
NO: Final = {"code": "X", "message": "no"}
TROUBLES: Final[dict[str, tuple[Answer, ...]]] = {
    "well": (),
    "refused": (_told(422, NO),),
    "a conflict": (_told(409, NO),),
    "too many": (_told(429, NO), _told(429, NO)),
    "unable once": (_told(503, NO, Retry_After="7"),),
    "unable": (_told(500, NO),) * 3,
    "unable, then refused": (_told(500, NO), _told(422, NO)),
    "no connection": (_fail(httpx.ConnectError),) * 3,
    "lost once": (_fail(httpx.ReadError),),
    "lost": (_fail(httpx.ReadTimeout),) * 3,
    "raising": (_raise,),
}
RUN: Final = RunCreate(input_=JsonObject.from_dict({"prompt": "x"}))
NAMED: Final = RunCreate(input_=JsonObject.from_dict({"prompt": "x"}), client_ref="order-7")
EVALUATION: Final = EvaluationCreate.from_dict(
    {"generated_image_url": "https://a.test/1.png", "task_type": "t", "client_ref": "order-8"}
)

HEADERS: Final = {"X-Own": "1", "Idempotency-Key": "of the client"}

OPERATIONS: Final[dict[str, tuple[dict[str, str], Callable[[], RequestArguments]]]] = {
    "a read": ({}, get_balance.build_request),
    "a delete": ({}, lambda: delete_callback_secret.build_request(UUID(ID))),
    "a create": ({}, lambda: create_run.build_request("a", "b", body=RUN)),
    "a create that is named": (
        HEADERS,
        lambda: create_run.build_request("a", "b", body=NAMED),
    ),
    "a create with a key": (
        HEADERS,
        lambda: create_evaluation.build_request(body=EVALUATION, idempotency_key="key-8"),
    ),
}
"""Each operation, and the headers that the client was given for it."""


def _outcome(ask: Callable[[], object]) -> list[str]:
    try:
        return [f"= {ask()}"]
    except RunflowError as error:
        names = f"key {error.idempotency_key}, client_ref {error.client_ref}"
        notes = [f"note: {note}" for note in getattr(error, "__notes__", ())]
        cause = [] if error.__cause__ is None else [f"cause: {type(error.__cause__).__name__}"]
        return [f"{type(error).__name__}: {error}", names, *notes, *cause]


def _carry_out(colour: str, name: str, left: list[Answer]) -> list[str]:
    random.seed(7)
    headers, build = OPERATIONS[name]
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        shown = ("idempotency-key", "x-own")
        facts = [f"{one} {request.headers[one]}" for one in shown if one in request.headers]
        sent.append(" ".join([request.method, request.url.path, *facts]))
        return (left.pop(0) if left else WELL)(request)

    transport, base = httpx.MockTransport(answer), f"https://{next(_NUMBERS)}.test"
    retries = RetryPolicy(attempts=3)
    clock: Any = SteppedTime() if colour == "sync" else AsyncSteppedTime()
    if colour == "sync":
        with (
            httpx.Client(transport=transport) as http,
            Runflow(
                "rf_live_x", base_url=base, http_client=http, clock=clock, retries=retries
            ) as client,
        ):
            found = _outcome(lambda: client.api.with_headers(headers).send(build()))
    else:

        async def scenario() -> Any:
            async with (
                httpx.AsyncClient(transport=transport) as suspending,
                AsyncRunflow(
                    "rf_live_x", base_url=base, http_client=suspending, clock=clock, retries=retries
                ) as awaited,
            ):
                return await awaited.api.with_headers(headers).send_async(build())

        found = _outcome(lambda: asyncio.run(scenario()))
    waits = [f"waits {', '.join(f'{one:.3g}' for one in clock.slept)}"] if clock.slept else []
    counted = [f"{len(sent)} x {sent[0]}"]
    assert len(set(sent)) == 1
    return [line.replace(base[8:], "api.test") for line in [*counted, *waits, *found]]


def lines(colour: str) -> list[str]:
    """Return the list as one of the clients makes it, `sync` or `async`."""
    return [
        line
        for name in OPERATIONS
        for trouble, answers in TROUBLES.items()
        for line in (
            f"{name}, {trouble}:",
            *(f"    {one}" for one in _carry_out(colour, name, [*answers])),
        )
    ]
