"""Callbacks: payload, signature, attempts and retries, and the history of both."""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from ..contract.fitting import Fitting
from ..contract.json_types import JsonObject, as_object, json_text
from ..contract.validation import BrokenContract, Contract, place_in
from ..faults.plan import (
    DUPLICATE_CALLBACK,
    LATE_CALLBACK,
    LOST_CALLBACK,
    REORDERED_CALLBACK,
    UNKNOWN_EVENT,
    Faults,
)
from ..state.clock import api_instant, callback_instant
from ..state.state import State
from .sender import AttemptResult, Sender

SIGNATURE_HEADER = "Runflow-Signature"
REQUEST_ID_HEADER = "Runflow-Request-Id"
RETRY_DELAYS = (1.0, 2.0)  # seconds after the first and after the second attempt
MAX_ATTEMPTS = len(RETRY_DELAYS) + 1
PENDING, SUCCEEDED, FAILED = "pending", "succeeded", "failed"


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a callback.

    It is HMAC-SHA256 over the raw body, keyed with the secret as it is, in lowercase hex.
    """
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def payload_of(event: str, subject: str, row: JsonObject, output: object) -> JsonObject:
    """Return the payload of a terminal run, batch or evaluation.

    `subject` is the name of its id: `run_id`, `batch_id` or `evaluation_id`.
    """
    return {
        "event": event,
        subject: row["id"],
        "status": row["status_code"],
        "output": output,
        "duration_ms": row["duration_ms"],
        "created_at": callback_instant(row["created_at"]),
        "completed_at": callback_instant(row["completed_at"]),
        "metadata": row["metadata"],
    }


def retry_at(number: int, at: datetime, result: AttemptResult) -> datetime | None:
    """Return when to retry after attempt `number` at `at`, None for never.

    5xx and network errors are retried, with three attempts at most.
    """
    if result.succeeded or not result.should_retry or number >= MAX_ATTEMPTS:
        return None
    return at + timedelta(seconds=RETRY_DELAYS[number - 1])


class Callbacks:
    """Makes deliveries, attempts them, and keeps their history."""

    def __init__(self, state: State, contract: Contract, sender: Sender, faults: Faults) -> None:
        self._state = state
        self._contract = contract
        self._sender = sender
        self._faults = faults
        self._held: list[Callable[[], None]] = []

    def current_secret(self, organization_id: str) -> JsonObject | None:
        """Return the secret that signs for the organization, or None."""
        current = self._state.secrets.where(org_id=organization_id, is_current=True)
        return next(iter(current), None)

    def history(self, subject: str, identifier: str) -> list[JsonObject]:
        """Return the deliveries of a run (`run_id`) or batch (`batch_id`), oldest first."""
        return self._state.deliveries.where(**{subject: identifier})

    def begin(
        self,
        subject: str,
        row: JsonObject,
        payload: JsonObject,
        operation: tuple[str, str] | None,
        at: datetime,
        *,
        automatic: bool,
    ) -> JsonObject:
        """Make a delivery of the payload to the row's `callback_url`, attempt it, and return it.

        `operation` is the one whose callback the document describes, None if it describes none.
        Raise BrokenContract if the payload is not what the document describes.
        """
        if operation is not None:
            payload = self._checked(operation, row, payload)
        secret = self.current_secret(row["org_id"])
        identifier = self._state.identifiers.new(at)
        delivery: JsonObject = {
            "id": identifier,
            subject: row["id"],
            "callback_url": row["callback_url"],
            "payload_bytes": json_text(payload),
            "payload": payload,
            "signing_secret_id": None if secret is None else secret["id"],
            "is_automatic": automatic,
            "status_code": PENDING,
            "failure_reason_code": None,
            "failure_detail": None,
            "attempt_count": 0,
            "max_attempts": MAX_ATTEMPTS,
            "next_attempt_at": api_instant(at),
            "created_at": api_instant(at),
            "updated_at": api_instant(at),
            "completed_at": None,
            "attempts": [],
            "_secret": None if secret is None else secret["_plain"],
            "_request_id": "req_" + identifier.replace("-", ""),
        }
        self._state.deliveries.put(delivery)
        refusal = self._sender.refusal(row["callback_url"])
        if refusal is not None:
            self._finish(delivery, FAILED, at, "host_not_allowed", refusal)
        else:
            self._first_attempt(delivery, at)
        return delivery

    def _checked(
        self, operation: tuple[str, str], row: JsonObject, payload: JsonObject
    ) -> JsonObject:
        """Return the payload, made to fit a document that the server was not written for."""
        schema = self._contract.document.callback_schema(operation)
        if schema is not None and self._contract.follows:
            return as_object(Fitting(self._contract).fit(schema, payload))
        for problem in self._contract.problems(schema, payload) if schema is not None else ():
            raise BrokenContract(
                f"callback {payload['event']} of {row['id']}, at {place_in(problem)}: "
                f"{problem.message}"
            )
        return payload

    def _first_attempt(self, delivery: JsonObject, at: datetime) -> None:
        """Attempt the delivery, as a fault changes it if there is one."""
        fault = self._faults.for_callback(delivery["payload_bytes"])
        held, self._held = self._held, []
        kind = None if fault is None else fault.kind
        if fault is not None and kind == UNKNOWN_EVENT:
            delivery["payload_bytes"] = json_text({**delivery["payload"], "event": fault.value})
        if kind == LOST_CALLBACK:
            # The worst kind of loss: in the history it arrived.
            self._attempted(delivery, at, AttemptResult(200, ""))
        elif fault is not None and kind == LATE_CALLBACK:
            later = at + timedelta(seconds=fault.delay)
            delivery["next_attempt_at"] = api_instant(later)
            self._state.deliveries.put(delivery)
            self.resume(delivery, later)
        elif kind == REORDERED_CALLBACK:
            self._held = [partial(self._attempt, delivery, at)]
        else:
            self._attempt(delivery, at, then=held, copies=2 if kind == DUPLICATE_CALLBACK else 1)
            return
        for attempt in held:
            attempt()

    def resume(self, delivery: JsonObject, at: datetime) -> None:
        """Schedule the next attempt of a pending delivery."""
        self._state.schedule.at(at, partial(self._attempt, delivery))

    def _attempt(
        self,
        delivery: JsonObject,
        at: datetime,
        then: Sequence[Callable[[], None]] = (),
        copies: int = 1,
    ) -> None:
        """POST the payload `copies` times in a row, and then call the actions in `then`."""
        body = str(delivery["payload_bytes"]).encode()
        headers = {
            "Content-Type": "application/json",
            REQUEST_ID_HEADER: str(delivery["_request_id"]),
        }
        if delivery["_secret"] is not None:
            headers[SIGNATURE_HEADER] = sign(delivery["_secret"], body)
            secret = self._state.secrets.get(delivery["signing_secret_id"])
            if secret is not None:
                secret["last_used_at"] = api_instant(at)
                self._state.secrets.put(secret)

        def done(result: AttemptResult) -> None:
            if copies > 1:
                self._attempt(delivery, at, then, copies - 1)
                return
            self._attempted(delivery, at, result)
            for action in then:
                action()

        self._sender.send(delivery["callback_url"], body, headers, done)

    def _attempted(self, delivery: JsonObject, at: datetime, result: AttemptResult) -> None:
        number = int(delivery["attempt_count"]) + 1
        delivery["attempt_count"] = number
        delivery["attempts"].append(
            {
                "id": self._state.identifiers.new(at),
                "delivery_id": delivery["id"],
                "attempt_number": number,
                "status_code": result.status_code,
                "response_body": result.response_body,
                "response_time_ms": 0,
                "error_message": result.error_message,
                "created_at": api_instant(at),
            }
        )
        again = retry_at(number, at, result)
        if result.succeeded:
            self._finish(delivery, SUCCEEDED, at)
        elif again is not None:
            delivery["next_attempt_at"] = api_instant(again)
            delivery["updated_at"] = api_instant(at)
            self._state.deliveries.put(delivery)
            self.resume(delivery, again)
        else:
            reason = "network_error" if result.status_code is None else "http_status"
            self._finish(
                delivery,
                FAILED,
                at,
                reason,
                result.error_message or f"answered {result.status_code}",
            )

    def _finish(
        self,
        delivery: JsonObject,
        status: str,
        at: datetime,
        reason: str | None = None,
        detail: str | None = None,
    ) -> None:
        instant = api_instant(at)
        delivery.update(
            status_code=status,
            failure_reason_code=reason,
            failure_detail=detail,
            next_attempt_at=None,
            updated_at=instant,
            completed_at=instant,
        )
        self._state.deliveries.put(delivery)
