"""Register organization webhooks, and read their deliveries and attempts."""

from collections.abc import Iterable
from typing import cast
from urllib.parse import urlsplit

from ...contract.answers import Reply, invalid, not_found
from ...contract.json_types import JsonObject, as_object, encodable, public
from ...simulation.runs import EVENTS
from ...simulation.webhooks import secret_fields, subscriptions
from ...state.clock import api_instant
from ..calls import Call, handles
from ..lists import embeds_of, page, project
from .nested import below, pick


@handles("list_webhooks", "GET", "/v1/webhooks", scope="webhooks:read")
def list_webhooks(call: Call) -> JsonObject:
    """Return a page of the organization's webhooks."""
    embeds = embeds_of(call.query)
    return page(
        call.owned(call.state.webhooks),
        call.query,
        render=lambda row: project(call.simulation.webhooks.view(row, embeds), call.query),
    )


@handles("create_webhook", "POST", "/v1/webhooks", scope="webhooks:create")
def create_webhook(call: Call) -> JsonObject:
    """Register a URL.

    `event_subscriptions` lists event codes, as text or as `{event_type_code}`; without it the
    webhook gets all events.
    """
    secret, url, events = _secret_of(call), _url_of(call), _events_of(call)
    return public(
        call.simulation.webhooks.create(call.organization_id, url, events, secret, call.now)
    )


@handles("list_webhook_event_types", "GET", "/v1/webhooks/event-types", scope="webhooks:read")
def list_webhook_event_types(call: Call) -> list[JsonObject]:
    """Return the events that webhooks can subscribe to."""
    return [{"code": event} for event in EVENTS.values()]


@handles("get_webhook_event_type", "GET", "/v1/webhooks/event-types/{code}", scope="webhooks:read")
def get_webhook_event_type(call: Call) -> JsonObject:
    """Return one event type."""
    code = call.path_values[0]
    if code not in EVENTS.values():
        raise not_found("event type", code)
    return {"code": code}


@handles("get_webhook", "GET", "/v1/webhooks/{id}", scope="webhooks:read")
def get_webhook(call: Call) -> JsonObject:
    """Return one webhook, with its deliveries if the query embeds them."""
    row = _own_webhook(call, call.path_values[0])
    return project(call.simulation.webhooks.view(row, embeds_of(call.query)), call.query)


@handles("update_webhook", "PATCH", "/v1/webhooks/{id}", scope="webhooks:edit")
def update_webhook(call: Call) -> JsonObject:
    """Change the URL, the secret or the events, or disable the webhook.

    Secret and events are changed by the names that they have when a webhook is created: Runflow
    does not document any.
    """
    row = _own_webhook(call, call.path_values[0])
    changes = {name: value for name, value in call.fields.items() if name in ("url", "disabled_at")}
    if "url" in changes:
        _url_of(call)
    if (secret := _secret_of(call)) is not None:
        changes |= secret_fields(secret)
    if "event_subscriptions" in call.fields:
        changes["event_subscriptions"] = subscriptions(row["id"], _events_of(call))
    row = {**row, **changes, "updated_at": api_instant(call.now)}
    return public(call.state.webhooks.put(row))


@handles("delete_webhook", "DELETE", "/v1/webhooks/{id}", scope="webhooks:delete")
def delete_webhook(call: Call) -> Reply:
    """Delete the webhook; later events are not delivered to it."""
    call.state.webhooks.delete(_own_webhook(call, call.path_values[0])["id"])
    return Reply()


@handles(
    "list_webhook_deliveries", "GET", "/v1/webhooks/{webhook_id}/deliveries", scope="webhooks:read"
)
def list_webhook_deliveries(call: Call) -> JsonObject:
    """Return a page of the webhook's deliveries."""
    return page(
        _deliveries(call), call.query, render=lambda row: project(_view(call, row), call.query)
    )


