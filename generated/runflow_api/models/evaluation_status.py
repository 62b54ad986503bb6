"""The enum EvaluationStatus."""

from ..open_enums import OpenStrEnum


class EvaluationStatus(OpenStrEnum):
    """The values that the document names. Unknown ones are kept."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
