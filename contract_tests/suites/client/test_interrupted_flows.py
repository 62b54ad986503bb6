"""What a flow notes and leaves behind when it is interrupted is what the list says."""

from pathlib import Path

import pytest

from ..snapshot import check_snapshot
from .interrupted_flows import leave, lines

LIST = Path(__file__).with_name("interrupted_flows.txt")


def test_what_an_interrupted_flow_leaves_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(lines()) + "\n")


@pytest.mark.parametrize(
    "name",
    [
        "create, lost with a ref, and lists refused",
        "create with a file",
        "wait for a new run",
        "create a batch, refused once",
        "upload through trouble",
        "read a file that is elsewhere and breaks off",
        "rotate a secret",
    ],
)
def test_a_flow_that_is_left_asks_for_nothing_more(name: str) -> None:
    left = [dict(scene.refs.open) for scene in leave(name)]
    assert left
    assert not any(left)
