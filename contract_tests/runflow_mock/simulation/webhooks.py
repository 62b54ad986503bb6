"""Organization webhooks.

Every terminal run is sent to each subscribed URL, signed with the webhook's own secret.
"""

import hashlib
from datetime import datetime
from functools import partial

from ..contract.json_types import JsonObject, json_text, public
from ..state.clock import api_instant
from ..state.state import State
from .callbacks import REQUEST_ID_HEADER, SIGNATURE_HEADER, retry_at, sign
from .sender import AttemptResult, Sender

SECRET_PREFIX = "whsec_"


def secret_fields(plain: str) -> JsonObject:
    """Return what a webhook keeps and shows of its secret."""
    return {
        "secret_fingerprint": hashlib.sha256(plain.encode()).hexdigest()[:16],
        "_plain": plain,
    }


def subscriptions(webhook_id: str, events: list[str]) -> list[JsonObject]:
    """Return the event subscriptions of a webhook as the API returns them."""
    return [{"webhook_id": webhook_id, "event_type_code": event} for event in events]


class Webhooks:
    """Keeps webhooks, their deliveries, and the attempts of those."""

    def __init__(self, state: State, sender: Sender) -> None:
        self._state = state
        self._sender = sender

    def create(
        self, organization_id: str, url: str, events: list[str], secret: str | None, now: datetime
    ) -> JsonObject:
        """Create a webhook for these events (for all if empty) and return its row."""
        identifier = self._state.identifiers.new(now)
        plain = secret if secret is not None else self._state.identifiers.secret(SECRET_PREFIX)
        created = api_instant(now)
        row: JsonObject = {
            "id": identifier,
            "org_id": organization_id,
            "url": url,
            **secret_fields(plain),
            "disabled_at": None,
            "last_triggered_at": None,
            "created_at": created,
            "updated_at": created,
            "event_subscriptions": subscriptions(identifier, events),
        }
        return self._state.webhooks.put(row)

    def notify(self, organization_id: str, payload: JsonObject, at: datetime) -> None:
        """Send the payload to the organization's enabled webhooks that subscribe to its event."""
        for webhook in self._state.webhooks.where(org_id=organization_id, disabled_at=None):
            events = [
                subscription["event_type_code"] for subscription in webhook["event_subscriptions"]
            ]
            if not events or payload["event"] in events:
                self._begin(webhook, payload, at)

    def resume(self, delivery: JsonObject, at: datetime) -> None:
        """Schedule the next attempt of an unfinished delivery."""
        self._state.schedule.at(at, partial(self._attempt, delivery))

    def view(self, webhook: JsonObject, embeds: set[str]) -> JsonObject:
        """Return the webhook as the API returns it, with its deliveries if they are embedded."""
        if "deliveries" not in embeds:
            return public(webhook)
        deliveries = self._state.webhook_deliveries.where(webhook_id=webhook["id"])
        return {**public(webhook), "deliveries": [public(delivery) for delivery in deliveries]}

    def _begin(self, webhook: JsonObject, payload: JsonObject, at: datetime) -> None:
        webhook["last_triggered_at"] = api_instant(at)
        self._state.webhooks.put(webhook)
        delivery: JsonObject = {
            "id": self._state.identifiers.new(at),
            "org_id": webhook["org_id"],
            "webhook_id": webhook["id"],
            "event_type_code": payload["event"],
            "payload": payload,
            "created_at": api_instant(at),
            "_body": json_text(payload),
            "_url": webhook["url"],
            "_secret": webhook["_plain"],
            "_attempts": 0,
            "_next": api_instant(at),
        }
        self._state.webhook_deliveries.put(delivery)
        refusal = self._sender.refusal(webhook["url"])
        if refusal is None:
            self._attempt(delivery, at)
        else:
            self._record(delivery, at, AttemptResult(error_message=refusal), None)

    def _attempt(self, delivery: JsonObject, at: datetime) -> None:
        body = str(delivery["_body"]).encode()
        headers = {
            "Content-Type": "application/json",
            REQUEST_ID_HEADER: "req_" + str(delivery["id"]).replace("-", ""),
            SIGNATURE_HEADER: sign(delivery["_secret"], body),
        }
        self._sender.send(delivery["_url"], body, headers, partial(self._attempted, delivery, at))

    def _attempted(self, delivery: JsonObject, at: datetime, result: AttemptResult) -> None:
        again = retry_at(delivery["_attempts"] + 1, at, result)
        self._record(delivery, at, result, again)
        if again is not None:
            self.resume(delivery, again)

    def _record(
        self, delivery: JsonObject, at: datetime, result: AttemptResult, again: datetime | None
    ) -> None:
        delivery["_attempts"] += 1
        delivery["_next"] = None if again is None else api_instant(again)
        self._state.webhook_deliveries.put(delivery)
        self._state.webhook_attempts.put(
            {
                "id": self._state.identifiers.new(at),
                "org_id": delivery["org_id"],
                "delivery_id": delivery["id"],
                "attempt_number": delivery["_attempts"],
                "status_code": result.status_code,
                "response_body": result.response_body
                if result.error_message is None
                else result.error_message,
                "response_time_ms": 0,
                "succeeded": result.succeeded,
                "next_retry_at": delivery["_next"],
                "created_at": api_instant(at),
            }
        )
