"""Laws of organization webhooks: each end of a run is told to who subscribed to it, signed, tried again and kept."""

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
    update_webhook,
)
from runflow_api.models.webhook_create import WebhookCreate
from runflow_api.models.webhook_update import WebhookUpdate

from ..callback_receiver import Received
from ..invariants import law, signature_proves
from ..target import Stage
from ._requests import (
    Json,
    done,
    ended_run,
    event_of,
    ids_of,
    items_of,
    refused,
    told,
    told_rows,
)

RETRIES = 30.0  # seconds in which a refused delivery is tried again
SECRET = "whsec_of_the_laws_of_webhooks"
EVENTS = {"succeeded": "run.completed", "failed": "run.failed"}
"""How the runs of these laws end, and the events that tell of it."""


def new_webhook(stage: Stage, *events: str, http: Any = None) -> Json:
    """Register a webhook for these events (for all when none is named) at the receiver, and return it."""
    subscriptions = (
        {"event_subscriptions": [{"event_type_code": event} for event in events]} if events else {}
    )
    body = WebhookCreate.from_dict({"url": stage.callback_url, "secret": SECRET, **subscriptions})
    return told(http or stage.http, create_webhook.build_request(body=body))


def stop(stage: Stage, *webhooks: Json) -> None:
    """Delete the webhooks: the laws that come next count what they receive."""
    for webhook in webhooks:
        done(stage.http, delete_webhook.build_request(UUID(webhook["id"])))


def deliveries_of(stage: Stage, webhook_id: str) -> list[Json]:
    """Return what was delivered to the webhook, oldest first."""
    return items_of(
        told(
            stage.http,
            list_webhook_deliveries.build_request(webhook_id, sort_by="created_at:asc", limit=500),
        )
    )


def attempts_of(stage: Stage, webhook_id: str, delivery_id: str) -> list[Json]:
    """Return the attempts of the delivery, oldest first."""
    arguments = list_webhook_delivery_attempts.build_request(
        webhook_id, delivery_id, sort_by="created_at:asc", limit=500
    )
    return items_of(told(stage.http, arguments))


def those_who_subscribed_are_told(stage: Stage) -> None:
    """The end of a run goes to each webhook that subscribed to its event or to all, signed with the webhook's secret."""
    if stage.end_next is None:
        return
    everything, failures = new_webhook(stage), new_webhook(stage, "run.failed")
    shown = [entry["event_type_code"] for entry in failures["event_subscriptions"]]
    law(shown == ["run.failed"], f"a webhook that subscribed to run.failed shows {shown}")
    ended: dict[str, str] = {}
    for status in EVENTS:
        stage.received()
        run_id = ended_run(stage, status)["id"]
        stage.pass_time(RETRIES)
        ended[run_id] = EVENTS[status]
        received = stage.received()
        wanted = 2 if status == "failed" else 1
        law(
            len(received) == wanted,
            f"run {run_id} has {status}: {len(received)} webhooks were told, not {wanted}",
        )
        for one in received:
            event = signature_proves(one, SECRET, [])
            law(
                event is not None and event.event == EVENTS[status],
                f"run {run_id} has {status}, told was {event}",
            )
            law(
                event_of(one).subject_id == run_id,
                f"a webhook was told of {event_of(one).subject_id}, not of {run_id}",
            )
    for webhook, events in ((everything, list(EVENTS.values())), (failures, ["run.failed"])):
        kept = deliveries_of(stage, webhook["id"])
        law(
            [one["event_type_code"] for one in kept] == events,
            f"webhook {webhook['id']} keeps the deliveries {kept}",
        )
        law(
            {one["webhook_id"] for one in kept} == {webhook["id"]},
            f"below webhook {webhook['id']} stand others'",
        )
        for row in kept:
            said = row["payload"]
            law(
                ended[said["run_id"]] == said["event"],
                f"delivery {row['id']} tells of another event than was sent",
            )
    stop(stage, everything, failures)


def what_is_disabled_or_gone_is_not_told(stage: Stage) -> None:
    """Nothing goes to a webhook that is disabled, or was deleted."""
    disabled, gone = new_webhook(stage), new_webhook(stage)
    body = WebhookUpdate.from_dict({"disabled_at": "2026-03-01T00:00:00Z"})
    told(stage.http, update_webhook.build_request(UUID(disabled["id"]), body=body))
    done(stage.http, delete_webhook.build_request(UUID(gone["id"])))
    law(
        not _told(stage),
        f"webhook {disabled['id']} is disabled or {gone['id']} deleted, and was told",
    )
    stop(stage, disabled)


