"""Filters of lists by name: checked here, joined as the API takes them, times compared here."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from runflow_client import InvalidArgument
from runflow_mock import MockRunflow

MODEL, INPUT = "google/nano-banana-pro", {"prompt": "x"}
IMAGE = {"image_url": "https://a.test/1.png"}


def last_filter(mock: MockRunflow) -> str | None:
    return dict(mock.requests[-1].query).get("q")


def test_runs_are_found_by_status_and_reference(client: Any, mock: MockRunflow) -> None:
    mock.next_outcome("failed")
    failed = client.run(MODEL, INPUT, client_ref="a", raise_on_failure=False)
    done = client.run(MODEL, INPUT, client_ref="a")
    client.run(MODEL, INPUT, client_ref="b")
    assert [run.id for run in client.runs.list(status="failed")] == [failed.id]
    assert [run.id for run in client.runs.list(status="succeeded", client_ref="a")] == [done.id]
    assert last_filter(mock) == "status_code.EQ:'succeeded' AND client_ref.EQ:'a'"
    assert [run.id for run in client.runs.page(client_ref="a", status="failed").items] == [
        failed.id
    ]


@pytest.mark.parametrize("asked", ["canceled", "cancelled"])
@pytest.mark.parametrize("spelled", ["canceled", "cancelled"])
def test_both_spellings_of_canceled_are_found(
    client: Any, mock: MockRunflow, asked: str, spelled: str
) -> None:
    mock.next_outcome(spelled)
    run = client.run(MODEL, INPUT, raise_on_failure=False)
    client.run(MODEL, INPUT)
    assert [found.id for found in client.runs.list(status=asked)] == [run.id]


def test_a_filter_of_ones_own_is_joined_as_a_whole(client: Any, mock: MockRunflow) -> None:
    run = client.run(MODEL, INPUT, client_ref="a")
    client.run(MODEL, INPUT, client_ref="b")
    own = "status_code.EQ:'succeeded' OR status_code.EQ:'failed'"
    assert [found.id for found in client.runs.list(q=own, client_ref="a")] == [run.id]
    assert last_filter(mock) == f"({own}) AND client_ref.EQ:'a'"


def test_runs_are_found_by_their_moment_and_the_list_ends_there(
    client: Any, mock: MockRunflow
) -> None:
    runs = [client.submit(MODEL, INPUT).state]
    for _ in range(4):
        mock.advance(3600)
        runs.append(client.submit(MODEL, INPUT).state)
    moments = [run.created_at for run in runs]
    before = len(mock.requests)
    found = client.runs.list(created_after=moments[1], created_before=moments[4], page_size=1)
    assert [run.id for run in found] == [runs[3].id, runs[2].id]
    assert len(mock.requests) - before == 4  # the last page shows that what follows is too old
    india = moments[1].astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert len(list(client.runs.list(created_after=india))) == 3


def test_a_list_that_is_sorted_otherwise_is_read_to_its_end(client: Any, mock: MockRunflow) -> None:
    first = client.submit(MODEL, INPUT).state
    mock.advance(3600)
    second = client.submit(MODEL, INPUT).state
    found = client.runs.list(created_after=first.created_at, sort_by="created_at:asc", page_size=1)
    assert [run.id for run in found] == [second.id]


def test_batches_items_evaluations_logs_and_models_have_their_own(
    client: Any, mock: MockRunflow
) -> None:
    refs = [{**IMAGE, "client_ref": ref} for ref in "ab"]
    batch = client.batches.create("runflow/background-removal", refs).wait()
    assert [one.id for one in client.batches.list(status="succeeded")] == [batch.id]
    assert list(client.batches.list(status="failed")) == []
    assert [item.client_ref for item in client.batches.items(batch.id, client_ref="b")] == ["b"]
    runs = list(client.runs.list(batch_id=batch.id))
    assert len(runs) == 2
    assert list(client.runs.list(batch_id=runs[0].id)) == []
    assert list(client.runs.logs(runs[0].id, level="no such level")) == []
    assert [str(one.name) for one in client.models.list(slug="nano-banana-pro")] == [
        "Nano Banana Pro"
    ]
    assert list(client.evaluations.list(status="completed", run_id=runs[0].id)) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"status": "success"}, "expected one of canceled, dispatching, failed"),
        ({"status": ""}, "expected one of"),
        ({"status": 3}, "status is of type int"),
        ({"client_ref": "it's"}, "single quote"),
        ({"batch_id": "7"}, "batch_id"),
        ({"created_after": datetime(2026, 1, 1)}, "no time zone"),
        ({"created_before": datetime(2026, 1, 1)}, "no time zone"),
        ({"created_after": "2026-01-01"}, "a datetime with a time zone"),
    ],
)
def test_what_cannot_be_right_is_refused(
    client: Any, mock: MockRunflow, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidArgument, match=said):
        list(client.runs.list(**wrong))
    assert mock.requests == []


@pytest.mark.parametrize("status", ["canceled", "queued"])
def test_an_evaluation_has_its_own_statuses(client: Any, mock: MockRunflow, status: str) -> None:
    with pytest.raises(InvalidArgument, match="completed, failed, pending, running"):
        list(client.evaluations.list(status=status))


@pytest.mark.parametrize("text", ["it's", "a\\b", "a\nb", ""])
def test_text_that_no_filter_can_quote_is_refused(
    client: Any, mock: MockRunflow, text: str
) -> None:
    with pytest.raises(InvalidArgument, match="printable text without quotes"):
        list(client.models.list(slug=text))
    assert list(client.runs.list(created_after=datetime.now(UTC))) == []
