"""The process that is killed: a bulk run of some items, on a clock that runs faster."""

import asyncio
import sys
import time

from runflow_client import AsyncRunflow, bulk

SPEED = 20.0


class FastClock:
    def now(self) -> float:
        return time.monotonic() * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


def main(folder: str, count: int) -> None:
    items = (
        bulk.Item(f"item-{number:04}", {"prompt": f"A cathedral {number}", "seed": number})
        for number in range(count)
    )
    clock = FastClock()
    for result in bulk.run(
        "google/nano-banana-pro",
        items,
        journal=f"{folder}/j.sqlite",
        output=f"{folder}/out",
        client=lambda: AsyncRunflow(clock=clock),
        concurrency=8,
        clock=clock,
    ):
        print(result)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
