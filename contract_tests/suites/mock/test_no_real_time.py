"""With the fixture no real time passes: clients skip their pauses, and the mock's time moves on."""

import asyncio
import subprocess
import sys
import threading
from typing import Any

import pytest
from runflow_client import AsyncRunflow, Runflow, WaitTimeout
from runflow_client.testing import AsyncSkippingClock, SkippingClock
from runflow_mock import MockRunflow, RealClock, SteppedClock, Timings

MODEL, INPUT = "google/nano-banana-pro", {"prompt": "x"}
HANGS = 30.0  # seconds: only what hangs takes so long
LONG = 600.0  # seconds: a run that takes as long would end any test in real time


@pytest.fixture(autouse=True)
def long_runs(runflow_mock: MockRunflow) -> None:
    runflow_mock.set_timings(Timings(queued=LONG))


def test_the_clock_is_the_one_that_the_fixture_describes(runflow_mock: MockRunflow) -> None:
    clock = runflow_mock.clock
    assert isinstance(clock, SteppedClock)
    assert (clock.step, clock.idle) == (1.0, 0.02)


def test_a_client_of_the_environment_skips_its_pauses(runflow_mock: MockRunflow) -> None:
    with Runflow() as client:
        assert client.run(MODEL, INPUT, timeout=2 * LONG).status == "succeeded"


def test_a_client_of_the_server_does_without_the_environment(
    runflow_mock: MockRunflow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in runflow_mock.environment:
        monkeypatch.delenv(name)
    with runflow_mock.client() as client:
        assert client.run(MODEL, INPUT, timeout=2 * LONG).status == "succeeded"


def test_the_options_of_a_client_win(runflow_mock: MockRunflow) -> None:
    key = runflow_mock.keys.add("rf_live_other", balance="1").key

    async def balance() -> object:
        async with runflow_mock.async_client(api_key=key) as client:
            return await client.account.balance()

    with runflow_mock.client(api_key=key) as client, runflow_mock.client() as usual:
        assert usual.account.balance() == runflow_mock.balance == 100
        assert client.account.balance() == asyncio.run(balance()) == 1


def test_tasks_wait_together_and_their_own_limits_hold(runflow_mock: MockRunflow) -> None:
    async def main() -> list[object]:
        async with runflow_mock.async_client() as patient, AsyncRunflow() as client:
            waits = [
                *(patient.run(MODEL, INPUT, timeout=2 * LONG) for _ in range(20)),
                client.run(MODEL, INPUT, timeout=2 * LONG),
            ]
            return [run.status for run in await asyncio.gather(*waits)]

    assert asyncio.run(main()) == ["succeeded"] * 21


def test_threads_wait_together(runflow_mock: MockRunflow) -> None:
    seen: list[str | None] = []
    with Runflow() as client:

        def wait() -> None:
            seen.append(client.run(MODEL, INPUT, timeout=2 * LONG).status)

        threads = [threading.Thread(target=wait) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert seen == ["succeeded"] * 8


def test_another_process_skips_its_pauses_too(runflow_mock: MockRunflow) -> None:
    program = (
        "from runflow_client import Runflow\n"
        f"with Runflow() as client: print(client.run({MODEL!r}, {INPUT!r}, timeout=1200).status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == "succeeded"


def test_a_batch_is_waited_for_without_waiting(runflow_mock: MockRunflow) -> None:
    with Runflow() as client:
        batch = client.batches.create(
            "runflow/background-removal", [{"image_url": "https://example.com/a.png"}]
        ).wait(timeout=2 * LONG)
    assert batch.status == "succeeded"


def test_a_limit_that_is_shorter_than_the_run_ends_the_wait(runflow_mock: MockRunflow) -> None:
    runflow_mock.next_outcome("never")  # a slow machine gives a run time to end while no one asks
    with Runflow() as client, pytest.raises(WaitTimeout):
        client.run(MODEL, INPUT, timeout=LONG / 4)


@pytest.mark.parametrize(
    "named", ["https://api.runflow.io", "http://10.0.0.8:8788", "http://127.0.0.1:1", "", "1"]
)
def test_only_the_named_server_on_this_machine_is_not_waited_for(
    named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNFLOW_SKIP_WAITS_AT", named)
    base_url = "http://127.0.0.1:2" if "127" in named or "://" not in named else named
    with Runflow(api_key="rf_live_x", base_url=base_url, insecure_hosts=["10.0.0.8"]) as client:
        assert not isinstance(client._driver.clock, SkippingClock)


@pytest.mark.parametrize(
    ("clock", "skips"),
    [(SteppedClock(step=1.0, idle=0.02), True), (SteppedClock(), False), (RealClock(), False)],
)
def test_clients_follow_the_servers_clock(clock: SteppedClock, skips: bool) -> None:
    async def skips_awaited(server: MockRunflow, **options: Any) -> bool:
        async with server.async_client(**options) as client:
            return isinstance(client._driver.clock, AsyncSkippingClock)

    given: tuple[dict[str, Any], ...] = ({}, {"timeout": 5})
    with MockRunflow(clock) as server:
        for options in given:
            with server.client(**options) as client:
                assert isinstance(client._driver.clock, SkippingClock) == skips
            assert asyncio.run(skips_awaited(server, **options)) == skips
        assert ("RUNFLOW_SKIP_WAITS_AT" in server.environment) == skips


def test_pauses_end_in_the_order_of_their_moments() -> None:
    clock, order = AsyncSkippingClock(), list[float]()

    async def pause(seconds: float) -> None:
        began = clock.now()
        await clock.sleep(seconds)
        assert seconds <= clock.now() - began < seconds + 30
        order.append(seconds)

    async def main() -> None:
        await asyncio.gather(*(pause(seconds) for seconds in (4000.0, 1000.0, 3000.0, 0.0, 2000.0)))

    asyncio.run(asyncio.wait_for(main(), HANGS))
    assert order == [0.0, 1000.0, 2000.0, 3000.0, 4000.0]


def test_a_cancelled_pause_holds_up_no_other() -> None:
    clock = AsyncSkippingClock()

    async def main() -> None:
        short = asyncio.create_task(clock.sleep(1.0))
        await asyncio.sleep(0)
        short.cancel()
        began = clock.now()
        await clock.sleep(1000.0)
        assert clock.now() - began < 1030
        assert short.cancelled()

    asyncio.run(asyncio.wait_for(main(), HANGS))
