"""Of headers of every shape the signature, the request id and the length are read as the list
says.
"""

from pathlib import Path

from ..snapshot import check_snapshot
from . import header_shapes

LIST = Path(__file__).with_name("header_shapes.txt")


def test_what_is_read_of_headers_of_every_shape_is_that_of_the_list() -> None:
    check_snapshot(LIST, "\n".join(header_shapes.lines()) + "\n")
