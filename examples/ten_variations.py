"""Ten variations at once: a failure of one does not stop the others. Needs RUNFLOW_API_KEY."""

import asyncio

from runflow_client import AsyncRun, AsyncRunflow, RunflowError, inputs


async def main() -> None:
    """Run them together; they are asked for together, too."""
    async with AsyncRunflow() as client:
        variations = [
            inputs.GoogleNanoBananaPro(prompt="A cathedral made of stained glass", seed=seed)
            for seed in range(10)
        ]
        results = await asyncio.gather(
            *(client.run(asked) for asked in variations), return_exceptions=True
        )
        for seed, result in enumerate(results):
            if isinstance(result, AsyncRun):
                path = await result.outputs[0].save(f"variation-{seed}.png", overwrite=True)
                print(f"seed {seed}: {path}")
            elif isinstance(result, RunflowError):
                print(f"seed {seed}: {result}")
            else:
                raise result


asyncio.run(main())
