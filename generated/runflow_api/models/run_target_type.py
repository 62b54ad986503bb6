"""The enum RunTargetType."""

from ..open_enums import OpenStrEnum


class RunTargetType(OpenStrEnum):
    """The values that the document names. Unknown ones are kept."""

    MODEL = "model"
    FLOW = "flow"
    COMFYUI_WORKFLOW = "comfyui_workflow"
