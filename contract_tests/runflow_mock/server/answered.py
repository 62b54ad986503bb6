"""Requests with the answers that they got, for the page."""

from attrs import field, frozen

from ..contract.requests import RecordedRequest

MAX_KEPT = 300
MAX_BODY = 20_000  # bytes of an answer


@frozen
class AnsweredRequest:
    """One request and its answer.

    `number` counts requests. `status` is None if the connection was broken instead. `fault` is the
    kind of the planned fault that changed the answer. `body` holds the beginning of it, as it was
    before a fault changed it, and `size` is how many bytes it has.
    """

    number: int
    at: str
    request: RecordedRequest
    status: int | None
    media_type: str
    body: bytes = field(repr=False)
    size: int
    fault: str | None = None
