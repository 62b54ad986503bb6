"""Runs schemathesis against a mock server: all phases, its checks and ours.

As a command: `python -m contract_tests.suites.mock.fuzz --seeds 10` runs the deep phases with ten
random seeds, and `--seed 7` runs them with this one again. The quick phases are the same for every
seed but for the data of some cases: they run in the tests.
"""

from __future__ import annotations

import argparse
import random
import sys
from decimal import Decimal

from runflow_conformance._schemathesis.runner import (
    DEEP_PHASES,
    QUICK_PHASES,
    Plan,
    Result,
    run_schemathesis,
)
from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.contract.document import find_document

ENOUGH_MONEY = Decimal(1_000_000_000)
EXAMPLES = 12
"""Drawn cases of each operation; a seed takes about 15 seconds of one core with them."""


def fuzz(
    seed: int, examples: int, phases: tuple[str, ...] = (*QUICK_PHASES, *DEEP_PHASES)
) -> Result:
    """Run the phases with that seed and that many examples an operation; return what schemathesis
    found. The server's own ids have that seed, too: what was found comes again with it.
    """
    settings = Settings(seed=seed, opening_balance=ENOUGH_MONEY, kept_requests=1)
    with MockRunflow(SteppedClock(step=1.0), settings=settings) as mock:
        return run_schemathesis(
            Plan(
                document=find_document(),
                base_url=mock.base_url,
                api_key=mock.api_key,
                phases=phases,
                examples=examples,
                seed=seed,
            )
        )


def main() -> int:
    """Run the seeds that the command line asks for; return 1 if one of them found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many random seeds")
    parser.add_argument("--seed", type=int, help="this seed only")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="examples an operation")
    chosen = parser.parse_args()
    seeds = (
        [chosen.seed]
        if chosen.seed is not None
        else random.SystemRandom().sample(range(10**9), chosen.seeds)
    )
    failed = 0
    for seed in seeds:
        result = fuzz(seed, chosen.examples, DEEP_PHASES)
        print(
            f"seed {seed}: {sum(result.calls.values())} calls, {len(result.findings)} findings",
            flush=True,
        )
        if result.findings:
            print(result.output)
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
