"""How much the contract tests try: the default profile, or with
RUNFLOW_CONFORMANCE_PROFILE=thorough that of the night.

The default profile tries the same each time. The thorough one tries more, by
RUNFLOW_CONFORMANCE_SEED; without it the day is the seed. RUNFLOW_CONFORMANCE_SEEDS says how many
seeds the fuzzing has.
"""

from __future__ import annotations

import datetime
import os

PROFILE = "RUNFLOW_CONFORMANCE_PROFILE"
SEED = "RUNFLOW_CONFORMANCE_SEED"
SEEDS = "RUNFLOW_CONFORMANCE_SEEDS"
THOROUGH = "thorough"
MAX_SEEDS = 1000


def is_thorough() -> bool:
    """Return whether this is the profile of the night."""
    return os.environ.get(PROFILE, "default") == THOROUGH


def seed() -> int:
    """Return the seed of what is freshly drawn."""
    return int(os.environ.get(SEED) or datetime.date.today().toordinal())


def fuzzing_seeds() -> list[int]:
    """Return the seeds of the fuzzing: 3, or as many as are asked for. No two days share one."""
    count = int(os.environ.get(SEEDS) or 3)
    if not 0 < count <= MAX_SEEDS:
        raise ValueError(f"{SEEDS} is {count}: expected 1 to {MAX_SEEDS}")
    return [seed() * MAX_SEEDS + number for number in range(count)]
