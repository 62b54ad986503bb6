"""Every fault can be made in the tree as it is and says what it is; every test of the suites
belongs to a check.
"""

from __future__ import annotations

import ast
from collections import Counter
from functools import cache
from pathlib import Path

import jinja2
import pytest
from faults.checks import CHECKS
from faults.elsewhere import ELSEWHERE
from faults.fault import AREAS, FOLDER, ROOT, Fault, UnusableFault, read_fault, read_faults
from faults.kinds import KINDS
from faults.outcomes import OUTCOMES, Outcomes
from faults.source import source_of
from faults.table import TABLE, stored_table

FAULTS = read_faults()
FEWEST = {"client": 40, "server": 30, "pipeline": 30}
PLACES = {
    "client": (
        "generated/runflow_api/",
        "regenerate/generate/templates/",
        "overlay/runflow_client/",
    ),
    "server": ("contract_tests/runflow_mock/", "contract_tests/runflow_conformance/"),
    "pipeline": ("regenerate/",),
}
FAULT = """\
summary = "It is wrong."
kind = "mix-up"

[[change]]
file = "module.py"
old = 'return 1'
new = 'return 2'
"""


@cache
def parsed(file: str, text: str) -> str:
    """Parse a module or a template of modules; give what it means."""
    if file.endswith(".py"):
        compile(text, file, "exec")
        return ast.dump(ast.parse(text))
    return str(jinja2.Environment().parse(text))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.area}-{fault.name}")
def test_a_fault_can_be_made_and_stands_where_its_area_does(fault: Fault) -> None:
    changed = fault.changed(ROOT)
    assert changed.keys() == fault.files
    for file, text in changed.items():
        assert parsed(file, text) != parsed(file, (ROOT / file).read_text(encoding="utf-8"))
        assert file.startswith(PLACES[fault.area])
    assert fault.summary.endswith(".")
    assert any(check.concerns(fault) for check in CHECKS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.area}-{fault.name}")
def test_what_a_fault_looks_for_has_no_comment_and_no_docstring(fault: Fault) -> None:
    assert fault.changes
    for change in fault.changes:
        kept = "".join(token.text for token in source_of(change.old).tokens)
        assert "".join(change.old.split()) == "".join(kept.split())


def test_names_are_unique_and_there_are_enough() -> None:
    assert [
        name for name, count in Counter(fault.name for fault in FAULTS).items() if count > 1
    ] == []
    summaries = Counter((fault.area, fault.summary) for fault in FAULTS)
    assert [summary for summary, count in summaries.items() if count > 1] == []
    for area in AREAS:
        assert sum(1 for fault in FAULTS if fault.area == area) >= FEWEST[area]
    assert [kind for kind in KINDS if all(fault.kind != kind for fault in FAULTS)] == []


def test_a_fault_is_read_and_made(tmp_path: Path) -> None:
    fault = written(tmp_path, FAULT)
    (tmp_path / "module.py").write_text("def one() -> int:\n    return 1\n", encoding="utf-8")
    fault.apply(tmp_path)
    assert (tmp_path / "module.py").read_text(
        encoding="utf-8"
    ) == "def one() -> int:\n    return 2\n"
    assert (fault.label, fault.kind, fault.summary) == ("client/half", "mix-up", "It is wrong.")


