"""Laws of callbacks: one for each end of a run, signed, retried and recorded."""

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
from runflow_client._http import REQUEST_ID, SIGNATURE
from runflow_client._models.statuses import CANCELED
from runflow_client.callbacks import (
    RunCanceledEvent,
    RunCompletedEvent,
    RunEvent,
    RunFailedEvent,
    RunPartiallySucceededEvent,
)

from ..callback_receiver import ReceivedCallback
from ..invariants import require, secrets_are_shown_once, signature_verifies
from ..target import Target
from ._requests import (
    Json,
    ended_run,
    expect_refusal,
    get_json,
    get_json_list,
    ids_of,
    items_of,
    new_run,
    parse_event,
    read_run,
    succeed,
)

EVENTS: dict[str, type[RunEvent]] = {
    "succeeded": RunCompletedEvent,
    "partial_succeeded": RunPartiallySucceededEvent,
    "failed": RunFailedEvent,
    "canceled": RunCanceledEvent,
}
RETRY_WINDOW = 30.0  # seconds in which a refused callback is tried again


def a_callback_agrees_with_its_run(target: Target) -> None:
    """Each end of a run sends one callback, not earlier, and it agrees with the run."""
    for status in EVENTS if target.end_next is not None else ("succeeded",):
        if target.end_next is not None:
            target.end_next(status)
        metadata = {"status": status, "é": [1, None]}
        run_id = new_run(target, callback_url=target.callback_url, metadata=metadata)["id"]
        require(not target.received(), f"run {run_id} was called back before it began")
        run = _after(target, run_id)
        received = target.received()
        require(
            len(received) == 1,
            f"run {run_id} ended as {run['status_code']} and called back {len(received)} times",
        )
        event = parse_event(received[0])
        require(
            isinstance(event, EVENTS[status]),
            f"run {run_id} ended as {status}, its event is {event.event}",
        )
        said = (event.subject_id, event.metadata, event.duration_ms)
        require(
            said == (run_id, metadata, run["duration_ms"]),
            f"the callback of run {run_id} says {said}",
        )
        same = event.status == run["status_code"] or {event.status, run["status_code"]} <= CANCELED
        require(same, f"run {run_id} is {run['status_code']}, its callback says {event.status}")
        for name in ("created_at", "completed_at"):
            shown, called = run[name], str(event.payload.get(name))
            require(
                shown.replace("Z", "+00:00") == called,
                f"{name} of run {run_id} is {shown}, in its callback {called}",
            )


def a_refused_callback_is_retried(target: Target) -> None:
    """A refused callback is retried with the same bytes and signature, and both are recorded."""
    if target.refuse_next is None:
        return
    _promote(target, _new_secret(target))
    target.received()
    target.refuse_next(1)
    run_id = new_run(target, callback_url=target.callback_url)["id"]
    _after(target, run_id)
    received = target.received()
    require(
        len(received) == 2,
        f"a callback was refused once with 503 and then accepted: it arrived {len(received)} times",
    )
    for name, values in (
        ("body", {one.body for one in received}),
        (REQUEST_ID, {one.header(REQUEST_ID) for one in received}),
        (SIGNATURE, {one.header(SIGNATURE) for one in received}),
    ):
        require(
            len(values) == 1 and None not in values,
            f"a retried callback has another {name}",
        )
    history = _history(target, run_id)
    require(
        len(history) == 1,
        f"one callback of run {run_id}, attempted twice, is {len(history)} deliveries",
    )
    delivery = history[0]
    attempts = [
        (attempt["attempt_number"], attempt["status_code"]) for attempt in delivery["attempts"]
    ]
    require(
        attempts == [(1, 503), (2, 200)],
        f"delivery {delivery['id']} of two attempts lists {attempts}",
    )
    require(
        delivery["attempt_count"] == 2,
        f"delivery {delivery['id']} of two attempts counts {delivery['attempt_count']}",
    )
    require(
        delivery["completed_at"] is not None,
        f"delivery {delivery['id']} arrived and is not completed",
    )
    require(
        delivery["next_attempt_at"] is None,
        f"delivery {delivery['id']} arrived and is to be retried",
    )


