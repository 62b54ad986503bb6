"""The names of the HTTP headers that Runflow gives a meaning to."""

from typing import Final

AUTHORIZATION: Final = "Authorization"
IDEMPOTENCY_KEY: Final = "Idempotency-Key"
ORGANIZATION: Final = "X-Organization-Id"
RETRY_AFTER: Final = "Retry-After"

REQUEST_ID: Final = "Runflow-Request-Id"
"""Documented on callbacks. Answers of the API may carry it or the common X-Request-Id; neither is promised."""

ANSWER_REQUEST_IDS: Final = (REQUEST_ID, "X-Request-Id")

SIGNATURE: Final = "Runflow-Signature"
