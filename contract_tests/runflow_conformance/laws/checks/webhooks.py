"""Laws of organization webhooks: events go to their subscribers, signed, retried and recorded."""

from typing import Any
from uuid import UUID

from runflow_api.api.webhooks import (
    create_webhook,
    delete_webhook,
    get_webhook_delivery,
    get_webhook_delivery_attempt,
    get_webhook_event_type,
    list_webhook_deliveries,
    list_webhook_delivery_attempts,
    list_webhook_event_types,
    list_webhooks,
    update_webhook,
)
from runflow_api.models.webhook_create import WebhookCreate
from runflow_api.models.webhook_update import WebhookUpdate

from ..callback_receiver import ReceivedCallback
from ..invariants import require, signature_verifies
from ..target import Target
from ._requests import (
    Json,
    ended_run,
    expect_refusal,
    get_json,
    get_json_list,
    ids_of,
    items_of,
    parse_event,
    succeed,
)

RETRY_WINDOW = 30.0  # seconds in which a refused delivery is tried again
SECRET = "whsec_of_the_laws_of_webhooks"
EVENTS = {"succeeded": "run.completed", "failed": "run.failed"}
"""How the runs of these laws end, and the events that tell of it."""


def new_webhook(target: Target, *events: str, http: Any = None) -> Json:
    """Register a webhook at the receiver for these events (without any: for all) and return it."""
    subscriptions = (
        {"event_subscriptions": [{"event_type_code": event} for event in events]} if events else {}
    )
    body = WebhookCreate.from_dict({"url": target.callback_url, "secret": SECRET, **subscriptions})
    return get_json(http or target.http, create_webhook.build_request(body=body))


def delete_webhooks(target: Target, *webhooks: Json) -> None:
    """Delete the webhooks, so that later laws do not receive their deliveries."""
    for webhook in webhooks:
        succeed(target.http, delete_webhook.build_request(UUID(webhook["id"])))


def forget_webhooks(target: Target) -> None:
    """Delete the webhooks that a law has left at the receiver because it was broken off."""
    if target.callback_url is None:
        return
    listed = list_webhooks.build_request(limit=500)
    for webhook in items_of(get_json(target.http, listed)):
        if webhook.get("url") == target.callback_url:
            delete_webhooks(target, webhook)


def deliveries_of(target: Target, webhook_id: str) -> list[Json]:
    """Return the deliveries to the webhook, oldest first."""
    return items_of(
        get_json(
            target.http,
            list_webhook_deliveries.build_request(webhook_id, sort_by="created_at:asc", limit=500),
        )
    )


def attempts_of(target: Target, webhook_id: str, delivery_id: str) -> list[Json]:
    """Return the attempts of the delivery, oldest first."""
    arguments = list_webhook_delivery_attempts.build_request(
        webhook_id, delivery_id, sort_by="created_at:asc", limit=500
    )
    return items_of(get_json(target.http, arguments))


def subscribers_get_their_events(target: Target) -> None:
    """The end of a run is delivered to the webhooks that subscribed to it, signed."""
    if target.end_next is None:
        return
    everything, failures = new_webhook(target), new_webhook(target, "run.failed")
    shown = [entry["event_type_code"] for entry in failures["event_subscriptions"]]
    require(shown == ["run.failed"], f"a webhook that subscribed to run.failed shows {shown}")
    ended: dict[str, str] = {}
    for status in EVENTS:
        target.received()
        run_id = ended_run(target, status)["id"]
        target.pass_time(RETRY_WINDOW)
        ended[run_id] = EVENTS[status]
        received = target.received()
        wanted = 2 if status == "failed" else 1
        require(
            len(received) == wanted,
            f"run {run_id} has {status}: {len(received)} deliveries, expected {wanted}",
        )
        for one in received:
            event = signature_verifies(one, SECRET, [])
            require(
                event is not None and event.event == EVENTS[status],
                f"run {run_id} has {status}, the event is {event}",
            )
            require(
                parse_event(one).subject_id == run_id,
                f"a webhook received {parse_event(one).subject_id}, not of {run_id}",
            )
    for webhook, events in ((everything, list(EVENTS.values())), (failures, ["run.failed"])):
        kept = deliveries_of(target, webhook["id"])
        require(
            [one["event_type_code"] for one in kept] == events,
            f"webhook {webhook['id']} keeps the deliveries {kept}",
        )
        require(
            {one["webhook_id"] for one in kept} == {webhook["id"]},
            f"webhook {webhook['id']} lists deliveries of another webhook",
        )
        for row in kept:
            said = row["payload"]
            require(
                ended[said["run_id"]] == said["event"],
                f"delivery {row['id']} has another event than was sent",
            )
    delete_webhooks(target, everything, failures)


def disabled_webhooks_get_nothing(target: Target) -> None:
    """Disabled and deleted webhooks get no deliveries."""
    disabled, gone = new_webhook(target), new_webhook(target)
    body = WebhookUpdate.from_dict({"disabled_at": "2026-03-01T00:00:00Z"})
    get_json(target.http, update_webhook.build_request(UUID(disabled["id"]), body=body))
    succeed(target.http, delete_webhook.build_request(UUID(gone["id"])))
    require(
        not _deliveries_of_a_run(target),
        f"webhook {disabled['id']} is disabled or {gone['id']} deleted, and got a delivery",
    )
    delete_webhooks(target, disabled)


