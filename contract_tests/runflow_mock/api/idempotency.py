"""Idempotency keys.

The same key and body replay the first answer; the same key with another body is a conflict.
"""

import hashlib
from collections.abc import Callable

from ..contract.answers import Refusal, Reply
from ..contract.requests import IncomingRequest
from ..state.tables import Table

HEADER = "idempotency-key"


class Idempotency:
    """Remembers the answers of creating requests by organization and key."""

    def __init__(self, replays: Table) -> None:
        self._replays = replays

    def replay_or_act(
        self, request: IncomingRequest, organization_id: str, act: Callable[[], Reply]
    ) -> Reply:
        """Return the earlier answer to the same request with the same key, else that of `act`.

        Only successes are remembered. Raise the 409 if the key was used for another request.
        """
        key = request.headers.get(HEADER)
        if request.method != "POST" or not key:
            return act()
        identifier = f"{organization_id}/{key}"
        fingerprint = hashlib.sha256(
            b"\0".join((request.method.encode(), request.raw_path.encode(), request.body))
        ).hexdigest()
        earlier = self._replays.get(identifier)
        if earlier is not None:
            if earlier["fingerprint"] != fingerprint:
                raise Refusal(
                    409, "this Idempotency-Key was used for another request: send a new key"
                )
            return Reply(earlier["body"], earlier["status"])
        reply = act()
        self._replays.put(
            {
                "id": identifier,
                "fingerprint": fingerprint,
                "body": reply.body,
                "status": reply.status,
            }
        )
        return reply
