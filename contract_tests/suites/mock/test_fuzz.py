"""schemathesis finds nothing.

The quick phases run here, all of them in the thorough profile; `fuzz.py` runs many seeds.
"""

from collections.abc import Callable

import pytest
from runflow_conformance._schemathesis.runner import QUICK_PHASES, Result

from ..profile import is_thorough, seed
from .fuzz import fuzz

Record = Callable[[str, object], None]


def sound(result: Result, record_property: Record) -> None:
    record_property("calls", result.calls)
    assert result.findings == [], result.output
    assert result.summary["operations"]["tested"] == 64
    assert len(result.calls) == 64


def test_examples_and_coverage_find_nothing_at_a_fixed_seed(record_property: Record) -> None:
    sound(fuzz(seed=1, examples=1, phases=QUICK_PHASES), record_property)


if is_thorough():

    @pytest.mark.parametrize("drawn", [seed() * 10 + number for number in range(3)])
    def test_all_phases_find_nothing_at_the_seeds_of_the_night(
        drawn: int, record_property: Record
    ) -> None:
        sound(fuzz(seed=drawn, examples=12), record_property)
