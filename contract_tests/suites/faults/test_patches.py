"""Every fault applies to the tree as it is and says what it is; every test of the suites belongs to a check."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from faults.checks import CHECKS, ELSEWHERE
from faults.kept import OUTCOMES, Kept
from faults.patches import FOLDER, KINDS, ROOT, Fault, UnusableFault, git_apply, read_fault, read_faults
from faults.table import TABLE, Table

FAULTS = read_faults()
FEWEST = {"client": 40, "server": 30}
PLACES = {
    "client": ("generated/runflow_api/", "regenerate/generate/templates/", "overlay/runflow_client/"),
    "server": ("contract_tests/runflow_mock/",),
}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.kind}-{fault.name}")
def test_a_fault_applies_and_stands_where_its_kind_does(fault: Fault) -> None:
    assert git_apply(fault.diff, ROOT, "--check") == ""
    assert fault.touched
    assert all(name.startswith(PLACES[fault.kind]) for name in fault.touched)
    assert fault.says.endswith(".")
    assert any(check.concerns(fault) for check in CHECKS)


def test_names_are_unique_and_there_are_enough() -> None:
    assert [name for name, count in Counter(fault.name for fault in FAULTS).items() if count > 1] == []
    assert [says for says, count in Counter((fault.kind, fault.says) for fault in FAULTS).items() if count > 1] == []
    for kind in KINDS:
        assert sum(1 for fault in FAULTS if fault.kind == kind) >= FEWEST[kind]


@pytest.mark.parametrize(
    "text",
    ["Only prose.\n", "--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-a\n+b\n"],
    ids=["no diff", "no prose"],
)
def test_a_file_without_prose_or_diff_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "half.patch"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UnusableFault, match=r"client/half\.patch"):
        read_fault(path, "client")


def test_every_module_of_tests_belongs_to_a_check_or_is_left_out_with_a_reason() -> None:
    chosen = {file for check in CHECKS for file in check.files}
    assert [file for file in sorted(chosen) if not (ROOT / file).is_file()] == []
    suites = ROOT / "contract_tests" / "suites"
    left = {path.relative_to(ROOT).as_posix() for path in suites.rglob("test_*.py")} - chosen
    assert sorted(file for file in left if not file.startswith(tuple(ELSEWHERE))) == []


def test_the_table_tells_of_every_fault_as_it_is_and_of_no_other() -> None:
    rows = Kept(FOLDER / OUTCOMES).rows(FAULTS)
    not_tried = [f"{fault.kind}/{fault.name}" for fault in FAULTS if fault not in rows]
    assert not_tried == [], "try them: make faults OPTIONS=--resume"
    table = Table(CHECKS, rows)
    assert table.problems() == []
    assert table.markdown() == (FOLDER / TABLE).read_text(encoding="utf-8"), "write it: make faults OPTIONS=--resume"
