"""When lists and runs are read while several are waited for together is what the list says."""

import asyncio
from pathlib import Path

from runflow_client import AsyncRunflow

from ...snapshot import check_snapshot
from . import shared_waits
from .test_shared_polling import ListServer, VirtualTime, carry_out

LIST = Path(__file__).with_name("shared_waits.txt")


def test_what_is_asked_for_all_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(shared_waits.lines()) + "\n")


def test_who_comes_during_a_list_that_may_last_beyond_its_deadline_does_not_wait_for_it() -> None:
    time = VirtualTime()
    server = ListServer(
        time, lengths=lambda number: 3.0 if number == 5 else 40.0, list_seconds=20.0
    )

    async def work(client: AsyncRunflow) -> float:
        async def come() -> float:
            await time.sleep(2.0)
            assert server.requests["list"] == 1
            await client.run("a/b", {}, timeout=8.0)
            return time.now()

        others = [client.run("a/b", {"n": n}) for n in range(5)]
        ended, _ = await asyncio.gather(come(), asyncio.gather(*others))
        return ended

    assert 5.0 <= carry_out(time, server, work) <= 7.0
