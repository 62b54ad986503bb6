"""The older spelling of canceled: where it is put back into an answer, and where it is not."""

from typing import Any

import pytest
from runflow_mock.api.legacy_spelling import (
    in_documented_spelling,
    in_legacy_spelling,
    shown_status,
)

OLD: dict[str, Any] = {"status_code": "cancelled", "id": 1}
NEW: dict[str, Any] = {"status_code": "canceled", "id": 1}
OTHER: dict[str, Any] = {"status_code": "failed", "id": 1}


@pytest.mark.parametrize(
    ("sent", "documented"),
    [
        (OLD, NEW),
        (OTHER, OTHER),
        ({"id": 1}, {"id": 1}),
        ({"items": [OLD, OTHER, OLD], "next": None}, {"items": [NEW, OTHER, NEW], "next": None}),
        ({"items": []}, {"items": []}),
        ([OLD], [OLD]),
        ({"run": OLD}, {"run": OLD}),
        (None, None),
        (b"x", b"x"),
    ],
)
def test_an_answer_is_checked_in_the_documented_spelling_and_sent_in_the_older(
    sent: object, documented: object
) -> None:
    assert in_documented_spelling(sent) == documented
    assert in_legacy_spelling(documented, sent) == sent


@pytest.mark.parametrize(
    ("body", "sent", "legacy"),
    [
        # a document may ask for more items, for fewer, or for other fields
        ({"items": [NEW, OTHER]}, {"items": [OLD]}, {"items": [OLD, OTHER]}),
        ({"items": [NEW]}, {"items": [OLD, OLD]}, {"items": [OLD]}),
        ({"items": []}, {"items": [OLD]}, {"items": []}),
        ({"items": [NEW]}, {"items": None}, {"items": [NEW]}),
        ({"items": {"a": 1}}, {"items": [OLD]}, {"items": {"a": 1}}),
        ({"id": 1}, OLD, {"id": 1}),
        ({"status_code": "aborted"}, OLD, {"status_code": "cancelled"}),
        ([NEW], OLD, [NEW]),
        (NEW, None, NEW),
    ],
)
def test_an_answer_of_another_document_keeps_its_shape(
    body: object, sent: object, legacy: object
) -> None:
    assert in_legacy_spelling(body, sent) == legacy


def test_only_a_run_that_was_ended_so_is_shown_so() -> None:
    assert shown_status({**NEW, "_spelling": "cancelled"}) == "cancelled"
    assert shown_status({**NEW, "_spelling": "canceled"}) == "canceled"
    assert shown_status(OTHER) == "failed"
