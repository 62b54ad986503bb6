"""The tool, on a tree of two functions: what breaks is caught, what does not is not, and nothing
else is imported.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from faults.campaign import Campaign
from faults.checks import Check
from faults.fault import FOLDER, Change, Fault, UnusableFault
from faults.outcomes import Outcome, Outcomes
from faults.running import Limits, NotGreen
from faults.table import Table

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


def test_double() -> None:
    assert double(2) == 4


def test_half() -> None:
    assert half(4) == 2
    assert half(6) == 3
    with raises(ValueError):
        half(3)
'''


def check_of(name: str, file: str) -> Check:
    return Check(name=name, areas=("client",), files=(file,), sees="little")


CHECK = check_of("small", "tests/test_small.py")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    shutil.copytree(
        FOLDER,
        root / "contract_tests" / "faults",
        ignore=shutil.ignore_patterns("*.toml", "__pycache__"),
    )
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
    (root / "pyproject.toml").write_text(
        '[tool.pytest.ini_options]\naddopts = ["-ra"]\n', encoding="utf-8"
    )
    return root


@pytest.fixture
def fault() -> Callable[..., Fault]:
    def make(name: str, old: str, new: str) -> Fault:
        return Fault(
            name, "client", "mix-up", "It is wrong.", (Change("overlay/small.py", old, new),)
        )

    return make


@pytest.fixture
def campaign(tree: Path, tmp_path: Path) -> Callable[..., Campaign]:
    def make(*checks: Check, **options: Any) -> Campaign:
        folder = tmp_path / f"campaign-{len(list(tmp_path.iterdir()))}"
        return Campaign(tree, folder, checks, jobs=1, print_line=lambda line: None, **options)

    return make


def test_what_breaks_is_caught_and_what_does_not_is_not(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    breaking = fault("breaking", "return number + number", "return number")
    harmless = fault("harmless", "return number + number", "return 2 * number")
    endless = fault("endless", "raise ValueError(number)", "pass")
    outside = fault("outside", "NUMBER = 2", "import nothing_of_this_name")
    rows = campaign(CHECK, limits=Limits(test=5.0)).run([breaking, harmless, endless, outside])
    assert {fault.name: rows[fault]["small"] for fault in rows} == {
        "breaking": Outcome("caught", "tests/test_small.py::test_double"),
        "harmless": Outcome("green"),
        "endless": Outcome("hang", "tests/test_small.py::test_half"),
        "outside": Outcome("caught", "tests/test_small.py"),
    }
    table = Table([CHECK], rows)
    assert table.missed() == [harmless]
    assert table.hung() == [endless]
    assert table.problems() == ["client/harmless is caught by no check: It is wrong."]
    assert "| endless | hang |" in table.markdown()
    assert "| harmless |  |" in table.markdown()
    assert "- client faults caught: 3 of 4\n  - caught by no check: harmless\n" in table.markdown()
    assert "  - noticed only by the time limit: endless\n" in table.markdown()
    mixed_up = "| mix-up | 3 of 4 |  |  | one name, value or place is taken for another |\n"
    assert mixed_up in table.markdown()
    assert "| client | small.py | 3 of 4 |\n" in table.markdown()
    assert json.dumps(table.report()) == json.dumps(Table([CHECK], rows).report())
    assert (tree / "overlay/small.py").read_text(encoding="utf-8") == MODULE


def test_a_check_that_takes_too_long_as_a_whole_hangs_and_the_next_one_is_run(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    (tree / "tests/test_many.py").write_text(
        "import time\n\nimport pytest\nfrom small import half\n\n\n"
        "@pytest.mark.parametrize('number', range(30))\n"
        "def test_many(number: int) -> None:\n    time.sleep(0 if half(number - number % 2) == "
        "number // 2 else 0.2)\n",
        encoding="utf-8",
    )
    slow = fault("slow", "return number // 2", "return number + 1")
    rows = campaign(check_of("many", "tests/test_many.py"), CHECK, limits=Limits(check=4.0)).run(
        [slow]
    )
    assert {name: outcome.result for name, outcome in rows[slow].items()} == {
        "many": "hang",
        "small": "caught",
    }


def test_a_module_that_never_ends_when_it_is_imported_hangs(
    campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    endless = fault("endless", "NUMBER = 2", "while True: pass")
    limits = Limits(check=3.0, fault=3.0, record=60.0)
    assert campaign(CHECK, limits=limits).run([endless])[endless]["small"].result == "hang"


def test_a_process_that_dies_is_caught_and_disturbs_no_other_check(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    (tree / "tests/test_other.py").write_text(
        "from small import double\n\n\ndef test_type() -> None:\n    assert isinstance(double, "
        "object)\n",
        encoding="utf-8",
    )
    dying = fault("dying", "return number + number", "import os\nos._exit(7)")
    rows = campaign(CHECK, check_of("other", "tests/test_other.py"), every_test=True).run([dying])
    assert rows[dying] == {
        "small": Outcome("caught", "tests/test_small.py::test_double"),
        "other": Outcome("green"),
    }


def test_a_fault_is_tried_with_the_tests_that_ran_the_changed_lines(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    (tree / "tests/test_small.py").write_text(
        f"{TESTS}\n\ndef test_file() -> None:\n    assert 'return 2 ' not in "
        "open('overlay/small.py').read()\n",
        encoding="utf-8",
    )
    hidden = fault("hidden", "return number + number", "return 2 * number")
    seen = fault("seen", "return number // 2", "return 2 * number")
    rows = campaign(CHECK).run([hidden, seen])
    # Only test_double and test_half run these lines. What they do not notice is tried on every
    # test.
    assert rows[seen]["small"].first == "tests/test_small.py::test_half"
    assert rows[hidden]["small"].first == "tests/test_small.py::test_file"


def test_a_constant_is_tried_with_the_tests_of_what_uses_it(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    (tree / "overlay/large.py").write_text(
        "import small\n\nTWICE = 2 * small.NUMBER\n\n\ndef four() -> int:\n    return TWICE\n",
        encoding="utf-8",
    )
    (tree / "tests/test_large.py").write_text(
        "import large\n\n\ndef test_name() -> None:\n    assert large.__name__ == 'large'\n\n\n"
        "def test_four() -> None:\n    assert large.four() == 4\n",
        encoding="utf-8",
    )
    other = fault("other", "NUMBER = 2", "NUMBER = 3")
    rows = campaign(check_of("large", "tests/test_large.py")).run([other])
    assert rows[other]["large"].first == "tests/test_large.py::test_four"


def test_a_test_whose_process_runs_the_changed_line_is_run(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    (tree / "tests/test_other.py").write_text(
        "import subprocess\nimport sys\n\n\n"
        "def test_nothing() -> None:\n    assert 'return 5' not in "
        "open('overlay/small.py').read()\n\n\n"
        "def test_process() -> None:\n"
        "    code = 'import small; assert small.double(2) == 4'\n"
        "    assert subprocess.run([sys.executable, '-c', code]).returncode == 0\n",
        encoding="utf-8",
    )
    breaking = fault("breaking", "return number + number", "return 5")
    rows = campaign(check_of("other", "tests/test_other.py")).run([breaking])
    assert rows[breaking]["other"].first == "tests/test_other.py::test_process"


def test_every_test_that_has_a_shared_fixture_is_run_for_what_the_fixture_runs(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    (tree / "tests/test_other.py").write_text(
        "import pytest\nfrom small import double\n\n\n"
        "@pytest.fixture(scope='module')\ndef four() -> int:\n    return double(2)\n\n\n"
        "def test_first(four: int) -> None:\n    assert four\n\n\n"
        "def test_nothing() -> None:\n    assert 'return 5' not in "
        "open('overlay/small.py').read()\n\n\n"
        "def test_second(four: int) -> None:\n    assert four == 4\n",
        encoding="utf-8",
    )
    breaking = fault("breaking", "return number + number", "return 5")
    rows = campaign(check_of("other", "tests/test_other.py")).run([breaking])
    assert rows[breaking]["other"].first == "tests/test_other.py::test_second"


def test_what_the_tests_run_is_recorded_once_until_the_tree_changes(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    records = tree / "build" / "faults"
    breaking = fault("breaking", "return number + number", "return number")
    campaign(CHECK).run([breaking])
    (first,) = [(path, (path / "coverage").stat().st_mtime_ns) for path in records.iterdir()]
    campaign(CHECK).run([breaking])
    assert [(path, (path / "coverage").stat().st_mtime_ns) for path in records.iterdir()] == [first]
    (tree / "tests/test_small.py").write_text(TESTS + "\n# more\n", encoding="utf-8")
    campaign(CHECK).run([breaking])
    assert [path for path in records.iterdir() if path != first[0]] == list(records.iterdir())


def test_a_check_that_is_never_alone_needs_a_reason(fault: Callable[..., Fault]) -> None:
    others = [check_of(name, "tests/test_small.py") for name in ("one", "two")]
    breaking = fault("breaking", "return number + number", "return number")
    rows = {breaking: {check.name: Outcome("caught") for check in others}}
    assert [problem.split("'")[1] for problem in Table(others, rows).problems()] == ["one", "two"]
    assert Table(others, rows, whole=False).problems() == []


def test_a_fault_that_cannot_be_made_is_named(
    tree: Path, campaign: Callable[..., Campaign], fault: Callable[..., Fault]
) -> None:
    stale = fault("stale", "return number + number", "return number")
    (tree / "overlay/small.py").write_text(MODULE.replace("number", "count"), encoding="utf-8")
    with pytest.raises(UnusableFault, match=r"client/stale: overlay/small\.py: this is not there"):
        campaign().run([stale])


def test_a_check_that_is_red_or_imports_another_tree_ends_the_campaign(
    tree: Path, campaign: Callable[..., Campaign]
) -> None:
    (tree / "tests/test_red.py").write_text(
        "def test_sound() -> None:\n    assert 1\n\n\ndef test_red() -> None:\n    assert not 1\n",
        encoding="utf-8",
    )
    foreign = "import runflow_client\n\n\ndef test() -> None:\n    assert runflow_client\n"
    (tree / "tests/test_foreign.py").write_text(foreign, encoding="utf-8")
    for name, words in (
        ("red", "is not green without a fault"),
        ("foreign", "imported from outside of"),
    ):
        for _ in range(2):  # what a red run recorded is not taken for the whole the next time
            with pytest.raises(NotGreen, match=words):
                campaign(check_of(name, f"tests/test_{name}.py")).run([])


def test_outcomes_are_stored_until_the_fault_or_what_it_changes_is_another(
    tree: Path, tmp_path: Path, fault: Callable[..., Fault]
) -> None:
    path = tmp_path / "reports" / "outcomes.json"
    first = fault("first", "return number + number", "return number")
    second = fault("second", "return number + number", "return 0")
    third = fault("third", "return number // 2", "return 0")
    caught = {"small": Outcome("caught", "tests/test_small.py::test_double")}
    Outcomes(path, tree).add(first, caught | {"other": Outcome("green")})
    Outcomes(path, tree).add(second, caught)
    Outcomes(path, tree).add(third, caught)
    assert Outcomes(path, tree).rows([second, first, third]) == {
        second: caught,
        first: caught,
        third: caught,
    }
    changed = fault("first", "return number + number", "return -number")
    assert list(Outcomes(path, tree).rows([changed, second])) == [second]
    (tree / "overlay/small.py").write_text(
        MODULE.replace("number + number", "number  + number, 0"), encoding="utf-8"
    )
    assert list(Outcomes(path, tree).rows([first, second, third])) == [third]
    outcomes = Outcomes(path, tree)
    outcomes.clear()
    outcomes.add(second, caught)
    assert list(Outcomes(path, tree).rows([first, second])) == [second]
