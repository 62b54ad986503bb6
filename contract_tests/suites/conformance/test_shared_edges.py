"""The shared modules of the generated client make of values at the edge of each kind what the
table has.
"""

from pathlib import Path

from ..client.tables.rows import merged
from ..snapshot import check_snapshot
from . import shared_edges

TABLE = Path(__file__).parent / "snapshots" / "shared_edges.txt"


def test_each_value_gives_what_the_table_has() -> None:
    check_snapshot(TABLE, merged(shared_edges.lines()))
