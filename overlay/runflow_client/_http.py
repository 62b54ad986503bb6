"""The HTTP headers that Runflow gives a meaning to, and dates in headers."""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from runflow_api.http_library import httpx

AUTHORIZATION: Final = "Authorization"


IDEMPOTENCY_KEY: Final = "Idempotency-Key"


ORGANIZATION: Final = "X-Organization-Id"


DATE: Final = "Date"


RETRY_AFTER: Final = "Retry-After"


REQUEST_ID: Final = "Runflow-Request-Id"
"""Documented on callbacks. Answers of the API may carry it or the common X-Request-Id; neither is
promised.
"""


ANSWER_REQUEST_IDS: Final = (REQUEST_ID, "X-Request-Id")


SIGNATURE: Final = "Runflow-Signature"


def retry_after(response: "httpx.Response") -> float | None:
    """Seconds that the server asks to wait (a number or an HTTP date), or None where it does not
    say or not legibly. A date is compared with that of the answer: the clocks may differ.
    """
    text = response.headers.get(RETRY_AFTER, "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        moment = read_http_date(text)
        if moment is None:
            return None
        now = read_http_date(response.headers.get(DATE, "")) or datetime.now(UTC)
        seconds = (moment - now).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None


def read_http_date(text: str) -> datetime | None:
    """The moment, with its time zone (UTC where it names none); None for what is no date."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a year or an offset beyond all bounds
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
