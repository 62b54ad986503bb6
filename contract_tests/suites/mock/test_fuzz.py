"""schemathesis finds nothing: the quick phases here; `fuzz.py` runs all of them, with as many seeds as wanted."""

from __future__ import annotations

from runflow_conformance.schemathesis_runner import QUICK_PHASES

from .fuzz import fuzz


def test_examples_and_coverage_find_nothing_at_a_fixed_seed() -> None:
    result = fuzz(seed=1, examples=1, phases=QUICK_PHASES)
    assert result.findings == [], result.said
    assert result.summary["operations"]["tested"] == 61
    assert len(result.calls) == 61
