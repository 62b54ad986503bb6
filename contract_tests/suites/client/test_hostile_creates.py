"""Creates whose outcome is lost on hostile servers: nothing is paid twice, nobody gets another's
run, and the key is told.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from runflow_api.models.evaluation_create import EvaluationCreate
from runflow_client import (
    AsyncRunflow,
    InvalidArgument,
    OutcomeUnknown,
    Runflow,
    ServerError,
    UnreadableAnswer,
    ValidationFailed,
)

from .answering import Asked, AsyncSteppedTime, Told, ask, ask_together, refusing, run_of

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


@pytest.mark.parametrize(
    ("model", "order", "callback_url"),
    [
        ("c/d", 1, "https://me.test/1"),
        ("a/b", 2, "https://me.test/1"),
        ("a/b", 1, "https://me.test/2"),
    ],
)
def test_a_lost_create_does_not_take_the_run_of_another_with_the_same_input(
    model: str, order: int, callback_url: str
) -> None:
    """Of another model, with other metadata, or with another callback; neither does it send again
    while in doubt.
    """
    models = {"a/b": str(uuid4()), "c/d": str(uuid4())}
    made: list[dict[str, Any]] = []

    def tell(asked: Asked) -> Told:
        if asked.path == "/v1/runs":
            return Told({"items": made})
        model_id = models[asked.path.removeprefix("/v1/models/").removesuffix("/runs")]
        if asked.method == "GET":
            return Told({"id": model_id})
        if not made:
            # Of this create, too, the answer is lost for its caller: it is told another run than
            # the list shows.
            made.append(run_of(asked, model_id))
            return Told({**made[0], "id": str(uuid4())}, 201)
        return Told({"code": "X", "message": "no"}, 500)

    async def work(client: AsyncRunflow) -> None:
        await client.submit(
            "a/b", {"prompt": "x"}, metadata={"order": 1}, callback_url="https://me.test/1"
        )
        with pytest.raises(OutcomeUnknown) as caught:
            await client.submit(
                model, {"prompt": "x"}, metadata={"order": order}, callback_url=callback_url
            )
        assert made[0]["id"] in str(caught.value)

    ask_together(tell, work, clock=AsyncSteppedTime())


@pytest.mark.parametrize("hidden", [{"input": None}, {"input": {"prompt": "x", "seed": 7}}])
def test_a_run_whose_input_is_shown_otherwise_is_not_paid_twice(hidden: dict[str, Any]) -> None:
    made: list[dict[str, Any]] = []

    def tell(asked: Asked) -> Told:
        if asked.method == "POST":
            made.append({**run_of(asked, ID), **hidden})
            return Told({"code": "X", "message": "no"}, 500)
        return Told({"items": made}) if asked.path == "/v1/runs" else Told({"id": ID})

    async def work(client: AsyncRunflow) -> None:
        with pytest.raises(OutcomeUnknown) as caught:
            await client.submit("a/b", {"prompt": "x"})
        assert made[0]["id"] in str(caught.value)

    ask_together(tell, work, clock=AsyncSteppedTime())
    assert len(made) == 1


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
