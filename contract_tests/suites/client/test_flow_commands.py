"""What a flow asks of its driver, command by command, is what the list says."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import flow_scenes

LIST = Path(__file__).with_name("flow_commands.txt")


def test_each_command_of_a_flow_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(flow_scenes.lines()) + "\n")
