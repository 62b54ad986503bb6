"""All that the server tells of a batch or an evaluation reaches its reader, and a look at one never
outlives the wait.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from runflow_client import InvalidArgument, Runflow, UnreadableAnswer, WaitTimeout
from runflow_client._flows.batches import MAX_BATCH_ITEMS
from runflow_mock import MockRunflow

from ..http_library import httpx
from .answering import Asked, Told, ask, refusing
from .stepped_time import SteppedTime

ID = "0198c0de-0000-7000-8000-000000000000"
MODEL = "runflow/background-removal"
ITEM = {"image_url": "https://a.test/1.png"}


def told(mock: MockRunflow, path: str) -> dict[str, Any]:
    """What the server says, without the client."""
    headers = {"Authorization": f"Bearer {mock.api_key}"}
    found: dict[str, Any] = httpx.get(mock.base_url + path, headers=headers, trust_env=False).json()
    return found


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_every_field_of_a_batch_is_shown(client: Any, mock: MockRunflow, outcome: str) -> None:
    if outcome == "failed":
        mock.next_outcome("failed")
    batch = client.batches.create(MODEL, [ITEM]).wait(raise_on_failure=False)
    said = told(mock, f"/v1/batches/{batch.id}")
    assert batch.status == said["status_code"] == outcome
    assert (batch.items_total, batch.items_succeeded) == (
        said["items_total"],
        said["items_succeeded"],
    )
    assert batch.cost == Decimal(said["cost"])
    assert batch.output == said["output"] != {}
    assert (batch.failure_code, batch.failure_message) == (
        said["failure_code"],
        said["failure_message"],
    )
    assert (batch.created_at, batch.completed_at) == (
        moment(said["created_at"]),
        moment(said["completed_at"]),
    )
    assert batch.raw.to_dict().keys() == said.keys()


def test_every_field_of_an_evaluation_is_shown(client: Any, mock: MockRunflow) -> None:
    evaluation = client.evaluations.submit("https://a.test/a.png", "product_photo").wait()
    said = told(mock, f"/v1/evaluations/{evaluation.id}")
    assert evaluation.status == said["status_code"]
    assert evaluation.overall_passed == said["overall_passed"]
    assert evaluation.weighted_pass_rate == said["weighted_pass_rate"] is not None
    assert (evaluation.created_at, evaluation.completed_at) == (
        moment(said["created_at"]),
        moment(said["completed_at"]),
    )
    assert evaluation.raw.to_dict().keys() == said.keys()


@pytest.mark.parametrize("kind", ["batch", "evaluation"])
def test_absent_fields_are_none_except_the_id(kind: str) -> None:
    def read(client: Runflow) -> Any:
        return client.batches.get(ID) if kind == "batch" else client.evaluations.get(ID)

    found = ask(lambda asked: Told({"id": ID, "cost": "0.25"}), read)
    assert found.cost == Decimal("0.25")
    found = ask(lambda asked: Told({"id": ID}), read)
    assert found.id == ID
    assert {found.status, found.cost, found.failure_code, found.created_at, found.completed_at} == {
        None
    }
    with pytest.raises(UnreadableAnswer, match=f"expected a.* {kind} with an id"):
        ask(lambda asked: Told({"status_code": "succeeded"}), read)


@pytest.mark.parametrize(
    ("kind", "attach"),
    [
        ("run", lambda client: client.runs.attach(ID)),
        ("batch", lambda client: client.batches.attach(ID)),
        ("evaluation", lambda client: client.evaluations.attach(ID)),
    ],
)
def test_no_read_may_take_longer_than_the_wait_has_left(
    kind: str, attach: Callable[[Runflow], Any]
) -> None:
    clock, granted = SteppedTime(0.0), list[tuple[float, float]]()

    def answer(request: httpx.Request) -> httpx.Response:
        granted.append((clock.now(), request.extensions["timeout"]["read"]))
        return httpx.Response(200, json={"id": ID, "status_code": "running"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        client = Runflow("rf_live_x", http_client=http, clock=clock)
        with pytest.raises(
            WaitTimeout, match=f"{kind.capitalize()} {ID} was still running after 7 s"
        ) as caught:
            attach(client).wait(timeout=7)
    assert caught.value.seconds == 7
    assert len(granted) > 2
    assert all(0 < seconds <= 7 - moment for moment, seconds in granted)


def test_a_batch_has_a_hundred_items_at_the_most() -> None:
    sent: list[Any] = []

    def answer(asked: Asked) -> Told:
        sent.append(asked.fields)
        return Told({"id": ID}, 201)

    def create(count: int) -> str:
        return ask(answer, lambda client: client.batches.create(MODEL, [ITEM] * count).id)

    assert create(MAX_BATCH_ITEMS) == ID
    for count in (0, MAX_BATCH_ITEMS + 1):
        with pytest.raises(InvalidArgument):
            create(count)
    (body,) = sent
    assert len({item.pop("client_ref") for item in body["input"]}) == MAX_BATCH_ITEMS
    assert body == {"input": [ITEM] * MAX_BATCH_ITEMS}


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"inputs": [ITEM, {"x": "\ud800"}]}, r"inputs\[1\]\.x"),
        ({"callback_url": "https://me.test/\ud800"}, "callback_url"),
        ({"metadata": {"x": object()}}, r"metadata\.x"),
    ],
)
def test_what_a_batch_cannot_carry_is_named(options: dict[str, Any], place: str) -> None:
    with pytest.raises(InvalidArgument, match=f"^{place} "):
        ask(
            refusing(500),
            lambda client: client.batches.create(MODEL, **{"inputs": [ITEM], **options}),
        )
