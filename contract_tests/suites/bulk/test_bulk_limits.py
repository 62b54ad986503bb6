"""What bounds a bulk run: rate, money, outages, disks, memory, signals and other processes."""

import asyncio
import os
import signal
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field
from runflow_client import AsyncRunflow, RetryPolicy, bulk
from runflow_mock import AcceleratedClock, MockRunflow

from .test_bulk_runs import items, make
from .worker import FastClock

PRICE = Decimal("0.15")
MODEL = "google/nano-banana-pro"


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(AcceleratedClock(20)) as running:
        yield running


def keys(count: int) -> list[str]:
    return [f"k{number:03}" for number in range(count)]


@define
class ListeningClock(FastClock):
    """Notes for how long a bulk run slept, and between which creates."""

    mock: MockRunflow
    slept: list[tuple[int, float]] = field(factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append((len(self.mock.runs), seconds))
        await super().sleep(seconds)


def test_429_slows_it_down_and_it_recovers(mock: MockRunflow, tmp_path: Path) -> None:
    clock = ListeningClock(mock)

    def client() -> AsyncRunflow:
        once = RetryPolicy(attempts=1)
        return AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=FastClock(), retries=once)

    mock.fail_next("create_run", status=429, count=30)
    list(make(mock, tmp_path, items(*keys(80)), clock=clock, concurrency=30, client=client))
    assert len(mock.runs) == 80
    paused = [seconds for count, seconds in clock.slept if count == 0]
    assert 0 < max(paused) <= 0.4, "thirty refusals of one moment count as one"
    slow = [count for count, seconds in clock.slept if 0.02 < seconds <= 0.4]
    assert any(1 <= count <= 20 for count in slow), "it continues slowly"
    assert max(slow) < 70, "and is as fast as before in the end"


def test_the_rate_is_kept(mock: MockRunflow, tmp_path: Path) -> None:
    clock = ListeningClock(mock)
    list(make(mock, tmp_path, items(*keys(6)), clock=clock, rate=0.5, output=None))
    assert sum(seconds for _, seconds in clock.slept) > 5 * 2 * 0.8


def test_an_outage_is_waited_out_and_nothing_is_paid_twice(
    mock: MockRunflow, tmp_path: Path
) -> None:
    for operation in ("create_run", "list_runs", "get_run"):
        mock.fail_next(operation, fault="reset_before", count=20)
    results = list(make(mock, tmp_path, items(*keys(5))))
    assert [one.status for one in results] == ["done"] * 5
    assert len(mock.runs) == 5


def test_an_outage_that_does_not_end_stops_it_and_later_it_continues(
    mock: MockRunflow, tmp_path: Path
) -> None:
    faults = [
        mock.fail_next(operation, fault="reset_after", count=None)
        for operation in ("create_run", "list_runs", "get_run")
    ]
    with pytest.raises(bulk.BulkStopped) as stopped:
        list(make(mock, tmp_path, items(*keys(3)), max_outage=12.0))
    assert stopped.value.reason == "outage"
    assert stopped.value.summary.running == 3, "each create may have reached Runflow"
    assert stopped.value.summary.reserved == 3 * PRICE
    assert faults
    mock.faults.clear()
    results = list(make(mock, tmp_path, items(*keys(3))))
    assert [one.status for one in results] == ["done"] * 3
    assert len(mock.ledger) == 3


def test_one_item_that_costs_too_much_is_refused(mock: MockRunflow, tmp_path: Path) -> None:
    given = [*items("a"), bulk.Item("big", {"prompt": "x", "num_images": 2}), *items("b")]
    results = list(make(mock, tmp_path, given, max_cost_each="0.20", in_order=True))
    assert [one.status for one in results] == ["done", "refused", "done"]
    assert "max_cost is $0.20" in str(results[1].failure)


def test_max_cost_counts_what_earlier_starts_spent(mock: MockRunflow, tmp_path: Path) -> None:
    list(make(mock, tmp_path, items(*keys(3))))
    with pytest.raises(bulk.BulkStopped, match=r"\$0\.45 spent"):
        list(make(mock, tmp_path, items(*keys(6)), max_cost="0.59"))
    assert len(mock.ledger) == 3


def test_no_credit_stops_it_and_it_continues_after_the_next_payment(
    mock: MockRunflow, tmp_path: Path
) -> None:
    mock.balance = 2 * PRICE
    with pytest.raises(bulk.BulkStopped) as stopped:
        list(make(mock, tmp_path, items(*keys(5)), concurrency=1))
    assert stopped.value.reason == "credit"
    mock.balance = Decimal(10)
    assert len([one for one in make(mock, tmp_path, items(*keys(5))) if one.status == "done"]) == 5
    assert len(mock.ledger) == 5


