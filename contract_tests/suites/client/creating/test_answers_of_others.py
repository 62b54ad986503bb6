"""An answer that shows another run, batch, evaluation or asset than was asked for is not taken: a
proxy may send an answer twice on a kept connection.
"""

from collections.abc import Callable
from typing import Any

import pytest
from runflow_client import InvalidArgument, OutcomeUnknown, Runflow, UnreadableAnswer

from ..answering import Asked, Told, ask

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


BATCHED = "runflow/background-removal"
PICTURES = [{"image_url": "https://me.test/a.png"}, {"image_url": "https://me.test/b.png"}]


def evaluate(client: Runflow, **options: Any) -> Any:
    return client.evaluations.submit("https://me.test/a.png", "product_photo", **options)


def batch(client: Runflow, **options: Any) -> Any:
    return client.batches.create(BATCHED, PICTURES, **options)


def evaluation_with(ref: str | None) -> dict[str, Any]:
    return {"id": OTHER, "client_ref": ref}


def batch_with(ref: str | None) -> dict[str, Any]:
    return {"id": OTHER, "items": [{"sequence_index": 1}, {"sequence_index": 0, "client_ref": ref}]}


CREATES: Any = [
    pytest.param(evaluate, evaluation_with, id="evaluation"),
    pytest.param(batch, batch_with, id="batch"),
]


def refs_of(asked: Asked) -> list[str]:
    return [one["client_ref"] for one in asked.fields.get("input", [asked.fields])]


@pytest.mark.parametrize("ref", ["runflow-client-of-another", "order-7"])
@pytest.mark.parametrize(("create", "answer"), CREATES)
def test_the_late_answer_to_a_create_that_was_given_up_is_not_taken(
    create: Callable[..., Any], answer: Callable[[str | None], Any], ref: str
) -> None:
    """Its id is new to the client, so that only its client_ref says whose it is."""
    with pytest.raises(UnreadableAnswer, match="of another create") as caught:
        ask(lambda asked: Told(answer(ref), 201), create)
    assert "may have been created" in caught.value.__notes__[-1]


@pytest.mark.parametrize(("create", "answer"), CREATES)
def test_an_answer_with_its_own_client_ref_or_none_is_taken(
    create: Callable[..., Any], answer: Callable[[str | None], Any]
) -> None:
    assert ask(lambda asked: Told(answer(None), 201), create).id == OTHER
    assert ask(lambda asked: Told(answer(refs_of(asked)[0]), 201), create).id == OTHER


@pytest.mark.parametrize(("create", "answer"), CREATES)
def test_the_same_create_made_again_has_the_same_body(
    create: Callable[..., Any], answer: Callable[[str | None], Any]
) -> None:
    """Runflow refuses another body with the same key."""
    sent: list[Any] = []

    def tell(asked: Asked) -> Told:
        sent.append(asked.fields)
        return Told(answer(None), 201)

    ask(tell, lambda client: create(client, idempotency_key="key-7"))
    ask(tell, lambda client: create(client, idempotency_key="key-7"))
    ask(tell, lambda client: create(client, idempotency_key="key-8"))
    assert sent[0] == sent[1] != sent[2]


def test_a_client_ref_that_the_caller_gives_is_sent_as_it_is() -> None:
    sent: list[str] = []

    def tell(asked: Asked) -> Told:
        sent.extend(refs_of(asked))
        return Told({"id": OTHER}, 201)

    asked = [PICTURES[0], {**PICTURES[1], "client_ref": "b"}]
    ask(tell, lambda client: evaluate(client, client_ref="mine"))
    ask(tell, lambda client: client.batches.create(BATCHED, asked))
    assert (sent[0], sent[2]) == ("mine", "b")
    assert sent[1].startswith("runflow-client-")


@pytest.mark.parametrize("ref", [7, "", " a", "it's", "x" * 256])
def test_a_client_ref_in_a_batch_is_checked_before_anything_is_sent(ref: object) -> None:
    def never(asked: Asked) -> Told:
        raise AssertionError("nothing is to be sent")

    asked: list[dict[str, Any]] = [PICTURES[0], {**PICTURES[1], "client_ref": ref}]
    with pytest.raises(InvalidArgument, match=r"inputs\[1\].client_ref"):
        ask(never, lambda client: client.batches.create(BATCHED, asked))
