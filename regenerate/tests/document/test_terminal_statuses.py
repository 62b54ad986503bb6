"""Which values of an enum its description calls terminal."""

from typing import Any

import pytest

from ...document.terminal_statuses import terminal_values, terminal_values_by_name

VALUES = ["queued", "running", "succeeded", "failed", "timed-out"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Where it stands. Terminal: succeeded, failed.", ("succeeded", "failed")),
        ("succeeded and timed-out are terminal statuses.", ("succeeded", "timed-out")),
        ("- queued: waits\n- `failed`: terminal\n- running: not terminal", ("failed",)),
        ("The final states are `succeeded` and `failed`; queued is not.", ("succeeded", "failed")),
        ("queued, running: non-terminal. The others end it.", ()),
        ("Poll it until its status is terminal.", ()),
        ("Terminal status of the run, in either spelling of failed.", tuple(VALUES)),
        ("Seen in callbacks. The final state of a batch.", tuple(VALUES)),
        ("Terminal status of the run: failed.", ("failed",)),
        ("The terminal status of a run is succeeded or failed.", ("succeeded", "failed")),
        ("Not a terminal status of the run: queued.", ()),
        ("queued isn't terminal; failed is a final status.", ("failed",)),
        ("running and queued aren't yet final states. Terminal: failed.", ("failed",)),
        ("queued is never terminal.\nTERMINAL: failed", ("failed",)),
        ("queued: non terminal, failed: terminal", ()),
        ("The Final State of the run", tuple(VALUES)),
        ("Final state of it: failed", ("failed",)),
        ("It ends terminally: failed. The finals: queued.", ()),
        ("", ()),
    ],
)
def test_a_sentence_names_them(text: str, expected: tuple[str, ...]) -> None:
    assert terminal_values({"type": "string", "enum": [*VALUES], "description": text}) == expected


def test_they_are_found_by_the_names_of_enums() -> None:
    values = ["on", "off"]
    named = {"Status": {"enum": values, "description": "Terminal: off."}, "Kind": {"enum": values}}
    document: dict[str, Any] = {"components": {"schemas": named}}
    assert terminal_values_by_name(document) == {"Status": ("off",)}