@pytest.mark.parametrize(
    "text",
    [
        'summary = "Only prose."\n',
        FAULT.partition("\n")[2],
        FAULT.replace("It is wrong.", " "),
        FAULT.replace("new", "now"),
        FAULT.replace('kind = "mix-up"\n', ""),
        FAULT.replace("mix-up", "mishap"),
        f"note = 'more'\n{FAULT}",
        "--- a/module.py\n",
    ],
    ids=[
        "no change",
        "no summary",
        "empty summary",
        "no new",
        "no kind",
        "unknown kind",
        "unknown key",
        "no TOML",
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(UnusableFault, match=r"client/half\.toml needs a summary"):
        written(tmp_path, text)


def test_what_is_there_twice_or_not_at_all_is_refused_with_fault_file_and_nearest_line(
    tmp_path: Path,
) -> None:
    fault = written(tmp_path, FAULT)
    (tmp_path / "module.py").write_text(
        "def one():\n    return 1\n\n\ndef two():\n    return 1\n", encoding="utf-8"
    )
    with pytest.raises(
        UnusableFault,
        match=r"client/half: module\.py: this is there 2 times, in lines 2, 6:\n *return 1",
    ):
        fault.apply(tmp_path)
    (tmp_path / "module.py").write_text("def one():\n    return 10\n", encoding="utf-8")
    words = (
        r"client/half: module\.py: this is not there:\n *return 1\nthe nearest is line 2:\n "
        r"*return 10"
    )
    with pytest.raises(UnusableFault, match=words):
        fault.apply(tmp_path)


def test_where_a_file_is_not_there_those_are_named_that_hold_what_is_looked_for(
    tmp_path: Path,
) -> None:
    fault = written(tmp_path, FAULT.replace("module.py", "package/module.py"))
    (tmp_path / "package" / "inner").mkdir(parents=True)
    (tmp_path / "package" / "other.py").write_text("def other():\n    return 7\n", encoding="utf-8")
    with pytest.raises(UnusableFault, match=r"client/half: there is no file package/module\.py$"):
        fault.apply(tmp_path)
    (tmp_path / "package" / "inner" / "moved.py").write_text(
        "def one():\n    return 1\n", encoding="utf-8"
    )
    with pytest.raises(
        UnusableFault, match=r"no file package/module\.py\nit is in package/inner/moved\.py$"
    ):
        fault.apply(tmp_path)
    (tmp_path / "package" / "module.py").write_text("def two():\n    return 2\n", encoding="utf-8")
    with pytest.raises(
        UnusableFault,
        match=r"module\.py: this is not there:[^$]*\nit is in package/inner/moved\.py$",
    ):
        fault.apply(tmp_path)


def test_the_fingerprint_is_of_the_fault_and_of_the_definition_that_it_changes(
    tmp_path: Path,
) -> None:
    fault = written(tmp_path, FAULT)
    module = tmp_path / "module.py"

    def fingerprint(text: str, made: Fault = fault) -> str:
        module.write_text(text, encoding="utf-8")
        return made.fingerprint(tmp_path)

    first = fingerprint("def one(a, b):\n    return 1\n")
    assert (
        fingerprint(
            'VALUE = 2\n\n\ndef one(\n  a,\n  b,\n):\n  """New."""\n  return (\n    1  # one\n  )\n'
        )
        == first
    )
    assert fingerprint("def one(a, c):\n    return 1\n") != first
    other = written(tmp_path, FAULT.replace("return 2", "return 3"))
    assert fingerprint("def one(a, b):\n    return 1\n", other) != first


def test_every_module_of_tests_belongs_to_a_check_or_is_left_out_with_a_reason() -> None:
    chosen = {file for check in CHECKS for file in check.files}
    assert [file for file in sorted(chosen) if not (ROOT / file).is_file()] == []
    suites = ROOT / "contract_tests" / "suites"
    left = {path.relative_to(ROOT).as_posix() for path in suites.rglob("test_*.py")} - chosen
    assert sorted(file for file in left if not file.startswith(tuple(ELSEWHERE))) == []


def test_the_table_tells_of_every_fault_as_it_is_and_of_no_other() -> None:
    """A fault that changed since it was tried has no row: the table lists it as not tried."""
    table = stored_table(Outcomes(FOLDER / OUTCOMES, ROOT), FAULTS)
    assert table.problems() == []
    assert table.markdown() == (FOLDER / TABLE).read_text(encoding="utf-8"), (
        "write it: make faults OPTIONS=--table, or --resume, which tries what changed"
    )


def written(folder: Path, text: str) -> Fault:
    """Write a fault and read it."""
    path = folder / "half.toml"
    path.write_text(text, encoding="utf-8")
    return read_fault(path, "client")
