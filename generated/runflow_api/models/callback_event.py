"""The enum CallbackEvent."""

from ..open_enums import OpenStrEnum


class CallbackEvent(OpenStrEnum):
    """What happened. Events write cancelled with two l."""

    RUN_COMPLETED = "run.completed"
    RUN_FAILED = "run.failed"
    RUN_CANCELLED = "run.cancelled"
    RUN_PARTIAL_SUCCEEDED = "run.partial_succeeded"
