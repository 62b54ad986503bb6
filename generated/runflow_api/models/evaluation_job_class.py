"""The enum EvaluationJobClass."""

from ..open_enums import OpenStrEnum


class EvaluationJobClass(OpenStrEnum):
    """Default of the server: "standard"."""

    STANDARD = "standard"
