"""A bulk run that ends at any moment, by a kill, a full disk or a second process, and starts again:
it makes the runs that it would have made undisturbed, and saves what they made.
"""

import asyncio
import os
import resource
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import define, field
from runflow_api.http_library import httpx
from runflow_client import AsyncRunflow, bulk

from ..client.calls import FILE
from .bulk_stories import MODEL, Clock, Server
from .bulk_story_list import items

ENDS: Final = ("failed", "partial_succeeded")
"""How the first two runs end; the others succeed."""
RUNS: Final = 4
"""Of three items, the first of which fails once."""
SPENT: Final = Decimal("0.60")
MOMENTS: Final = 32
LAST_CREATE: Final = 24
"""The moment after it was noted that it will be sent."""
FILES: Final = {"a+1.png", "a+2.png", "b.png", "c.png"}


@define(eq=False)
class Watched(Server):
    """Says before and after each answer that this moment is one."""

    moment: Callable[[], object] = field(default=lambda: None, kw_only=True)

    async def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        self.moment()
        answer = await super().answer(request)
        self.moment()
        return answer


def serving(folder: Path) -> Watched:
    log: list[str] = []
    return Watched(log, Clock(log), [*ENDS], {}, folder / "j.sqlite")


def bulk_run(server: Watched, folder: Path) -> bulk.BulkRun:
    """Return a bulk run that works through the items, one at a time."""

    def client() -> AsyncRunflow:
        http = httpx.AsyncClient(transport=httpx.MockTransport(server.answer))
        return AsyncRunflow(
            "rf_live_x", base_url="https://api.test", http_client=http, clock=server.clock
        )

    started = bulk.run(
        MODEL,
        items("a", "b", "c")(folder),
        journal=folder / "j.sqlite",
        output=folder / "out",
        client=client,
        clock=server.clock,
        concurrency=1,
    )
    server.give_up = started.stop
    return started


def start(server: Watched, folder: Path) -> list[bulk.ItemResult]:
    """Work through the items."""

    async def work() -> list[bulk.ItemResult]:
        return [result async for result in bulk_run(server, folder)]

    return asyncio.run(work())


def check_the_end(server: Watched, folder: Path, when: str) -> None:
    """Start again, undisturbed; nothing was paid twice, and nothing is missing."""
    server.moment = lambda: None
    assert {result.status for result in start(server, folder)} == {"done"}, when
    assert len(server.runs) == RUNS, when
    assert len({run["client_ref"] for run in server.runs.values()}) == RUNS, when
    with bulk.Journal.read(folder / "j.sqlite") as journal:
        assert journal.summary() == bulk.Summary(done=3, spent=SPENT), when
    saved = {path.name: path.read_bytes() for path in (folder / "out").iterdir()}
    assert saved == dict.fromkeys(FILES, FILE), when


def test_killed_at_any_moment_it_continues(tmp_path: Path) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    kept: list[tuple[Path, dict[str, Any]]] = []
    server = serving(folder)

    def moment() -> None:
        """Keep what a process that is killed now leaves, and what the server has."""
        copy = tmp_path / str(len(kept))
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("*-lock", "*-shm"))
        kept.append((copy, deepcopy({"runs": server.runs, "reads": server.reads})))

    server.moment = moment
    start(server, folder)
    assert len(kept) == MOMENTS == 2 * sum(not line.endswith(" s") for line in server.log)
    for number, (copy, state) in enumerate(kept):
        again = serving(copy)
        again.runs, again.reads = state["runs"], state["reads"]
        again.ends = again.ends[len(again.runs) :]
        check_the_end(again, copy, f"killed at moment {number}")


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes, as on a disk that is full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_disk_that_is_full_at_any_moment_stops_it_and_it_continues(tmp_path: Path) -> None:
    ended: list[type[BaseException] | None] = []
    for size in (0, 5_000, 33_000, *range(46_000, 340_000, 12_000)):
        folder = tmp_path / str(size)
        folder.mkdir()
        server = serving(folder)
        try:
            with files_up_to(size):
                start(server, folder)
        except (bulk.BulkStopped, OSError) as error:
            assert getattr(error, "reason", "disk") == "disk", f"{size} bytes: {error!r}"
            ended.append(type(error))
        else:
            ended.append(None)
        check_the_end(server, folder, f"full at {size} bytes")
    assert {*ended} == {OSError, bulk.BulkStopped, None}, "before, in the middle, and not at all"


def take_over(folder: Path, *, by: str) -> None:
    """Begin to work with the journal as a second process that the lock does not hinder."""
    (folder / "j.sqlite-lock").unlink()
    with bulk.Journal.open(folder / by, model=MODEL):
        pass


def take_over_at(number: int, folder: Path) -> Watched:
    """Let another process begin to work with the journal at this moment."""
    server = serving(folder)
    moments = iter(range(MOMENTS))
    made = -1

    def moment() -> None:
        nonlocal made
        if next(moments) == number:
            take_over(folder, by="j.sqlite")
            made = len(server.runs)

    server.moment = moment
    if number < LAST_CREATE:
        with pytest.raises(bulk.BulkStopped, match="process began to work") as stopped:
            start(server, folder)
        assert stopped.value.reason == "disk"
        assert len(server.runs) - made <= 1, "a create that was sent already"
    else:
        start(server, folder)
    return server


def test_a_process_whose_journal_another_one_took_over_makes_no_run_any_more(
    tmp_path: Path,
) -> None:
    for number in range(0, MOMENTS, 3):
        folder = tmp_path / str(number)
        folder.mkdir()
        check_the_end(take_over_at(number, folder), folder, f"taken over at moment {number}")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_loop_that_is_left_gives_the_journal_back(tmp_path: Path, number: int) -> None:
    server = serving(tmp_path)
    started = bulk_run(server, tmp_path)
    for count, _ in enumerate(started, start=1):
        if count == number:
            break
    with bulk.Journal.read(tmp_path / "j.sqlite") as journal:
        assert not journal.is_in_use()
    started.stop()  # it has ended
    check_the_end(server, tmp_path, f"left after {number}")


def test_a_journal_has_one_lock_by_whatever_name_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "elsewhere").symlink_to("folder")
    (tmp_path / "link.sqlite").symlink_to("folder/j.sqlite")
    names = [tmp_path / one for one in ("folder/j.sqlite", "elsewhere/j.sqlite", "link.sqlite")]
    assert len(set(names)) == 3
    for mine in names:
        with bulk.Journal.open(mine, model=MODEL):
            for name in names:
                with pytest.raises(bulk.JournalInUse) as raised:
                    bulk.Journal.open(name, model=MODEL)
                assert raised.value.owner == f"process {os.getpid()} on {socket.gethostname()}"
                assert str(raised.value).startswith(f"{name} is in use by process {os.getpid()} on")
                with bulk.Journal.read(name) as read:
                    assert read.is_in_use()
        with bulk.Journal.read(mine) as read:
            assert not read.is_in_use()
