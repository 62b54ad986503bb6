"""Whatever ends a create names it, on real sockets; and what cannot be sent is refused before."""

from collections.abc import Callable
from typing import Any

import pytest
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_client import (
    InvalidArgument,
    Runflow,
    ServerError,
    UnreadableAnswer,
    ValidationFailed,
)

from .answering import Asked, Told, ask, refusing, run_of

ID = "0198c0de-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    ("kind", "create"),
    [
        ("batch", lambda client: client.batches.create("a/b", [{}])),
        (
            "evaluation",
            lambda client: client.evaluations.submit(
                EvaluationCreate(generated_image_url="u", task_type="t")
            ),
        ),
    ],
)
@pytest.mark.parametrize(
    "answer", [Told({"code": "X", "message": "no"}, 503), Told(b"<html>", 201), Told({}, 201)]
)
def test_a_create_whose_outcome_is_unknown_says_the_key_that_it_had(
    kind: str, create: Callable[[Runflow], object], answer: Told
) -> None:
    keys: list[str] = []

    def tell(asked: Asked) -> Told:
        keys.append(
            {name.lower(): value for name, value in asked.headers.items()}["idempotency-key"]
        )
        return answer

    with pytest.raises((ServerError, UnreadableAnswer)) as caught:
        ask(tell, create)
    assert len(set(keys)) == 1
    notes = caught.value.__notes__
    assert any(
        note.startswith(f"The {kind} may have been created") and keys[0] in note for note in notes
    )


def test_a_create_that_was_refused_says_no_key() -> None:
    with pytest.raises(ValidationFailed) as caught:
        ask(refusing(422), lambda client: client.batches.create("a/b", [{}]))
    assert getattr(caught.value, "__notes__", []) == []


def test_creates_of_one_client_do_not_take_each_others_runs() -> None:
    made: list[dict[str, Any]] = []
    lost: list[Asked] = []

    def tell(asked: Asked) -> Told:
        if asked.method == "GET":
            return Told({"items": made[::-1]}) if asked.path == "/v1/runs" else Told({"id": ID})
        if made and not lost:
            lost.append(asked)
            return Told({"code": "X", "message": "no"}, 500)
        made.append(run_of(asked, ID))
        return Told(made[-1], 201)

    def work(client: Runflow) -> list[str]:
        return [client.submit("a/b", {"prompt": "x"}, client_ref="mine").id for _ in range(2)]

    assert ask(tell, work) == [run["id"] for run in made]
    assert len(made) == 2


@pytest.mark.parametrize(
    "create",
    [
        lambda client: client.submit("a/b", {}, idempotency_key="a\nb"),
        lambda client: client.submit("a/b", {}, idempotency_key=" a"),
        lambda client: client.submit("a/b", {}, idempotency_key=""),
        lambda client: client.submit("a/b", {}, client_ref="a "),
        lambda client: client.submit("a/b", {}, callback_url="https://me.test/\ud800"),
        lambda client: client.submit("a/b", {"\ud800": 1}),
        lambda client: client.batches.create("a/b", [{}], idempotency_key="a\nb"),
        lambda client: client.batches.create("a/b", [{}], callback_url="https://me.test/\ud800"),
        lambda client: client.evaluations.submit(
            EvaluationCreate(generated_image_url="u", task_type="t"), idempotency_key="a\nb"
        ),
    ],
)
def test_what_no_header_and_no_json_can_carry_is_refused(
    create: Callable[[Runflow], object],
) -> None:
    asked: list[Asked] = []

    def tell(one: Asked) -> Told:
        asked.append(one)
        return Told({"id": ID}, 201)

    with pytest.raises(InvalidArgument):
        ask(tell, create)
    assert asked == []


def test_a_callback_url_that_no_json_can_carry_is_named() -> None:
    with pytest.raises(InvalidArgument, match=r"^callback_url holds half a character"):
        ask(
            refusing(500),
            lambda client: client.submit("a/b", {}, callback_url="https://me.test/\ud800"),
        )