def a_refused_delivery_is_retried(target: Target) -> None:
    """A refused delivery is retried with the same bytes; delivery and attempts are recorded."""
    if target.refuse_next is None:
        return
    webhook = new_webhook(target)
    target.refuse_next(1)
    received = _deliveries_of_a_run(target)
    require(
        len(received) == 2,
        f"a delivery was refused once and then accepted: it arrived {len(received)} times",
    )
    require(received[0].body == received[1].body, "a retried delivery has another body")
    [delivery] = deliveries_of(target, webhook["id"])
    attempts = attempts_of(target, webhook["id"], delivery["id"])
    seen = [(one["attempt_number"], one["status_code"], one["succeeded"]) for one in attempts]
    require(
        seen == [(1, 503, False), (2, 200, True)],
        f"delivery {delivery['id']} of two attempts lists {seen}",
    )
    waits = [one["next_retry_at"] is not None for one in attempts]
    require(waits == [True, False], f"next_retry_at of a refused and an accepted attempt: {waits}")
    require(
        {one["delivery_id"] for one in attempts} == {delivery["id"]},
        "a delivery lists attempts of another one",
    )
    for parents in ((webhook["id"], "any"), ("any", delivery["id"])):
        found = {one["id"] for one in attempts_of(target, *parents)}
        require(
            {one["id"] for one in attempts} <= found,
            f"below {'/'.join(parents)} attempts are missing",
        )
    everywhere = {one["id"] for one in deliveries_of(target, "any")}
    require(delivery["id"] in everywhere, f"delivery {delivery['id']} is missing below `any`")
    single = get_webhook_delivery.build_request(webhook["id"], UUID(delivery["id"]))
    require(
        get_json(target.http, single) == delivery,
        f"delivery {delivery['id']} is different when read alone",
    )
    embedded = get_webhook_delivery.build_request(
        webhook["id"], UUID(delivery["id"]), embed="attempts,webhook"
    )
    with_both = get_json(target.http, embedded)
    require(
        with_both.get("attempts") == attempts,
        f"delivery {delivery['id']} embeds other attempts than it has",
    )
    shown: Json = with_both.get("webhook") or {}
    require(shown.get("id") == webhook["id"], f"delivery {delivery['id']} embeds no webhook")
    for one in attempts:
        alone = get_webhook_delivery_attempt.build_request(
            webhook["id"], delivery["id"], UUID(one["id"])
        )
        require(
            get_json(target.http, alone) == one,
            f"attempt {one['id']} is different when read alone",
        )
    delete_webhooks(target, webhook)


def other_organizations_see_no_delivery(target: Target) -> None:
    """Another organization gets no deliveries of our runs and finds none, also below `any`."""
    if target.other_org is None:
        return
    theirs = new_webhook(target, http=target.other_org)
    require(
        not _deliveries_of_a_run(target),
        f"webhook {theirs['id']} of another organization received our run",
    )
    webhook = new_webhook(target)
    _deliveries_of_a_run(target)
    [delivery] = deliveries_of(target, webhook["id"])
    for arguments in (
        list_webhook_deliveries.build_request(webhook["id"]),
        list_webhook_delivery_attempts.build_request(webhook["id"], delivery["id"]),
        get_webhook_delivery.build_request("any", UUID(delivery["id"])),
        list_webhook_delivery_attempts.build_request("any", delivery["id"]),
    ):
        expect_refusal(target.other_org, arguments, "for the webhook of another organization", 404)
    for arguments in (
        list_webhook_deliveries.build_request("any"),
        list_webhook_delivery_attempts.build_request("any", "any"),
    ):
        found = ids_of(get_json(target.other_org, arguments))
        require(
            not found,
            f"GET {arguments['url']} shows another organization {len(found)} entries",
        )
    delete_webhooks(target, webhook)


def event_types_are_listed(target: Target) -> None:
    """Every listed event type is found by its code; an unknown code gives 404."""
    codes = [
        row["code"] for row in get_json_list(target.http, list_webhook_event_types.build_request())
    ]
    missing = set(EVENTS.values()) - set(codes)
    require(not missing, f"the event types lack {sorted(missing)}")
    for code in codes:
        shown = get_json(target.http, get_webhook_event_type.build_request(code))
        require(shown.get("code") == code, f"event type {code} is {shown}")
    expect_refusal(
        target.http,
        get_webhook_event_type.build_request("run.unheard"),
        "for an event that does not exist",
        404,
    )


def _deliveries_of_a_run(target: Target) -> list[ReceivedCallback]:
    """Let a run without callback_url end and return what the webhooks received."""
    target.received()
    ended_run(target)
    target.pass_time(RETRY_WINDOW)
    return target.received()


CALLBACK_CHECKS = (
    subscribers_get_their_events,
    disabled_webhooks_get_nothing,
    a_refused_delivery_is_retried,
    other_organizations_see_no_delivery,
)
CHECKS = (*CALLBACK_CHECKS, event_types_are_listed)
