"""The enum BatchStatus."""

from ..open_enums import OpenStrEnum


class BatchStatus(OpenStrEnum):
    """The values that the document names. Unknown ones are kept."""

    QUEUED = "queued"
    DISPATCHING = "dispatching"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    PARTIAL_SUCCEEDED = "partial_succeeded"
