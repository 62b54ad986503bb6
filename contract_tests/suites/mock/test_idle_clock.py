"""A stepped clock that jumps when it is idle: what is due later happens by itself."""

from collections.abc import Iterator

import httpx
import pytest
from runflow_mock import MockRunflow, SteppedClock

from .calling import create_run, get_run
from .receiver import Receiver


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(SteppedClock(idle=0.001)) as server:
        yield server


def test_a_run_ends_and_its_callback_is_retried_by_themselves(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    receiver.answers = [500, 503]
    run_id = create_run(api, callback_url=receiver.url)["id"]
    assert {received.json["run_id"] for received in receiver.wait_for(3)} == {run_id}
    mock.settle()
    run = get_run(api, run_id)
    assert (run["created_at"], run["completed_at"]) == (
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:06Z",
    )
    [delivery] = mock.deliveries
    assert [attempt["created_at"] for attempt in delivery["attempts"]] == [
        "2026-01-01T00:00:06Z",
        "2026-01-01T00:00:07Z",
        "2026-01-01T00:00:09Z",
    ]


def test_settle_ends_everything_that_is_scheduled(
    mock: MockRunflow, api: httpx.Client, receiver: Receiver
) -> None:
    run_ids = [create_run(api, callback_url=receiver.url)["id"] for _ in range(3)]
    mock.settle()
    assert [get_run(api, run_id)["status_code"] for run_id in run_ids] == ["succeeded"] * 3
    assert len(receiver.received) == 3


def test_time_stands_still_when_nothing_is_due(mock: MockRunflow, api: httpx.Client) -> None:
    mock.next_outcome("never")
    run_id = create_run(api)["id"]
    mock.settle()
    before = mock.clock.now()
    assert get_run(api, run_id)["status_code"] == "running"
    assert mock.clock.now() == before
    mock.advance(30)
    assert (mock.clock.now() - before).total_seconds() == 30


def test_an_idle_time_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        SteppedClock(idle=-1)
