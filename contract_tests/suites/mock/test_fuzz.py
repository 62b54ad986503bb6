"""schemathesis finds nothing: the quick phases here; `fuzz.py` runs all of them, with as many seeds as wanted."""

from __future__ import annotations

from .fuzz import fuzz


def test_examples_and_coverage_find_nothing_at_a_fixed_seed() -> None:
    result = fuzz(seed=1, examples=1, phases="examples,coverage")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Tested: 61" in result.stdout
