"""schemathesis finds nothing.

The quick phases run here, the deep ones in the thorough profile; `fuzz.py` is the command.
"""

from collections.abc import Callable

import pytest
from runflow_conformance._schemathesis.runner import DEEP_PHASES, QUICK_PHASES, Result

from ..profile import fuzzing_seeds, is_thorough
from .fuzz import EXAMPLES, fuzz

Record = Callable[[str, object], None]


def sound(result: Result, record_property: Record) -> None:
    record_property("calls", result.calls)
    assert result.findings == [], result.output
    assert result.summary["operations"]["tested"] == 64
    assert len(result.calls) == 64


def test_examples_and_coverage_find_nothing_at_a_fixed_seed(record_property: Record) -> None:
    sound(fuzz(seed=1, examples=1, phases=QUICK_PHASES), record_property)


if is_thorough():

    @pytest.mark.parametrize("drawn", fuzzing_seeds())
    def test_the_deep_phases_find_nothing_at_the_seeds_of_the_night(
        drawn: int, record_property: Record
    ) -> None:
        sound(fuzz(drawn, EXAMPLES, DEEP_PHASES), record_property)
