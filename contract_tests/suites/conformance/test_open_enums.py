"""Every open enum: what it names, what it calls terminal, and that newer values are neither."""

from runflow_api import models
from runflow_api.open_enums import OpenStrEnum

ENDS = {"succeeded", "partial_succeeded", "failed", "canceled"}
TERMINAL = {
    "RunStatus": ENDS,
    "CallbackStatus": {*ENDS, "cancelled"},
    "BatchCallbackStatus": {*ENDS, "cancelled"},
}
"""What the document says. Of the other enums it says nothing."""

ENUMS = [
    one
    for name in models.__all__
    if isinstance(one := getattr(models, name), type) and issubclass(one, OpenStrEnum)
]


def test_what_the_document_calls_terminal_is_terminal_and_nothing_else() -> None:
    assert TERMINAL.keys() < {enum.__name__ for enum in ENUMS}
    for enum in ENUMS:
        terminal = TERMINAL.get(enum.__name__, set())
        assert {str(one) for one in enum if one.is_terminal} == terminal, enum
        for value in ("newer", "", "SUCCEEDED", "Failed"):
            assert (enum(value).is_terminal, enum(value).is_known) == (False, False), enum
