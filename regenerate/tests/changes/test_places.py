"""An array with a schema for each place: what came, what went, what changed."""

from typing import Any

import pytest

from ...changes._schema import Use, schema_changes

READ, SENT = Use(sent=False, read=True), Use(sent=True, read=False)
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "integer"}


def places(*schemas: dict[str, Any], least: int | None = None) -> dict[str, Any]:
    more = {} if least is None else {"minItems": least}
    return {"type": "array", "prefixItems": [*schemas], **more}


@pytest.mark.parametrize(
    ("old", "new", "use", "told"),
    [
        (places(TEXT), places(TEXT, NUMBER), READ, "new pair[1]: is new: integer"),
        (places(TEXT), places(TEXT, NUMBER), SENT, "new pair[1]: is new: integer"),
        (
            places(TEXT, least=2),
            places(TEXT, NUMBER, least=2),
            SENT,
            "breaking pair[1]: is new and must be sent: integer",
        ),
        (
            places(TEXT, NUMBER),
            places(TEXT),
            READ,
            "breaking pair[1]: has no schema of its own any more",
        ),
        (
            places(TEXT, NUMBER),
            {"type": "array", "items": TEXT},
            READ,
            "breaking pair[0]: has no schema of its own any more",
        ),
        (
            places(TEXT),
            places({"anyOf": [TEXT, {"type": "null"}]}),
            READ,
            "breaking pair[0]: may be null now",
        ),
    ],
)
def test_places_that_came_and_went_are_told(
    old: dict[str, Any], new: dict[str, Any], use: Use, told: str
) -> None:
    weights = {"breaking": "breaking", "addition": "new", "other": "other"}
    found = [
        f"{weights[one.weight.name.lower()]} {one.where}: {one.what}"
        for one in schema_changes(old, new, use, "pair")
    ]
    assert told in found