def a_refused_delivery_is_tried_again(stage: Stage) -> None:
    """What was refused comes again with the same bytes; delivery and attempts are kept, alone, in lists and below `any`."""
    if stage.refuse_next is None:
        return
    webhook = new_webhook(stage)
    stage.refuse_next(1)
    received = _told(stage)
    law(
        len(received) == 2,
        f"a delivery was refused once and then accepted: it came {len(received)} times",
    )
    law(received[0].body == received[1].body, "a delivery that was tried again has another body")
    [delivery] = deliveries_of(stage, webhook["id"])
    attempts = attempts_of(stage, webhook["id"], delivery["id"])
    seen = [(one["attempt_number"], one["status_code"], one["succeeded"]) for one in attempts]
    law(
        seen == [(1, 503, False), (2, 200, True)],
        f"delivery {delivery['id']} of two attempts tells of {seen}",
    )
    waits = [one["next_retry_at"] is not None for one in attempts]
    law(waits == [True, False], f"next_retry_at of a refused and an accepted attempt: {waits}")
    law(
        {one["delivery_id"] for one in attempts} == {delivery["id"]},
        "below a delivery stand attempts of another",
    )
    for parents in ((webhook["id"], "any"), ("any", delivery["id"])):
        found = {one["id"] for one in attempts_of(stage, *parents)}
        law(
            {one["id"] for one in attempts} <= found,
            f"below {'/'.join(parents)} attempts are missing",
        )
    everywhere = {one["id"] for one in deliveries_of(stage, "any")}
    law(delivery["id"] in everywhere, f"delivery {delivery['id']} is missing below `any`")
    single = get_webhook_delivery.build_request(webhook["id"], UUID(delivery["id"]))
    law(
        told(stage.http, single) == delivery,
        f"delivery {delivery['id']} alone is not what the list shows",
    )
    embedded = get_webhook_delivery.build_request(
        webhook["id"], UUID(delivery["id"]), embed="attempts,webhook"
    )
    with_both = told(stage.http, embedded)
    law(
        with_both.get("attempts") == attempts,
        f"delivery {delivery['id']} embeds other attempts than it has",
    )
    shown: Json = with_both.get("webhook") or {}
    law(shown.get("id") == webhook["id"], f"delivery {delivery['id']} embeds no webhook")
    for one in attempts:
        alone = get_webhook_delivery_attempt.build_request(
            webhook["id"], delivery["id"], UUID(one["id"])
        )
        law(told(stage.http, alone) == one, f"attempt {one['id']} alone is not what the list shows")
    stop(stage, webhook)


def deliveries_are_unseen_by_others(stage: Stage) -> None:
    """Another organization is not told of our runs, and finds no delivery or attempt, not below `any` either."""
    if stage.stranger is None:
        return
    theirs = new_webhook(stage, http=stage.stranger)
    law(not _told(stage), f"webhook {theirs['id']} of another organization was told of our run")
    webhook = new_webhook(stage)
    _told(stage)
    [delivery] = deliveries_of(stage, webhook["id"])
    for arguments in (
        list_webhook_deliveries.build_request(webhook["id"]),
        list_webhook_delivery_attempts.build_request(webhook["id"], delivery["id"]),
        get_webhook_delivery.build_request("any", UUID(delivery["id"])),
        list_webhook_delivery_attempts.build_request("any", delivery["id"]),
    ):
        refused(stage.stranger, arguments, "for the webhook of another organization", 404)
    for arguments in (
        list_webhook_deliveries.build_request("any"),
        list_webhook_delivery_attempts.build_request("any", "any"),
    ):
        found = ids_of(told(stage.stranger, arguments))
        law(
            not found,
            f"GET {arguments['url']} shows another organization {len(found)} entries that are not its own",
        )
    stop(stage, webhook)


def each_event_can_be_read(stage: Stage) -> None:
    """Every event type of the list is found by its code; what is not in the list is not found."""
    codes = [row["code"] for row in told_rows(stage.http, list_webhook_event_types.build_request())]
    missing = set(EVENTS.values()) - set(codes)
    law(not missing, f"the event types lack {sorted(missing)}")
    for code in codes:
        shown = told(stage.http, get_webhook_event_type.build_request(code))
        law(shown.get("code") == code, f"event type {code} is {shown}")
    refused(
        stage.http,
        get_webhook_event_type.build_request("run.unheard"),
        "for an event that does not exist",
        404,
    )


def _told(stage: Stage) -> list[Received]:
    """Let a run end that calls nobody back itself, and return what came."""
    stage.received()
    ended_run(stage)
    stage.pass_time(RETRIES)
    return stage.received()


OF_A_RECEIVER = (
    those_who_subscribed_are_told,
    what_is_disabled_or_gone_is_not_told,
    a_refused_delivery_is_tried_again,
    deliveries_are_unseen_by_others,
)
CHECKS = (*OF_A_RECEIVER, each_event_can_be_read)
