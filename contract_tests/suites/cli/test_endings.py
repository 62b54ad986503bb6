"""What a command says and leaves when a request of it does not succeed is that of the list."""

from pathlib import Path

from ..snapshot import check_snapshot
from . import endings

LIST = Path(__file__).with_name("endings.txt")


def test_how_a_command_ends_at_each_request_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(endings.lines()) + "\n")
