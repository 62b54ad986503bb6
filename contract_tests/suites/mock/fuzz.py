"""Runs schemathesis against a mock server: all phases, the default checks.

As a command: `python -m contract_tests.suites.mock.fuzz --seeds 10 --examples 50` runs ten random seeds.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from runflow_mock import MockRunflow, Settings, SteppedClock
from runflow_mock.document import find_document

HERE = Path(__file__).parent
ALL_PHASES = "examples,coverage,fuzzing,stateful"
ENOUGH_MONEY = "1000000000"
CONFIGURATION = """\
hooks = "{hooks}"
workers = 1
continue-on-failure = true

[phases.examples]
extra-data-sources.responses = false
[phases.coverage]
extra-data-sources.responses = false
[phases.fuzzing]
extra-data-sources.responses = false
"""


def fuzz(seed: int, examples: int, phases: str = ALL_PHASES) -> subprocess.CompletedProcess[str]:
    """Run the phases with that seed and that many examples an operation; return what schemathesis said.

    Its exit code is 0 if it found nothing.
    """
    settings = Settings(opening_balance=ENOUGH_MONEY, kept_requests=1)
    with tempfile.TemporaryDirectory() as folder, MockRunflow(SteppedClock(step=1.0), settings=settings) as mock:
        configuration = Path(folder) / "schemathesis.toml"
        configuration.write_text(CONFIGURATION.format(hooks=HERE / "sensible.py"), encoding="utf-8")
        command = [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration), "run"),
            *(str(find_document()), "--url", mock.base_url, "-H", f"Authorization: Bearer {mock.api_key}"),
            *("--phases", phases, "--max-examples", str(examples)),
            *("--seed", str(seed), "--no-color", "--suppress-health-check", "all"),
        ]
        environment = {**os.environ, "RUNFLOW_BASE_URL": mock.base_url, "RUNFLOW_API_KEY": mock.api_key}
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def main() -> int:
    """Run the seeds that the command line asks for; return 1 if one of them found something."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many random seeds")
    parser.add_argument("--seed", type=int, help="this seed only")
    parser.add_argument("--examples", type=int, default=25, help="examples an operation")
    chosen = parser.parse_args()
    seeds = [chosen.seed] if chosen.seed is not None else random.SystemRandom().sample(range(10**9), chosen.seeds)
    failed = 0
    for seed in seeds:
        result = fuzz(seed, chosen.examples)
        said = (result.stdout + result.stderr).strip().splitlines()
        print(f"seed {seed}: exit code {result.returncode}: {said[-1].strip('= ') if said else ''}", flush=True)
        if result.returncode:
            print("\n".join(said))
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