def test_a_run_that_failed_is_made_anew_as_often_as_its_code_allows(
    mock: MockRunflow, tmp_path: Path
) -> None:
    retries = bulk.Retries(failed=0, by_code={"busy": 2})
    mock.next_outcome("failed", count=2, failure_code="busy")
    (result,) = make(mock, tmp_path, items("a"), retries=retries)
    assert (result.status, len(mock.runs)) == ("done", 3)
    mock.next_outcome("failed", count=1, failure_code="other")
    (result,) = make(mock, tmp_path, items("b"), retries=retries)
    assert (result.status, result.failure_code, len(mock.runs)) == ("failed", "other", 4)
    assert len(mock.ledger) == 1, "a run that failed is not billed"


def test_results_come_in_order_if_asked(mock: MockRunflow, tmp_path: Path) -> None:
    mock.next_outcome("failed", count=1)
    results = list(make(mock, tmp_path, items(*keys(30)), in_order=True, concurrency=10))
    assert [one.key for one in results] == keys(30)


def test_items_are_read_as_work_goes_on(mock: MockRunflow, tmp_path: Path) -> None:
    read = ended = most = 0

    def endless() -> Iterator[bulk.Item]:
        nonlocal read, most
        for key in keys(20):
            read += 1
            most = max(most, read - ended)
            yield bulk.Item(key, {"prompt": key})

    async def work() -> None:
        nonlocal ended
        async for _ in make(mock, tmp_path, endless(), concurrency=4, output=None):
            ended += 1

    asyncio.run(work())
    # Four at work, four results that wait to be taken, and one read ahead.
    assert (read, ended) == (20, 20)
    assert most <= 4 + 4 + 2


def test_items_that_cannot_be_read_stop_it_with_the_cause(
    mock: MockRunflow, tmp_path: Path
) -> None:
    def broken() -> Iterator[bulk.Item]:
        yield from items("a", "b")
        raise KeyError("the third")

    with pytest.raises(bulk.BulkStopped, match="the third") as stopped:
        list(make(mock, tmp_path, broken()))
    assert (stopped.value.reason, type(stopped.value.__cause__)) == ("items", KeyError)
    assert {one.status for one in make(mock, tmp_path, items("a", "b"))} == {"done"}
    assert len(mock.ledger) == 2


def test_what_on_run_raises_stops_it_with_the_cause(mock: MockRunflow, tmp_path: Path) -> None:
    async def fail(key: str, run: Any) -> None:
        raise ValueError(f"no place for {key}")

    with pytest.raises(bulk.BulkStopped, match="no place for a") as stopped:
        list(make(mock, tmp_path, items("a"), on_run=fail))
    assert (stopped.value.reason, type(stopped.value.__cause__)) == ("error", ValueError)
    kept: list[str] = []

    async def keep(key: str, run: Any) -> None:
        kept.append(run.id)

    (result,) = make(mock, tmp_path, items("a"), on_run=keep)
    assert (kept, len(mock.ledger)) == ([result.run_id], 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_loop_and_leaves_the_runs_running(
    mock: MockRunflow, tmp_path: Path, number: int
) -> None:
    results = iter(make(mock, tmp_path, items(*keys(20)), concurrency=2))
    next(results)
    os.kill(os.getpid(), number)
    with pytest.raises(bulk.BulkStopped) as stopped:
        list(results)
    assert stopped.value.reason == signal.Signals(number).name
    assert stopped.value.summary.done + stopped.value.summary.running < 20
    assert not {run["status_code"] for run in mock.runs} & {"failed", "canceled"}
    list(make(mock, tmp_path, items(*keys(20))))
    assert len(mock.ledger) == 20


def test_the_handlers_of_signals_are_given_back(mock: MockRunflow, tmp_path: Path) -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    list(make(mock, tmp_path, items("a")))
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_a_journal_on_a_network_path_is_refused(tmp_path: Path) -> None:
    from runflow_client.bulk import _journal_file

    mounts = (
        "29 1 0:26 / / rw - ext4 /dev/sda1 rw\n"
        "40 29 0:50 / /net\\040work rw - nfs4 h:/x rw\n"
        "41 40 0:51 / /net\\040work/own rw shared:1 - tmpfs none rw\n"
        "42 29 0:52 / /over rw - ext4 /dev/sdb1 rw\n"
        "43 29 0:53 / /over rw - cifs //h/x rw\n"
    )
    found = {
        folder: _journal_file.file_system_of(Path(folder), mounts)
        for folder in ("/net work/a", "/net work", "/net work/own/a", "/net works", "/over/a", "/a")
    }
    assert found == {
        "/net work/a": "nfs4",
        "/net work": "nfs4",
        "/net work/own/a": "tmpfs",
        "/net works": "ext4",
        "/over/a": "cifs",  # what was mounted last hides what is below
        "/a": "ext4",
    }
