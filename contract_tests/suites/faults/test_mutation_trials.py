"""Mutants are tried in forks of one pytest that collected the tests once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from faults.mutation_trials import PLAN, planned

MODULE = '''\
"""Two functions with the mutants that mutmut would put beside them."""

import os


def on(mutant):
    return os.environ.get("MUTANT_UNDER_TEST") == mutant


def double(number):
    if on("hangs"):
        while True:
            pass
    if on("ends"):
        os._exit(0)
    return number * (3 if on("triples") else 2)
'''
TESTS = """\
import pytest
from small import double
seen = []

def test_double():
    assert double(2) == 4

def test_nothing():
    assert double(0) == 0

def test_once():
    seen.append(double(1))
    assert seen == [2]

def test_red():
    assert double(1) == 3

def test_endless():
    while True:
        pass

@pytest.fixture
def broken():
    assert double(1) == 2

def test_setup(broken):
    pass
"""
SECONDS = {
    f"test_small.py::test_{name}": 0.01
    for name in ("double", "nothing", "once", "red", "endless", "setup")
}


def tried(
    folder: Path, tests: dict[str, list[str]], workers: int = 2
) -> tuple[int, str, dict[str, Any]]:
    """What a run ends with and says, and what it writes of each mutant."""
    (folder / "small.py").write_text(MODULE, encoding="utf-8")
    (folder / "test_small.py").write_text(TESTS, encoding="utf-8")
    plan = folder / "plan.json"
    full = {mutant: [f"test_small.py::{name}" for name in names] for mutant, names in tests.items()}
    what = {"tests": full, "seconds": SECONDS, "workers": workers, "limit": 1}
    plan.write_text(json.dumps(what), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "faults.mutation_trials"]
    command += ["-p", "no:cacheprovider", "-p", "no:schemathesis", "-p", "no:xdist"]
    environment = {**os.environ, PLAN: str(plan), "PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    outcomes = folder / "outcomes.jsonl"
    lines = outcomes.read_text("utf-8").splitlines() if outcomes.exists() else []
    found = {line.pop("mutant"): line for line in map(json.loads, lines)}
    return ended.returncode, ended.stdout + ended.stderr, found


def test_each_mutant_is_killed_survives_or_hangs(tmp_path: Path) -> None:
    wanted = {
        "triples": ["test_nothing", "test_double", "test_once"],
        "hangs": ["test_double"],
        "ends": ["test_double"],
        "other": ["test_nothing", "test_double", "test_once"],
        "again": ["test_once"],
        "of a fixture": ["test_setup"],
    }
    code, said, found = tried(tmp_path, wanted)
    assert (code, "no tests ran" in said) == (0, True), said
    assert found == {
        "triples": {"code": 1, "test": "test_small.py::test_double"},
        "hangs": {"code": 24, "test": ""},
        "ends": {"code": 1, "test": ""},
        "other": {"code": 0, "test": ""},
        "again": {"code": 0, "test": ""},
        "of a fixture": {"code": 0, "test": ""},
    }


def test_a_test_that_fails_without_a_change_ends_the_run(tmp_path: Path) -> None:
    wanted = {"triples": ["test_double"], "other": ["test_double", "test_red"]}
    code, said, found = tried(tmp_path, wanted, workers=1)
    assert code
    assert "fails without a change, too: test_small.py::test_red" in said
    assert [one["code"] for one in found.values()] == [1, 1]
    code, said, _ = tried(tmp_path, {"other": ["test_double", "test_red"]})
    assert "fails without a change, too: test_small.py::test_red" in said


def test_a_test_that_never_ends_without_a_change_ends_the_run(tmp_path: Path) -> None:
    code, said, _ = tried(tmp_path, {"triples": ["test_double"], "other": ["test_endless"]})
    assert code
    assert "fails without a change, too: the run" in said


def test_a_run_in_which_no_test_can_pass_tries_no_mutant(tmp_path: Path) -> None:
    """Each mutant would count as killed."""
    (tmp_path / "conftest.py").write_text(
        "def pytest_runtest_logreport():\n    raise ValueError", encoding="utf-8"
    )
    code, said, found = tried(tmp_path, {"triples": ["test_double"]})
    assert code
    assert "fails without a change, too: the run" in said
    assert found == {}


def test_a_test_that_is_not_found_ends_the_run(tmp_path: Path) -> None:
    code, said, found = tried(tmp_path, {"other": ["test_double", "test_gone"]})
    assert code
    assert "not found by their names; give them ids: test_small.py::test_gone" in said
    assert found == {}


@pytest.mark.parametrize(
    ("reaching", "expected"),
    [
        ({}, []),
        ({"a::slow": 9.0, "b::slower": 10.0}, ["a::slow"]),
        (
            {"a::1": 0.1, "a::2": 0.2, "a::3": 0.3, "b::special": 2.0, "b::4": 0.5, "b::5": 2.0},
            ["b::special", "b::4", "a::1", "a::2"],
        ),
        ({"a::3": 1.4, "a::2": 1.3, "a::1": 1.2}, ["a::1", "a::2"]),
    ],
)
def test_special_tests_come_first_and_then_the_quickest_of_each_module(
    reaching: dict[str, float], expected: list[str]
) -> None:
    function = "package.module.xǁSmallǁdouble"
    stats = {
        "duration_by_test": reaching | {"z::other": 0.0},
        "tests_by_mangled_function_name": {
            function: list(reaching),
            "package.x_y": [name for name in reaching if name != "b::special"],
            "package.x_z": ["z::other"],
        },
    }
    mutant = "package.__init__.module.xǁSmallǁdouble__mutmut_12"
    assert planned([mutant], stats) == {mutant: expected}
