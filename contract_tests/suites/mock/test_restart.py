"""A server that is restarted under a living client: its ids are its own, unless a seed says so."""

import asyncio
import socket
from collections.abc import Callable
from datetime import timedelta

import pytest
from runflow_client import Runflow
from runflow_mock import MockRunflow, RealClock, Settings, SteppedClock
from runflow_mock.server.service import Service, listen

MODEL = "google/nano-banana-pro"
HANGS = 30.0
"""Seconds that only what hangs takes."""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def create_run(client: Runflow, client_ref: str | None = None) -> str:
    return client.submit(MODEL, {"prompt": "x"}, client_ref=client_ref).id


def create_batch(client: Runflow, client_ref: str | None = None) -> str:
    return client.batches.create("runflow/tag-removal", [{"image_url": "https://a.test/1.png"}]).id


def create_evaluation(client: Runflow, client_ref: str | None = None) -> str:
    return client.evaluations.submit("https://a.test/1.png", "edit").id


def create_secret(client: Runflow, client_ref: str | None = None) -> str:
    return client.callbacks.secrets.create().plain_secret


def test_a_callers_own_client_ref_outlives_a_restart() -> None:
    port = free_port()
    with Runflow("rf_live_x", base_url=f"http://127.0.0.1:{port}") as client:
        ids: list[str] = []
        for _ in range(3):
            with MockRunflow(SteppedClock(), port=port) as mock:
                mock.keys.add("rf_live_x")
                ids += [create_run(client, "order-7"), create_run(client, "order-7")]
        assert len(set(ids)) == 6


@pytest.mark.parametrize("create", [create_run, create_batch, create_evaluation, create_secret])
@pytest.mark.parametrize(("seed", "differ"), [(None, True), (7, False)])
def test_each_start_has_ids_of_its_own_unless_a_seed_is_given(
    create: Callable[[Runflow], str], seed: int | None, differ: bool
) -> None:
    ids: list[str] = []
    for _ in range(2):
        mock = MockRunflow(SteppedClock(), settings=Settings(seed=seed))
        with mock, mock.client() as client:
            ids.append(create(client))
    assert (ids[0] != ids[1]) == differ


def test_a_server_stops_in_the_moment_in_which_something_is_planned() -> None:
    async def main() -> None:
        service = Service(listen("127.0.0.1", 0), RealClock(), Settings())
        await service.start()
        state = service.simulation.state
        later = state.now() + timedelta(hours=1)
        state.schedule.at(later, lambda instant: None)
        for _ in range(10):  # until the server waits for that
            await asyncio.sleep(0)
        state.schedule.at(later, lambda instant: None)
        async with asyncio.timeout(HANGS):
            await asyncio.create_task(service.stop())

    asyncio.run(main())
