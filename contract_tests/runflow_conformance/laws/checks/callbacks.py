"""Laws of callbacks: one for each ending, true to the run, tried again as it was, and delivered anew on request."""

from uuid import UUID

from runflow_api.api.runs import list_run_callback_deliveries, redeliver_run_callback
from runflow_api.api.webhooks import (
    create_callback_secret,
    delete_callback_secret,
    list_callback_secrets,
    update_callback_secret,
)
from runflow_api.models.callback_secret_create import CallbackSecretCreate
from runflow_api.models.callback_secret_update import CallbackSecretUpdate
from runflow_client.callbacks import (
    RunCanceled,
    RunCompleted,
    RunEvent,
    RunFailed,
    RunPartiallySucceeded,
)
from runflow_client.headers import REQUEST_ID, SIGNATURE
from runflow_client.statuses import CANCELED

from ..callback_receiver import Received
from ..invariants import law, no_secret_shown_again, signature_proves
from ..target import Stage
from ._requests import (
    Json,
    done,
    ended_run,
    event_of,
    ids_of,
    items_of,
    new_run,
    read_run,
    refused,
    told,
    told_rows,
)

EVENTS: dict[str, type[RunEvent]] = {
    "succeeded": RunCompleted,
    "partial_succeeded": RunPartiallySucceeded,
    "failed": RunFailed,
    "canceled": RunCanceled,
}
RETRIES = 30.0  # seconds in which a refused callback is tried again


def says_what_the_run_says(stage: Stage) -> None:
    """Each ending brings one callback, not before it, and what that says is what the run says."""
    for status in EVENTS if stage.end_next is not None else ("succeeded",):
        if stage.end_next is not None:
            stage.end_next(status)
        metadata = {"status": status, "é": [1, None]}
        run_id = new_run(stage, callback_url=stage.callback_url, metadata=metadata)["id"]
        law(not stage.received(), f"run {run_id} was called back before it began")
        run = _after(stage, run_id)
        received = stage.received()
        law(
            len(received) == 1,
            f"run {run_id} ended as {run['status_code']} and called back {len(received)} times",
        )
        event = event_of(received[0])
        law(
            isinstance(event, EVENTS[status]),
            f"run {run_id} ended as {status}, its event is {event.event}",
        )
        said = (event.subject_id, event.metadata, event.duration_ms)
        law(
            said == (run_id, metadata, run["duration_ms"]),
            f"the callback of run {run_id} says {said}",
        )
        same = event.status == run["status_code"] or {event.status, run["status_code"]} <= CANCELED
        law(same, f"run {run_id} is {run['status_code']}, its callback says {event.status}")
        for name in ("created_at", "completed_at"):
            shown, called = run[name], str(event.payload.get(name))
            law(
                shown.replace("Z", "+00:00") == called,
                f"{name} of run {run_id} is {shown}, in its callback {called}",
            )


def is_tried_again_as_it_was(stage: Stage) -> None:
    """A callback that is refused comes again with the same bytes, signature and id, and the history tells of both."""
    if stage.refuse_next is None:
        return
    _promote(stage, _new_secret(stage))
    stage.received()
    stage.refuse_next(1)
    run_id = new_run(stage, callback_url=stage.callback_url)["id"]
    _after(stage, run_id)
    received = stage.received()
    law(
        len(received) == 2,
        f"a callback was refused once with 503 and then accepted: it came {len(received)} times",
    )
    for name, values in (
        ("body", {one.body for one in received}),
        (REQUEST_ID, {one.header(REQUEST_ID) for one in received}),
        (SIGNATURE, {one.header(SIGNATURE) for one in received}),
    ):
        law(
            len(values) == 1 and None not in values,
            f"a callback that was tried again has another {name}",
        )
    history = _history(stage, run_id)
    law(
        len(history) == 1,
        f"one callback of run {run_id}, tried twice, is {len(history)} deliveries",
    )
    delivery = history[0]
    attempts = [
        (attempt["attempt_number"], attempt["status_code"]) for attempt in delivery["attempts"]
    ]
    law(
        attempts == [(1, 503), (2, 200)],
        f"delivery {delivery['id']} of two attempts tells of {attempts}",
    )
    law(
        delivery["attempt_count"] == 2,
        f"delivery {delivery['id']} of two attempts counts {delivery['attempt_count']}",
    )
    law(
        delivery["completed_at"] is not None,
        f"delivery {delivery['id']} arrived and is not completed",
    )
    law(
        delivery["next_attempt_at"] is None,
        f"delivery {delivery['id']} arrived and will be tried again",
    )


