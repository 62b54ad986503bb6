"""Laws of the Idempotency-Key: with one body it acts once, another body is a conflict; each organization has its own."""

from collections.abc import Callable
from uuid import uuid4

from runflow_api.api.batches import list_batches
from runflow_api.api.evaluations import list_evaluations
from runflow_api.types import RequestArguments

from ..invariants import law
from ..target import Stage
from ._requests import ids_of, refused, told
from .batches import batch_arguments
from .evaluations import evaluation_arguments


def a_batch_is_made_once(stage: Stage) -> None:
    """The key of a batch is kept."""
    _acts_once(
        stage,
        lambda key, text: batch_arguments(stage, text, key=key),
        lambda: list_batches.build_request(limit=500),
    )


def an_evaluation_is_made_once(stage: Stage) -> None:
    """The key of an evaluation is kept."""
    _acts_once(stage, _evaluation, lambda: list_evaluations.build_request(limit=500))


def a_refusal_uses_no_key(stage: Stage) -> None:
    """What was refused with a key is not replayed: the same key with a right body then acts."""
    key = str(uuid4())
    wrong: RequestArguments = {**batch_arguments(stage, "x", key=key), "json": {"input": []}}
    refused(stage.http, wrong, "for a batch of no items", 400, 422)
    made = told(stage.http, batch_arguments(stage, "x", key=key))
    law(
        made["items_total"] == 1,
        f"batch {made['id']} of one item has items_total {made['items_total']}",
    )


def _acts_once(
    stage: Stage,
    make: Callable[[str, str], RequestArguments],
    everything: Callable[[], RequestArguments],
) -> None:
    key, other_key = str(uuid4()), str(uuid4())
    before = set(ids_of(told(stage.http, everything())))
    first = told(stage.http, make(key, "one"))
    stage.pass_time(60.0)
    again = told(stage.http, make(key, "one"))
    law(
        again == first,
        f"the same Idempotency-Key and body gave {first['id']}, then {again['id']} or another answer",
    )
    refused(stage.http, make(key, "two"), "for another body with the same Idempotency-Key", 409)
    other = told(stage.http, make(other_key, "one"))
    law(other["id"] != first["id"], f"another Idempotency-Key gave {first['id']} again")
    if stage.stranger is not None:
        theirs = told(stage.stranger, make(key, "one"))
        law(
            theirs["id"] != first["id"],
            f"the Idempotency-Key of one organization gave {first['id']} to another",
        )
    made = set(ids_of(told(stage.http, everything()))) - before
    law(made == {first["id"], other["id"]}, f"two things were asked for, made were {sorted(made)}")


def _evaluation(key: str, text: str) -> RequestArguments:
    return evaluation_arguments(key, client_ref=text)


CHECKS = (a_batch_is_made_once, an_evaluation_is_made_once, a_refusal_uses_no_key)
