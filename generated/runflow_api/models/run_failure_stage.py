"""The enum RunFailureStage."""

from ..open_enums import OpenStrEnum


class RunFailureStage(OpenStrEnum):
    """The values that the document names. Unknown ones are kept."""

    DISPATCH = "dispatch"
