"""The longest files come first in the part of each worker, and no test is lost by that."""

from pathlib import Path

from ..pace import LONGEST, in_parts

ROOT = Path(__file__).parents[3]


def test_each_of_the_longest_files_is_there() -> None:
    assert [path for path in LONGEST if (ROOT / path).is_file()] == [*LONGEST]


def test_each_worker_begins_with_long_files_and_every_test_runs_once() -> None:
    longest = [f"long_{number}.py" for number in range(7)]
    files = [f"short_{number}.py" for number in range(100)] + longest
    items = [f"{file}::test_{number}" for file in files for number in range(3)]
    for workers in (2, 3, 4):
        ordered = in_parts(items, workers, longest)
        assert sorted(ordered) == sorted(items)
        ends, begins = [], [0]
        for left in range(workers, 0, -1):
            ends.append(begins[-1] + (len(items) - begins[-1]) // left)
            begins.append(ends[-1])
        parts = [ordered[one:end] for one, end in zip(begins, ends, strict=False)]
        first = [[item for item in part if item.startswith("long")] for part in parts]
        assert [part[: len(long)] for part, long in zip(parts, first, strict=True)] == first
        assert {len(long) // 3 for long in first} <= {7 // workers, 7 // workers + 1}


def test_more_long_tests_than_a_part_holds_are_no_reason_to_lose_one() -> None:
    items = [f"long.py::test_{number}" for number in range(9)] + ["short.py::test_one"]
    assert sorted(in_parts(items, 3, ["long.py"])) == sorted(items)
    assert in_parts([], 3, ["long.py"]) == []
