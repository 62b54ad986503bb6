"""An answer that shows another run, batch, evaluation or asset than was asked for is not taken: a
proxy may send an answer twice on a kept connection.
"""

from collections.abc import Callable
from typing import Any

import pytest
from runflow_client import Runflow, UnreadableAnswer

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
