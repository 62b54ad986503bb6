"""The enum RunSource."""

from ..open_enums import OpenStrEnum


class RunSource(OpenStrEnum):
    """The values that the document names. Unknown ones are kept."""

    PLAYGROUND = "playground"
