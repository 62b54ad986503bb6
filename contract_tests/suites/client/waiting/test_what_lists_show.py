"""What a list shows of runs that are waited for together is what each of them shows."""

import asyncio
import re
from typing import Any

import attrs
from runflow_client import AsyncRun, AsyncRunflow
from runflow_client._transport.shared_polling import MIN_WAITERS
from runflow_mock import MockRunflow

from ..conftest import AsyncMockTime


class YieldingTime(AsyncMockTime):
    """A clock of the mock server that lets other tasks begin to wait before its time goes on."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override] # the colour is what differs
        await asyncio.sleep(0.001)
        await super().sleep(seconds)


def test_what_a_list_shows_of_a_run_is_what_the_run_itself_shows(mock: MockRunflow) -> None:
    """On the mock server, which gives the fields that are asked for, and no others."""
    left_out = {"raw", "input", "model_name", "_driver"}
    facts = [one.name for one in attrs.fields(AsyncRun) if one.name not in left_out]

    def shown(run: AsyncRun) -> dict[str, Any]:
        return {**{name: getattr(run, name) for name in facts}, "outputs": len(run.outputs)}

    async def scenario() -> None:
        async with AsyncRunflow(
            mock.api_key, base_url=mock.base_url, clock=YieldingTime(mock)
        ) as client:
            mock.next_outcome("failed", count=1)
            waits = [
                client.run(
                    "google/nano-banana-pro",
                    {"prompt": f"{n}"},
                    metadata={"n": n},
                    raise_on_failure=False,
                )
                for n in range(4 * MIN_WAITERS)
            ]
            runs = await asyncio.gather(*waits)
            paths = {one.raw_path for one in mock.requests}
            # those that were never read singly are as the list showed them
            assert any(f"/v1/runs/{run.id}" not in paths for run in runs)
            for run in runs:
                again = await client.runs.get(run.id)
                assert (not again.outputs) == (again.status == "failed")
                assert _unsigned(shown(run)) == _unsigned(shown(again))

    asyncio.run(scenario())


def _unsigned(facts: dict[str, Any]) -> str:
    """Without the signatures of URLs, which are made anew each time."""
    return re.sub(r"[?&][^'\"]*", "", str(facts))
