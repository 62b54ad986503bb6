"""The enum RunStatus."""

from ..open_enums import OpenStrEnum


class RunStatus(OpenStrEnum):
    """Where a run stands. Terminal: succeeded, failed, canceled, partial_succeeded. Older servers write cancelled with
    two l.
    """

    QUEUED = "queued"
    DISPATCHING = "dispatching"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    PARTIAL_SUCCEEDED = "partial_succeeded"

    @property
    def is_terminal(self) -> bool:
        """Whether the document calls this value terminal."""
        return self._value_ in (
            "succeeded",
            "failed",
            "canceled",
            "partial_succeeded",
        )
