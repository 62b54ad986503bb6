"""A disk that fills up while a journal is made: the next start makes it all the same."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runflow_client.bulk import Journal

MODEL = "google/nano-banana-pro"
PAGE = 4096
"""Bytes that SQLite writes at once."""


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def made(path: Path) -> str:
    """Make the journal, or open the one that is there, and return its model."""
    with Journal.open(path, model=MODEL, template='{"a": "b"}') as journal:
        return str(journal.model)


def test_a_journal_that_found_no_room_is_made_at_the_next_start(tmp_path: Path) -> None:
    refused = 0
    for size in range(0, 40 * PAGE, PAGE // 2):
        path = tmp_path / f"{size}.sqlite"
        try:
            with room_for(size):
                made(path)
        except OSError:
            refused += 1
        assert made(path) == MODEL, f"after {size} bytes"
    assert 3 < refused < 70
