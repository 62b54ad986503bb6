"""How much the contract tests try: the default profile, or with
RUNFLOW_CONFORMANCE_PROFILE=thorough that of the night.

The default profile tries the same each time. The thorough one tries more, by
RUNFLOW_CONFORMANCE_SEED; without it the day is the seed.
"""

from __future__ import annotations

import datetime
import os

PROFILE = "RUNFLOW_CONFORMANCE_PROFILE"
SEED = "RUNFLOW_CONFORMANCE_SEED"
THOROUGH = "thorough"


def is_thorough() -> bool:
    """Return whether this is the profile of the night."""
    return os.environ.get(PROFILE, "default") == THOROUGH


def seed() -> int:
    """Return the seed of what is freshly drawn."""
    return int(os.environ.get(SEED) or datetime.date.today().toordinal())
