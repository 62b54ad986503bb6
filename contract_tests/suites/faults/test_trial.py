"""The tool, on a tree of two functions: what breaks is caught, what does not is not, and nothing else is imported."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.checks import Check
from faults.fault import FOLDER, Change, Fault, UnusableFault
from faults.kept import Kept
from faults.reach import changed_bodies
from faults.running import NotGreen, Outcome
from faults.table import Table
from faults.trial import Trial, touched_lines

MODULE = '''\
"""Two functions."""

NUMBER = 2


def double(number: int) -> int:
    """Twice the number."""
    return number + number


def half(number: int) -> int:
    """Half the number."""
    while number % 2:
        raise ValueError(number)
    return number // 2
'''
TESTS = '''\
"""What they give."""

from pytest import raises
from small import double, half

from .mock_target import mock_target


def test_double() -> None:
    assert double(2) == 4


def test_half() -> None:
    assert half(4) == 2
    assert half(6) == 3
    with raises(ValueError):
        half(3)
'''


def check_of(name: str, file: str) -> Check:
    return Check(name=name, kinds=("client",), files=(file,), sees="little")


CHECK = check_of("small", "tests/test_small.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    shutil.copytree(FOLDER, root / "contract_tests" / "faults", ignore=shutil.ignore_patterns("*.toml", "__pycache__"))
    plugin = "contract_tests/runflow_mock/pytest_plugin.py"  # pytest loads that of the environment
    modules = {
        "overlay/small.py": MODULE,
        "tests/test_small.py": TESTS,
        plugin: "",
        f"{Path(plugin).parent}/__init__.py": "",
    }
    for name, text in modules.items():
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    (root / "pyproject.toml").write_text('[tool.pytest.ini_options]\naddopts = ["-ra"]\n', encoding="utf-8")
    return root


@pytest.fixture
def fault() -> Callable[..., Fault]:
    def make(name: str, old: str, new: str) -> Fault:
        return Fault(name, "client", "It is wrong.", (Change("overlay/small.py", old, new),))

    return make


def test_what_breaks_is_caught_and_what_does_not_is_not(
    tree: Path, tmp_path: Path, fault: Callable[..., Fault]
) -> None:
    breaking = fault("breaking", "return number + number", "return number")
    harmless = fault("harmless", "return number + number", "return 2 * number")
    endless = fault("endless", "raise ValueError(number)", "pass")
    outside = fault("outside", "NUMBER = 2", "import nothing_of_this_name")
    trial = Trial(tree, tmp_path / "room", [CHECK], jobs=1, longest_test=5.0, tell=lambda line: None)
    trial.prove_green()
    rows = trial.run([breaking, harmless, endless, outside])
    assert {fault.name: rows[fault]["small"].result for fault in rows} == {
        "breaking": "caught",
        "harmless": "green",
        "endless": "hang",
        "outside": "caught",
    }
    assert rows[breaking]["small"].first == "tests/test_small.py::test_double"
    table = Table([CHECK], rows)
    assert table.missed() == [harmless]
    assert table.problems() == ["client/harmless is caught by no check: It is wrong."]
    assert "| endless | hang |" in table.markdown()
    assert "| harmless |  |" in table.markdown()
    assert json.dumps(table.report()) == json.dumps(Table([CHECK], rows).report())
    assert (tree / "overlay/small.py").read_text(encoding="utf-8") == MODULE


def test_a_fault_is_tried_with_the_tests_of_the_function_that_it_changes(
    tree: Path, tmp_path: Path, fault: Callable[..., Fault]
) -> None:
    moved = fault("moved", "return number // 2", "return number")
    (tree / "overlay/small.py").write_text(
        MODULE.replace("def double", "NOTE = 1\n" * 7 + "def double"), encoding="utf-8"
    )
    trial = Trial(tree, tmp_path / "room", [CHECK], jobs=1, tell=lambda line: None)
    trial.prove_green()
    assert trial.run([moved])[moved]["small"].first == "tests/test_small.py::test_half"


def test_what_no_chosen_test_notices_is_tried_on_every_test(
    tree: Path, tmp_path: Path, fault: Callable[..., Fault]
) -> None:
    far = "import importlib\n\n\ndef test_far() -> None:\n    assert importlib.import_module('small').NUMBER == 2\n"
    (tree / "tests/test_far.py").write_text(far, encoding="utf-8")
    silent = fault("silent", "NUMBER = 2", "NUMBER = 3")  # nothing says that this test has to do with it
    trial = Trial(tree, tmp_path / "room", [check_of("far", "tests/test_far.py")], jobs=1, tell=lambda line: None)
    trial.prove_green()
    assert trial.run([silent])[silent]["far"].first == "tests/test_far.py::test_far"


def test_a_check_that_is_never_alone_needs_a_reason(fault: Callable[..., Fault]) -> None:
    others = [check_of(name, "tests/test_small.py") for name in ("one", "two")]
    rows = {
        fault("breaking", "return number + number", "return number"): {
            check.name: Outcome("caught") for check in others
        }
    }
    assert [problem.split("'")[1] for problem in Table(others, rows).problems()] == ["one", "two"]
    assert Table(others, rows, whole=False).problems() == []


def test_a_fault_that_cannot_be_made_is_named(tree: Path, tmp_path: Path, fault: Callable[..., Fault]) -> None:
    stale = fault("stale", "return number + number", "return number")
    (tree / "overlay/small.py").write_text(MODULE.replace("number", "count"), encoding="utf-8")
    trial = Trial(tree, tmp_path / "room", [], jobs=1, tell=lambda line: None)
    with pytest.raises(UnusableFault, match=r"client/stale: overlay/small\.py: this is not there"):
        trial.run([stale])


def test_a_check_that_is_red_or_imports_another_tree_ends_the_trial(tree: Path, tmp_path: Path) -> None:
    (tree / "tests/test_red.py").write_text("def test() -> None:\n    assert not 1\n", encoding="utf-8")
    foreign = "import runflow_client\n\n\ndef test() -> None:\n    assert runflow_client\n"
    (tree / "tests/test_foreign.py").write_text(foreign, encoding="utf-8")
    for name, words in (("red", "is not green without a fault"), ("foreign", "imported from outside of")):
        checks = [check_of(name, f"tests/test_{name}.py")]
        trial = Trial(tree, tmp_path / name, checks, jobs=1, tell=lambda line: None)
        with pytest.raises(NotGreen, match=words):
            trial.prove_green()


def test_only_functions_that_a_change_stands_in_are_changed() -> None:
    assert changed_bodies(MODULE, [8]) == {(7, 8)}
    assert changed_bodies(MODULE, [8, 14]) == {(7, 8), (12, 15)}
    assert changed_bodies(MODULE, [1]) is None
    assert changed_bodies(MODULE, [6]) == {(7, 8)}


def test_touched_lines_are_those_of_the_tree_before() -> None:
    diff = "--- a/x.py\n+++ b/x.py\n -3,3 +3,4 \n three\n-four\n+4\n+new\n five\n -9,2 +10,3 \n nine\n+ten\n ten\n"
    assert touched_lines(diff) == {"x.py": (4, 9)}


def test_what_was_found_is_kept_until_the_fault_changes(
    tree: Path, tmp_path: Path, fault: Callable[..., Fault]
) -> None:
    path = tmp_path / "reports" / "kept.json"
    first, second = (
        fault("first", "return number + number", "return number"),
        fault("second", "return number + number", "return 0"),
    )
    outcomes = {"small": Outcome("caught", "tests/test_small.py::test_double")}
    Kept(path, tree).keep(first, outcomes | {"other": Outcome("green")})
    Kept(path, tree).keep(second, outcomes)
    assert Kept(path, tree).rows([second, first]) == {second: outcomes, first: outcomes}
    changed = fault("first", "return number + number", "return -number")
    assert list(Kept(path, tree).rows([changed, second])) == [second]
    kept = Kept(path, tree)
    kept.forget()
    kept.keep(second, outcomes)
    assert list(Kept(path, tree).rows([first, second])) == [second]
