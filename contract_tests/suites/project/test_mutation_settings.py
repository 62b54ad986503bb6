"""The automatic mutation run mutates modules that exist, runs tests that exist, and explains only
what it can read.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from faults.mutation import functions_of, module_name
from faults.mutation_changes import function_name
from faults.mutation_copy import source_of

from suites.mock.test_plugin import run_pytest

HOUSE = Path(__file__).parents[3]
SETTINGS: dict[str, Any] = tomllib.loads((HOUSE / "pyproject.toml").read_text("utf-8"))["tool"][
    "mutmut"
]
FAULTS = HOUSE / "contract_tests" / "faults"
EXPLANATIONS: list[dict[str, Any]] = yaml.safe_load((FAULTS / "survivors.yaml").read_text("utf-8"))


@pytest.mark.parametrize("module", SETTINGS["only_mutate"])
def test_a_module_that_is_mutated_is_there(module: str) -> None:
    assert source_of(module).is_file()


@pytest.mark.parametrize("suite", SETTINGS["pytest_add_cli_args_test_selection"])
def test_a_suite_that_runs_against_the_mutants_is_there(suite: str) -> None:
    assert source_of(suite).exists()


def test_what_is_left_out_of_the_suites_is_there() -> None:
    left_out = [
        option.partition("=")[2]
        for option in SETTINGS["pytest_add_cli_args"]
        if option.startswith("--ignore")
    ]
    assert left_out
    assert all(source_of(path).is_file() for path in left_out)


def test_the_table_lists_the_modules_that_are_mutated() -> None:
    """Where it does not, it is of an earlier tree: `make mutation` writes it."""
    modules = (FAULTS / "MUTATION.md").read_text("utf-8").partition("## By module")[2]
    rows = re.findall(r"^\| (\S+) \| \d", modules, re.M)
    assert rows == [module_name(path) for path in SETTINGS["only_mutate"]]


def test_the_functions_whose_mutants_are_explained_are_there() -> None:
    functions = {
        f"{module_name(path)} {function_name(pattern)}"
        for path in SETTINGS["only_mutate"]
        for pattern, _ in functions_of(path)
    }
    changes = [change for reason in EXPLANATIONS for change in reason.get("changes", ())]
    assert [change for change in changes if change.partition(": ")[0] not in functions] == []


@pytest.mark.parametrize("reason", EXPLANATIONS, ids=lambda reason: reason["name"])
def test_an_explanation_says_which_survivors_it_means_and_why(reason: dict[str, Any]) -> None:
    assert set(reason) <= {"name", "kind", "why", "changes", "pattern", "sentences"}
    assert reason["kind"] in {"equivalent", "wording", "elsewhere"}
    assert len(reason["why"]) > 40
    assert reason.keys() & {"changes", "pattern", "sentences"}
    re.compile(reason.get("pattern", ""))


def test_make_runs_it_as_a_module_of_its_package() -> None:
    """As a script it could not import its neighbours."""
    makefile = (HOUSE / "Makefile").read_text("utf-8")
    commands = re.findall(
        r"PYTHONPATH=contract_tests \$\(BIN\)/python (\S+ \S+mutation\S*)", makefile
    )
    assert commands == ["-m faults.mutation"] * 2
    assert "mutation.py" not in makefile


def test_a_test_that_gives_notes_to_its_parameter_fails(tmp_path: Path) -> None:
    tests = """
import pytest

@pytest.mark.parametrize("error", [ValueError("x")])
def test_notes(error):
    error.add_note("again")

@pytest.mark.parametrize("error", [ValueError("x")])
def test_raises(error):
    with pytest.raises(ValueError):
        raise error
"""
    result = run_pytest(tmp_path, "-p", "suites.parameters", tests=tests)
    assert "1 failed, 1 passed" in result.stdout
    assert "test_notes[error0] - Failed: an error that is" in result.stdout