def a_redelivery_is_a_second_delivery(target: Target) -> None:
    """A redelivery is a second delivery of the same event. The first one stays in the history."""
    run_id = UUID(new_run(target, callback_url=target.callback_url)["id"])
    expect_refusal(
        target.http,
        redeliver_run_callback.build_request(run_id),
        "for a run that has not ended",
        404,
        409,
        422,
    )
    _after(target, str(run_id))
    first, before = target.received(), _history(target, str(run_id))
    again = get_json(target.http, redeliver_run_callback.build_request(run_id))
    target.pass_time(RETRY_WINDOW)
    second, after = target.received(), _history(target, str(run_id))
    require(
        (len(first), len(second)) == (1, 1),
        f"run {run_id} called back {len(first)} times, its redelivery arrived {len(second)} times",
    )
    require(
        parse_event(first[0]).payload == parse_event(second[0]).payload,
        f"the redelivery of run {run_id} has another payload",
    )
    require(after[:-1] == before, f"a redelivery changed the earlier deliveries of run {run_id}")
    require(
        [one["id"] for one in after] == [*(one["id"] for one in before), again["id"]],
        f"the redelivery of run {run_id} is not in the history",
    )
    automatic = [one["is_automatic"] for one in after]
    require(
        automatic == [True, False],
        f"is_automatic of an automatic and a requested delivery is {automatic}",
    )


def no_delivery_without_a_url(target: Target) -> None:
    """A run without callback_url has no delivery and cannot be redelivered."""
    run_id = UUID(ended_run(target)["id"])
    require(
        not _history(target, str(run_id)), f"run {run_id} has no callback_url and has a delivery"
    )
    expect_refusal(
        target.http,
        redeliver_run_callback.build_request(run_id),
        "for a run without callback_url",
        404,
        409,
        422,
    )


def the_current_secret_signs(target: Target) -> None:
    """Only the current secret signs: also after another one was created, promoted, or deleted.

    Without any secret nothing is signed, and the first one signs at once.
    """
    first = not ids_of(get_json(target.http, list_callback_secrets.build_request()))
    if first:
        _deliver_signed(target, None, [])
    old = _new_secret(target)
    if not first:
        _promote(target, old)
    _deliver_signed(target, old, [])
    new = _new_secret(target)
    _deliver_signed(target, old, [new])
    _promote(target, new)
    _deliver_signed(target, new, [old])
    succeed(target.http, delete_callback_secret.build_request(UUID(old["id"])))
    _deliver_signed(target, new, [old])
    secrets_are_shown_once(target.secret_detector.leaks)


def _deliver_signed(target: Target, current: Json | None, others: list[Json]) -> None:
    target.received()
    run_id = new_run(target, callback_url=target.callback_url)["id"]
    _after(target, run_id)
    plain = [secret["plain_secret"] for secret in others]
    received: list[ReceivedCallback] = target.received()
    require(len(received) == 1, f"run {run_id} called back {len(received)} times")
    signature_verifies(received[0], None if current is None else current["plain_secret"], plain)
    named = _history(target, run_id)[0]["signing_secret_id"]
    expected = None if current is None else current["id"]
    require(
        named == expected,
        f"the delivery of run {run_id} says secret {named} signed, it was {expected}",
    )


def _promote(target: Target, secret: Json) -> None:
    """Make the secret the current one and check that no other is current."""
    body = CallbackSecretUpdate.from_dict({"is_current": True})
    get_json(target.http, update_callback_secret.build_request(UUID(secret["id"]), body=body))
    secrets = items_of(get_json(target.http, list_callback_secrets.build_request(limit=500)))
    current = [one["id"] for one in secrets if one["is_current"]]
    require(
        current == [secret["id"]],
        f"callback secret {secret['id']} was made the current one, current are {current}",
    )


def _new_secret(target: Target) -> Json:
    body = CallbackSecretCreate.from_dict({"label": "laws"})
    secret = get_json(target.http, create_callback_secret.build_request(body=body))
    target.secret_detector.secrets.append(secret["plain_secret"])
    return secret


def _after(target: Target, run_id: str) -> Json:
    target.pass_time(RETRY_WINDOW)
    return read_run(target, run_id)


def _history(target: Target, run_id: str) -> list[Json]:
    return get_json_list(target.http, list_run_callback_deliveries.build_request(UUID(run_id)))


CALLBACK_CHECKS = (
    a_callback_agrees_with_its_run,
    a_refused_callback_is_retried,
    a_redelivery_is_a_second_delivery,
    the_current_secret_signs,
)
CHECKS = (*CALLBACK_CHECKS, no_delivery_without_a_url)
