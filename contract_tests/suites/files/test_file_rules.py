"""What the rules about files decide is what the list says."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import file_rules

LIST = Path(__file__).with_name("file_rules.txt")


def test_each_rule_about_files_decides_as_the_list_says() -> None:
    check_snapshot(LIST, "\n".join(file_rules.lines()) + "\n")