@handles(
    "get_webhook_delivery",
    "GET",
    "/v1/webhooks/{webhook_id}/deliveries/{id}",
    scope="webhooks:read",
)
def get_webhook_delivery(call: Call) -> JsonObject:
    """Return one delivery, with its attempts and its webhook if the query embeds them."""
    return project(
        _view(call, pick(_deliveries(call), call.path_values[1], "webhook delivery")), call.query
    )


@handles(
    "list_webhook_delivery_attempts",
    "GET",
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/attempts",
    scope="webhooks:read",
)
def list_webhook_delivery_attempts(call: Call) -> JsonObject:
    """Return a page of the delivery's attempts."""
    return page(
        _attempts(call),
        call.query,
        "attempt_number:asc",
        render=lambda row: project(_without_organization(row), call.query),
    )


@handles(
    "get_webhook_delivery_attempt",
    "GET",
    "/v1/webhooks/{webhook_id}/deliveries/{delivery_id}/attempts/{id}",
    scope="webhooks:read",
)
def get_webhook_delivery_attempt(call: Call) -> JsonObject:
    """Return one attempt."""
    return project(
        _without_organization(pick(_attempts(call), call.path_values[2], "attempt")), call.query
    )


def _own_webhook(call: Call, identifier: str) -> JsonObject:
    return call.own(call.state.webhooks, identifier, "webhook")


def _url_of(call: Call) -> str:
    url = call.fields.get("url")
    try:
        fine = (
            isinstance(url, str)
            and urlsplit(url).scheme in ("http", "https")
            and bool(urlsplit(url).hostname)
        )
    except ValueError:
        fine = False
    if not fine:
        raise invalid(
            ["body", "url"],
            "Input should be an http or https URL",
            "missing" if url is None else "url_parsing",
        )
    return str(url)


def _secret_of(call: Call) -> str | None:
    secret = call.fields.get("secret")
    if secret is None:
        return None
    if not isinstance(secret, str) or not encodable(secret):  # nothing can be signed with it
        raise invalid(["body", "secret"], "Input should be a valid string", "string_type")
    return secret


def _events_of(call: Call) -> list[str]:
    given: object = call.fields.get("event_subscriptions")
    if given is None:
        return []
    if not isinstance(given, list):
        raise invalid(["body", "event_subscriptions"], "Input should be a valid list", "list_type")
    events: list[str] = []
    for index, entry in enumerate(cast("list[object]", given)):
        code = as_object(entry).get("event_type_code", entry)
        if code not in EVENTS.values():
            raise invalid(
                ["body", "event_subscriptions", index],
                f"there is no event {str(code)[:100]!r}",
                "enum",
            )
        events.append(str(code))
    return events


def _deliveries(call: Call) -> Iterable[JsonObject]:
    return below(
        call.path_values[0],
        lambda: call.owned(call.state.webhooks),
        lambda identifier: _own_webhook(call, identifier),
        lambda webhook: call.state.webhook_deliveries.where(webhook_id=webhook["id"]),
    )


def _attempts(call: Call) -> Iterable[JsonObject]:
    return below(
        call.path_values[1],
        lambda: _deliveries(call),
        lambda identifier: pick(_deliveries(call), identifier, "webhook delivery"),
        lambda delivery: call.state.webhook_attempts.where(delivery_id=delivery["id"]),
    )


def _view(call: Call, delivery: JsonObject) -> JsonObject:
    view, embeds = _without_organization(delivery), embeds_of(call.query)
    if "attempts" in embeds:
        attempts = call.state.webhook_attempts.where(delivery_id=delivery["id"])
        view["attempts"] = [_without_organization(attempt) for attempt in attempts]
    if "webhook" in embeds:
        webhook = call.state.webhooks.get(delivery["webhook_id"])
        view["webhook"] = None if webhook is None else public(webhook)
    return view


def _without_organization(row: JsonObject) -> JsonObject:
    """Return the row as the API returns it.

    Deliveries and attempts do not contain their organization.
    """
    return {name: value for name, value in public(row).items() if name != "org_id"}
