"""The longest files come first in the part of each worker, and no test is lost by that."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..pace import LONGEST, in_parts, parts_of

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


def test_a_folder_is_divided_into_all_that_pytest_collects_in_it(tmp_path: Path) -> None:
    for name in (
        "one/test_a.py",
        "two/deep/test_b.py",
        "__pycache__/test_c.py",
        ".hidden/test_d.py",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name in ("test_e.py", "f_test.py", "conftest.py", "helper.py", "notes.txt"):
        (tmp_path / name).touch()
    names = ["f_test.py", "one", "test_e.py", "two"]
    argument = f"{tmp_path / 'test_e.py'}::test_one"
    parts = parts_of([str(tmp_path), argument], ["test_*.py", "*_test.py"])
    assert parts == [*(str(tmp_path / name) for name in names), argument]


@pytest.mark.parametrize("worker", ["gw0", "gw1", "gw2"])
def test_each_worker_collects_the_same_tests_in_the_same_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, worker: str
) -> None:
    for name in ("a", "b", "c", "d"):
        (tmp_path / name).mkdir()
        text = "import pytest\n@pytest.mark.parametrize('number', [2, 1])\ndef test_it(number): ..."
        (tmp_path / name / f"test_{name}.py").write_text(text)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", worker)
    monkeypatch.setenv("PYTEST_XDIST_WORKER_COUNT", "3")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:xdist"]
    command += ["-p", "no:cacheprovider", "-c", os.devnull, "-p", "contract_tests.suites.pace"]
    told = subprocess.run(
        [*command, "--rootdir", str(tmp_path), str(tmp_path)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
    ).stdout
    expected = [f"{one}/test_{one}.py::test_it[{number}]" for one in "abcd" for number in (2, 1)]
    assert [line for line in told.splitlines() if "::" in line] == expected
