"""An answer that shows another run, batch, evaluation or asset than was asked for is not taken: a
proxy may send an answer twice on a kept connection.
"""

from collections.abc import Callable
from typing import Any

import pytest
from runflow_client import OutcomeUnknown, Runflow, UnreadableAnswer

from .answering import Asked, Told, ask

ID = "0198c0de-0000-7000-8000-000000000000"
OTHER = "0198c0de-0000-7000-8000-000000000001"


def shows_another(asked: Asked) -> Told:
    return Told({"id": OTHER, "status_code": "succeeded", "name": "x.png"})


@pytest.mark.parametrize(
    ("kind", "read"),
    [
        ("run", lambda client: client.runs.get(ID)),
        ("run", lambda client: client.runs.attach(ID).refresh()),
        ("batch", lambda client: client.batches.get(ID)),
        ("evaluation", lambda client: client.evaluations.get(ID)),
        ("asset", lambda client: client.assets.get(ID)),
    ],
)
def test_what_was_not_asked_for_is_not_given(kind: str, read: Callable[[Runflow], Any]) -> None:
    with pytest.raises(UnreadableAnswer, match=f"the answer shows another {kind}, {OTHER}"):
        ask(shows_another, read)


@pytest.mark.parametrize(
    ("resource", "status"),
    [("runs", "succeeded"), ("batches", "succeeded"), ("evaluations", "failed")],
)
def test_a_wait_goes_on_past_an_answer_that_shows_another(resource: str, status: str) -> None:
    answers = [OTHER, OTHER, ID]

    def tell(asked: Asked) -> Told:
        return Told({"id": answers.pop(0), "status_code": status})

    def wait(client: Runflow) -> Any:
        return getattr(client, resource).attach(ID).wait(60, raise_on_failure=False)

    ended = ask(tell, wait)
    assert ended.id == ID
    assert not answers


MODEL, INPUT = "google/nano-banana-pro", {"prompt": "a lamp"}


def answers_each_create_with_one_run(asked: Asked) -> Told:
    run = {"id": OTHER, "client_ref": "order-7", "status_code": "queued"}
    return Told(run, 201) if asked.method == "POST" else Told({"items": [run]})


@pytest.mark.parametrize(
    "create",
    [
        lambda client, **options: client.submit(MODEL, INPUT, **options),
        lambda client, **options: client.run(MODEL, INPUT, timeout=60, **options),
    ],
    ids=["submit", "run"],
)
def test_no_second_create_gets_the_run_of_the_first(create: Callable[..., Any]) -> None:
    def work(client: Runflow) -> None:
        first = client.submit(MODEL, INPUT, client_ref="order-7")
        assert first.id == OTHER
        with pytest.raises(OutcomeUnknown, match="the answer shows the run of another create"):
            create(client, client_ref="order-7")

    ask(answers_each_create_with_one_run, work)


def test_the_same_create_made_again_gets_its_run() -> None:
    def work(client: Runflow) -> list[str]:
        return [
            client.submit(MODEL, INPUT, client_ref="order-7", idempotency_key="key-7").id
            for _ in range(2)
        ]

    assert ask(answers_each_create_with_one_run, work) == [OTHER, OTHER]
