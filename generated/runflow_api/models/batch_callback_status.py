"""The enum BatchCallbackStatus."""

from ..open_enums import OpenStrEnum


class BatchCallbackStatus(OpenStrEnum):
    """Terminal status of the batch, in either spelling of canceled."""

    SUCCEEDED = "succeeded"
    PARTIAL_SUCCEEDED = "partial_succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CANCELED = "canceled"

    @property
    def is_terminal(self) -> bool:
        """Whether the document calls this value terminal."""
        return self._value_ in (
            "succeeded",
            "partial_succeeded",
            "failed",
            "cancelled",
            "canceled",
        )
