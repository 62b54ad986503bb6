"""The enum BatchCallbackEvent."""

from ..open_enums import OpenStrEnum


class BatchCallbackEvent(OpenStrEnum):
    """What happened. The full list is not published."""

    BATCH_SUCCEEDED = "batch.succeeded"
    BATCH_FAILED = "batch.failed"
    BATCH_CANCELLED = "batch.cancelled"
    BATCH_PARTIAL_SUCCEEDED = "batch.partial_succeeded"
