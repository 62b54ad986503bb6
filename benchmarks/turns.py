"""Two ways of doing one thing, in turns and in one process: the CPU of each, and their ratio."""

import time
from collections.abc import Callable
from typing import Final

from benchmarks.measuring import median

PAIRS: Final = 60
REQUESTS: Final = 50
"""Requests of each kind in one turn. The ratio of each pair of turns counts, so that what disturbs
hits both.
"""


def _cpu(act: Callable[[], object]) -> float:
    """Microseconds of this process's CPU for one request."""
    started = time.process_time()
    for _ in range(REQUESTS):
        act()
    return (time.process_time() - started) / REQUESTS * 1e6


def compare(
    bare: Callable[[], object], layer: Callable[[], object], pairs: int = PAIRS
) -> dict[str, float]:
    """The medians of both (microseconds of CPU for one request), and the median of the ratios of
    each pair of turns.
    """
    for act in (bare, layer):  # connections are opened and code is loaded
        _cpu(act)
    turns: list[tuple[float, float]] = []
    for number in range(pairs):
        if number % 2:
            above, below = _cpu(layer), _cpu(bare)
        else:
            below, above = _cpu(bare), _cpu(layer)
        turns.append((below, above))
    return {
        "bare": median([below for below, _ in turns]),
        "layer": median([above for _, above in turns]),
        "ratio": median([above / below for below, above in turns]),
    }