def is_delivered_anew(stage: Stage) -> None:
    """A redelivery is another delivery of the same event; the first one stays in the history as it was."""
    run_id = UUID(new_run(stage, callback_url=stage.callback_url)["id"])
    refused(
        stage.http,
        redeliver_run_callback.build_request(run_id),
        "for a run that has not ended",
        404,
        409,
        422,
    )
    _after(stage, str(run_id))
    first, before = stage.received(), _history(stage, str(run_id))
    again = told(stage.http, redeliver_run_callback.build_request(run_id))
    stage.pass_time(RETRIES)
    second, after = stage.received(), _history(stage, str(run_id))
    law(
        (len(first), len(second)) == (1, 1),
        f"a redelivery of run {run_id} came {len(second)} times",
    )
    law(
        event_of(first[0]).payload == event_of(second[0]).payload,
        f"the redelivery of run {run_id} says something else",
    )
    law(after[:-1] == before, f"a redelivery changed the earlier deliveries of run {run_id}")
    law(
        [one["id"] for one in after] == [*(one["id"] for one in before), again["id"]],
        f"the redelivery of run {run_id} is not in the history",
    )
    automatic = [one["is_automatic"] for one in after]
    law(
        automatic == [True, False],
        f"is_automatic of an automatic and a requested delivery is {automatic}",
    )


def goes_nowhere_without_a_url(stage: Stage) -> None:
    """A run without callback_url has no delivery, and none can be asked for."""
    run_id = UUID(ended_run(stage)["id"])
    law(not _history(stage, str(run_id)), f"run {run_id} has no callback_url and a delivery")
    refused(
        stage.http,
        redeliver_run_callback.build_request(run_id),
        "for a run without callback_url",
        404,
        409,
        422,
    )


def is_signed_by_the_current_secret(stage: Stage) -> None:
    """The current secret signs, and it alone: after another was made, made current, and after the current one went.

    Without any secret nothing is signed, and the first one signs at once.
    """
    first = not ids_of(told(stage.http, list_callback_secrets.build_request()))
    if first:
        _deliver_signed(stage, None, [])
    old = _new_secret(stage)
    if not first:
        _promote(stage, old)
    _deliver_signed(stage, old, [])
    new = _new_secret(stage)
    _deliver_signed(stage, old, [new])
    _promote(stage, new)
    _deliver_signed(stage, new, [old])
    done(stage.http, delete_callback_secret.build_request(UUID(old["id"])))
    _deliver_signed(stage, new, [old])
    no_secret_shown_again(stage.secret_watch.shown)


def _deliver_signed(stage: Stage, current: Json | None, others: list[Json]) -> None:
    stage.received()
    run_id = new_run(stage, callback_url=stage.callback_url)["id"]
    _after(stage, run_id)
    plain = [secret["plain_secret"] for secret in others]
    received: list[Received] = stage.received()
    law(len(received) == 1, f"run {run_id} called back {len(received)} times")
    signature_proves(received[0], None if current is None else current["plain_secret"], plain)
    named = _history(stage, run_id)[0]["signing_secret_id"]
    expected = None if current is None else current["id"]
    law(
        named == expected,
        f"the delivery of run {run_id} says secret {named} signed, it was {expected}",
    )


def _promote(stage: Stage, secret: Json) -> None:
    """Make the secret the current one: it alone is current then."""
    body = CallbackSecretUpdate.from_dict({"is_current": True})
    told(stage.http, update_callback_secret.build_request(UUID(secret["id"]), body=body))
    secrets = items_of(told(stage.http, list_callback_secrets.build_request(limit=500)))
    current = [one["id"] for one in secrets if one["is_current"]]
    law(
        current == [secret["id"]],
        f"callback secret {secret['id']} was made the current one, current are {current}",
    )


def _new_secret(stage: Stage) -> Json:
    body = CallbackSecretCreate.from_dict({"label": "laws"})
    secret = told(stage.http, create_callback_secret.build_request(body=body))
    stage.secret_watch.secrets.append(secret["plain_secret"])
    return secret


def _after(stage: Stage, run_id: str) -> Json:
    stage.pass_time(RETRIES)
    return read_run(stage, run_id)


def _history(stage: Stage, run_id: str) -> list[Json]:
    return told_rows(stage.http, list_run_callback_deliveries.build_request(UUID(run_id)))


OF_A_RECEIVER = (
    says_what_the_run_says,
    is_tried_again_as_it_was,
    is_delivered_anew,
    is_signed_by_the_current_secret,
)
CHECKS = (*OF_A_RECEIVER, goes_nowhere_without_a_url)
