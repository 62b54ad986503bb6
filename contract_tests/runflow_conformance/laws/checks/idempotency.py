"""Laws of the Idempotency-Key: one action per key and body, one set of keys per organization."""

from collections.abc import Callable
from uuid import uuid4

from runflow_api.api.batches import list_batches
from runflow_api.api.evaluations import list_evaluations
from runflow_api.types import RequestArguments

from ..invariants import require
from ..target import Target
from ._requests import expect_refusal, get_json, ids_of
from .batches import batch_arguments
from .evaluations import evaluation_arguments


def a_batch_is_created_once(target: Target) -> None:
    """A batch that is sent twice with one key is created once."""
    _acts_once(
        target,
        lambda key, text: batch_arguments(target, text, key=key),
        lambda: list_batches.build_request(limit=500),
    )


def an_evaluation_is_created_once(target: Target) -> None:
    """An evaluation that is sent twice with one key is created once."""
    _acts_once(target, _evaluation, lambda: list_evaluations.build_request(limit=500))


def a_refusal_does_not_use_the_key(target: Target) -> None:
    """A refused request does not use up its key: the same key with a valid body succeeds."""
    key = str(uuid4())
    wrong: RequestArguments = {**batch_arguments(target, "x", key=key), "json": {"input": []}}
    expect_refusal(target.http, wrong, "for a batch of no items", 400, 422)
    made = get_json(target.http, batch_arguments(target, "x", key=key))
    require(
        made["items_total"] == 1,
        f"batch {made['id']} of one item has items_total {made['items_total']}",
    )


def _acts_once(
    target: Target,
    make: Callable[[str, str], RequestArguments],
    everything: Callable[[], RequestArguments],
) -> None:
    key, other_key = str(uuid4()), str(uuid4())
    before = set(ids_of(get_json(target.http, everything())))
    first = get_json(target.http, make(key, "one"))
    target.pass_time(60.0)
    again = get_json(target.http, make(key, "one"))
    require(
        again == first,
        f"the same Idempotency-Key and body gave {first['id']}, then {again['id']}",
    )
    expect_refusal(
        target.http, make(key, "two"), "for another body with the same Idempotency-Key", 409
    )
    other = get_json(target.http, make(other_key, "one"))
    require(other["id"] != first["id"], f"another Idempotency-Key gave {first['id']} again")
    if target.other_org is not None:
        theirs = get_json(target.other_org, make(key, "one"))
        require(
            theirs["id"] != first["id"],
            f"an Idempotency-Key of another organization gave {first['id']}",
        )
    made = set(ids_of(get_json(target.http, everything()))) - before
    require(
        made == {first["id"], other["id"]}, f"two were to be created, created were {sorted(made)}"
    )


def _evaluation(key: str, text: str) -> RequestArguments:
    return evaluation_arguments(key, client_ref=text)


CHECKS = (a_batch_is_created_once, an_evaluation_is_created_once, a_refusal_does_not_use_the_key)
