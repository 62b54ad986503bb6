"""Every operation of the client that creates something, with its create ended in every way: at most
one is made, nobody gets what another call made, and what is made without being given back is named.

The table of operations has every operation of the document that the flows send, except those that
only read.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from types import ModuleType
from typing import Any
from uuid import UUID

import httpx
import pytest
from attrs import define, field, frozen
from runflow_api.api.models import create_run
from runflow_api.errors import InvalidResponse
from runflow_api.models.run_create import RunCreate
from runflow_client import NotFound, Runflow, RunflowError, _flows
from runflow_mock import MockRunflow

from ...files.conftest import through
from ...files.storage import PNG
from ...passing import Passing
from .losing import kind_of

__all__ = ["through"]

MODEL = "google/nano-banana-pro"
WORKFLOW = "comfyui-workflows/acme/poster"
BATCHED = "runflow/background-removal"


@define(eq=False)
class Ending(Passing):
    """Ends the requests of one kind in one way: the first, or with `for_good` every one."""

    kind: str | None = None
    end: Callable[[httpx.Response, httpx.Response | None, int], httpx.Response] | None = None
    for_good: bool = False
    sent: list[httpx.Request] = field(factory=list)
    ended: int = 0
    answers: dict[str, httpx.Response] = field(factory=dict)

    def _answer(self, request: httpx.Request, response: httpx.Response) -> httpx.Response:
        self.sent.append(request)
        kind = kind_of(request)
        before = self.answers.get(kind)
        self.answers[kind] = again(response)
        if kind != self.kind or self.end is None or (self.ended and not self.for_good):
            return again(response)
        self.ended += 1
        return self.end(response, before, self.ended)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._blocking.handle_request(request)
        response.read()
        return self._answer(request, response)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._suspending.handle_async_request(request)
        await response.aread()
        return self._answer(request, response)


def again(response: httpx.Response) -> httpx.Response:
    """The same answer, to be read once more."""
    kept = {"Content-Type": response.headers.get("Content-Type", "text/plain")}
    return httpx.Response(response.status_code, headers=kept, content=response.content)


def lost(response: httpx.Response, before: httpx.Response | None, attempt: int) -> httpx.Response:
    raise httpx.ReadError("lost")


def of_a_hook(
    response: httpx.Response, before: httpx.Response | None, attempt: int
) -> httpx.Response:
    request = httpx.Request("POST", "https://metrics.test/")
    raise httpx.HTTPStatusError("no", request=request, response=httpx.Response(429))


def of_a_closed_client(
    response: httpx.Response, before: httpx.Response | None, attempt: int
) -> httpx.Response:
    raise RuntimeError("Cannot send a request, as the client has been closed.")


def interrupted(
    response: httpx.Response, before: httpx.Response | None, attempt: int
) -> httpx.Response:
    raise KeyboardInterrupt


def answer_of_the_call_before(
    response: httpx.Response, before: httpx.Response | None, attempt: int
) -> httpx.Response:
    assert before is not None
    return again(before)


def empty(response: httpx.Response, before: httpx.Response | None, attempt: int) -> httpx.Response:
    return httpx.Response(response.status_code, json={})


def cut(response: httpx.Response, before: httpx.Response | None, attempt: int) -> httpx.Response:
    return httpx.Response(response.status_code, content=response.content[:40])


def answered(status: int) -> Callable[..., httpx.Response]:
    """An error status, although the server has carried it out."""

    def end(
        response: httpx.Response, before: httpx.Response | None, attempt: int
    ) -> httpx.Response:
        headers = {"Location": "https://runflow.test/elsewhere"}
        return httpx.Response(status, headers=headers, json={"code": "X", "message": "no"})

    end.__name__ = str(status)
    return end


def revoked(
    response: httpx.Response, before: httpx.Response | None, attempt: int
) -> httpx.Response:
    """The first answer is lost, and the key is refused from then on."""
    return answered(503 if attempt == 1 else 401)(response, before, attempt)


ENDINGS = [
    lost,
    of_a_hook,
    of_a_closed_client,
    interrupted,
    answer_of_the_call_before,
    empty,
    cut,
    *(answered(status) for status in (301, 307, 408, 409, 425, 500, 502, 503, 504)),
    revoked,
]
"""Every way in which a create that was carried out may end."""


@frozen
class Operation:
    """What is called with a name of its own, the request that creates, and what was made."""

    call: Callable[[Any, str], Any]
    kind: str
    made: Callable[["Server", str], Iterable[str]]


@frozen
class Server:
    """The server as it is, not as the client sees it."""

    mock: MockRunflow
    api: httpx.Client

    def items(self, path: str, **wanted: str) -> list[str]:
        """The ids of what has these fields."""
        answer = self.api.get(path, params={"limit": "500"})
        answer.raise_for_status()
        return [
            one["id"]
            for one in answer.json()["items"]
            if all(one.get(name) == value for name, value in wanted.items())
        ]


def runs(server: Server, name: str) -> list[str]:
    return [run["id"] for run in server.mock.runs if run["input"].get("prompt") == name]


def batches(server: Server, name: str) -> set[str]:
    found = [run for run in server.mock.runs if run["input"].get("image_url") == url(name)]
    return {run["batch_id"] for run in found}


def url(name: str) -> str:
    return f"https://pictures.test/{name}.png"


def prompt(name: str) -> dict[str, Any]:
    return {"prompt": name}


RUNS = f"POST /v1/models/{MODEL}/runs"
OPERATIONS = {
    "submit": Operation(lambda client, name: client.submit(MODEL, prompt(name)), RUNS, runs),
    "run": Operation(lambda client, name: client.run(MODEL, prompt(name)), RUNS, runs),
    "submit with a ref": Operation(
        lambda client, name: client.submit(MODEL, prompt(name), client_ref="shared"), RUNS, runs
    ),
    "get or create": Operation(
        lambda client, name: client.runs.get_or_create(MODEL, prompt(name), client_ref=name),
        RUNS,
        runs,
    ),
    "create without looking": Operation(
        lambda client, name: client.runs.get_or_create(
            MODEL, prompt(name), client_ref=name, look_first=False
        ),
        RUNS,
        runs,
    ),
    "workflow": Operation(
        lambda client, name: client.submit(WORKFLOW, prompt(name)),
        f"POST /v1/{WORKFLOW}/runs",
        runs,
    ),
    "batch": Operation(
        lambda client, name: client.batches.create(BATCHED, [{"image_url": url(name)}] * 2),
        f"POST /v1/models/{BATCHED}/batches",
        batches,
    ),
    "evaluation": Operation(
        lambda client, name: client.evaluations.submit(url(name), "product_photo"),
        "POST /v1/evaluations",
        lambda server, name: server.items("/v1/evaluations", generated_image_url=url(name)),
    ),
    "secret": Operation(
        lambda client, name: client.callbacks.secrets.create(name),
        "POST /v1/callback-secrets",
        lambda server, name: server.items("/v1/callback-secrets", label=name),
    ),
    "upload": Operation(
        lambda client, name: client.assets.upload(PNG + name.encode(), name=f"{name}.png"),
        "POST /v1/asset-uploads",
        lambda server, name: server.items("/v1/assets", name=f"{name}.png"),
    ),
    "confirmation of an upload": Operation(
        lambda client, name: client.assets.upload(PNG + name.encode(), name=f"{name}.png"),
        "POST /v1/asset-uploads/*/confirmations",
        lambda server, name: server.items("/v1/assets", name=f"{name}.png"),
    ),
}


@pytest.fixture
def server(mock: MockRunflow) -> Iterator[Server]:
    mock.balance = "10000"
    mock.models.add(WORKFLOW.removeprefix("comfyui-workflows/"), is_workflow=True)
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    with httpx.Client(base_url=mock.base_url, headers=headers, trust_env=False) as api:
        yield Server(mock, api)


def check(operation: Operation, network: Ending, server: Server, name: str, outcome: Any) -> None:
    """Whether the call ended well."""
    made = [str(one) for one in operation.made(server, name)]
    assert len(made) <= 1
    if not isinstance(outcome, BaseException):
        assert [str(outcome.id)] == made
        return
    assert isinstance(outcome, RunflowError | KeyboardInterrupt)
    creates = [request for request in network.sent if kind_of(request) == operation.kind]
    keys = {request.headers.get("Idempotency-Key", "none") for request in creates}
    text = " ".join([str(outcome), *getattr(outcome, "__notes__", ())])
    assert not made or any(one in text for one in [*keys, *made]), text
    if isinstance(outcome, RunflowError) and "none" not in keys:
        assert {outcome.idempotency_key} == keys


@pytest.mark.parametrize("for_good", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_whatever_ends_a_create_makes_one_at_most_and_names_it(
    through: Any, server: Server, name: str, for_good: bool
) -> None:
    operation, numbers = OPERATIONS[name], count()
    for end in ENDINGS:
        network = Ending()
        client = through(network)
        if end is interrupted and not isinstance(client, Runflow):
            continue  # it ends the event loop of the test itself
        operation.call(client, f"{name}-{next(numbers)}")
        network.sent.clear()
        network.kind, network.end, network.for_good = operation.kind, end, for_good
        own = f"{name}-{next(numbers)}"
        outcome: Any
        try:
            outcome = operation.call(client, own)
        except (RunflowError, KeyboardInterrupt) as error:
            outcome = error
        assert network.ended >= 1
        network.kind = None
        check(operation, network, server, own, outcome)


def test_an_error_of_the_list_names_the_run_that_may_exist(through: Any, server: Server) -> None:
    network = Ending()
    client = through(network)
    for end in (lost, answered(500), answered(403), of_a_hook, cut):
        network.kind, network.end, network.for_good = "GET /v1/runs", end, True
        with pytest.raises(RunflowError) as caught:
            client.runs.get_or_create(MODEL, prompt("x"), client_ref="order-7")
        assert caught.value.client_ref == "order-7"
        assert caught.value.idempotency_key
    assert not server.mock.runs


@pytest.mark.parametrize("end", [lost, cut, of_a_hook, of_a_closed_client, answered(409)])
def test_a_create_of_the_generated_client_is_sent_once_and_named(
    mock: MockRunflow, end: Callable[..., httpx.Response]
) -> None:
    network = Ending(kind=RUNS, end=end, for_good=True)
    body = RunCreate.from_dict({"input": prompt("x"), "client_ref": "order-7"})
    http = httpx.Client(transport=network)
    with (
        http,
        Runflow(mock.api_key, base_url=mock.base_url, http_client=http) as client,
        pytest.raises((RunflowError, InvalidResponse)) as caught,
    ):
        create_run.sync(*MODEL.split("/"), client=client.api, body=body)
    assert (network.ended, len(mock.runs)) == (1, 1)
    if isinstance(caught.value, RunflowError):
        assert caught.value.client_ref == "order-7"
        assert "order-7" in caught.value.__notes__[-1]


DELETES: dict[str, tuple[Callable[[Any], UUID], Callable[[Any, UUID], None]]] = {
    "secret": (
        lambda client: client.callbacks.secrets.create("spare").id,
        lambda client, one: client.callbacks.secrets.delete(one),
    ),
    "asset": (
        lambda client: client.assets.upload(PNG).id,
        lambda client, one: client.assets.delete(one),
    ),
}


@pytest.mark.parametrize("name", DELETES)
def test_a_delete_whose_answer_was_lost_is_no_error(
    through: Any, server: Server, name: str
) -> None:
    make, delete = DELETES[name]
    path = {"secret": "DELETE /v1/callback-secrets/*", "asset": "DELETE /v1/assets/*"}[name]
    network = Ending()
    client = through(network)
    for end in (lost, answered(500)):
        one = make(client)
        network.kind, network.end, network.ended = path, end, 0
        delete(client, one)
        assert network.ended == 1
        network.kind = None
        with pytest.raises(NotFound):
            delete(client, one)


@pytest.mark.parametrize("what", ["run", "batch"])
def test_a_redelivery_whose_answer_was_lost_is_not_asked_for_again(
    through: Any, server: Server, what: str
) -> None:
    network = Ending()
    client = through(network)
    callback = {"callback_url": "https://me.test/callbacks"}
    if what == "run":
        subject = client.run(MODEL, prompt("x"), **callback)
        redeliver, place = client.callbacks.redeliver, "runs"
    else:
        inputs = [{"image_url": url("x")}]
        subject = client.batches.create(BATCHED, inputs, **callback).wait()
        redeliver, place = client.callbacks.redeliver_batch, "batches"
    network.kind, network.end = f"POST /v1/{place}/*/callback-redeliveries", lost
    with pytest.raises(RunflowError, match=subject.id):
        redeliver(subject.id)
    assert network.ended == 1


def operations_that_change() -> dict[str, str]:
    """The operations that the flows send and that do more than read: method and path by name."""
    found: dict[str, str] = {}
    for module in pkgutil.iter_modules(_flows.__path__, f"{_flows.__name__}."):
        for one in vars(importlib.import_module(module.name)).values():
            if isinstance(one, ModuleType) and one.__name__.startswith("runflow_api.api."):
                operation = one.OPERATION
                if operation.method != "GET":
                    found[operation.name] = f"{operation.method} {operation.path}"
    return found


CHANGES_ONLY = {"update_callback_secret"}
"""Operations that set a state, which is the same after one or two of them."""


def test_the_table_has_every_operation_that_creates_something() -> None:
    kinds = {operation.kind for operation in OPERATIONS.values()}
    kinds |= {"DELETE /v1/callback-secrets/*", "DELETE /v1/assets/*"}
    kinds |= {f"POST /v1/{place}/*/callback-redeliveries" for place in ("runs", "batches")}
    missing = {
        name
        for name, path in operations_that_change().items()
        if not any(re.fullmatch(re.sub(r"{\w+}", "[^/]+", path), kind) for kind in kinds)
    }
    assert missing == CHANGES_ONLY
