"""Where a journal can be kept, how it is named, and what its troubles are called."""

import os
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client import AsyncRunflow, InvalidArgument, bulk
from runflow_client.bulk._extras import load
from runflow_client.bulk._journal_file import (
    check_opening,
    explained,
    make_schema,
    take_lock,
)

MODEL: Final = "google/nano-banana-pro"
PLACES: Final[dict[str, tuple[str, Callable[[Path], object], str]]] = {
    "no folder": ("none/j.sqlite", lambda folder: None, "there is no folder none for the journal"),
    "a folder": (
        "j",
        lambda folder: (folder / "j").mkdir(),
        "j is a folder: the journal is a file",
    ),
    "a FIFO": ("j", lambda folder: os.mkfifo(folder / "j"), "j is no file, as a journal is"),
    "a note": (
        "j",
        lambda folder: (folder / "j").write_text("not one"),
        "j is not a journal of a bulk run: file is not a database",
    ),
    "a letter": (
        "j",
        lambda folder: (folder / "j").write_text("x"),
        "j is not a journal of a bulk run: file is not a database",
    ),
    "a long text": (
        "j",
        lambda folder: (folder / "j").write_text(1000 * "not one"),
        "j is not a journal of a bulk run: file is not a database",
    ),
    "a long name": (300 * "j", lambda folder: None, "the journal cannot be kept there: "),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_place_where_no_journal_can_be_is_refused_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    place, prepare, said = PLACES[name]
    prepare(tmp_path)
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(bulk.JournalRefused) as raised:
        bulk.Journal.open(place, model=MODEL)
    assert str(raised.value).startswith(said)
    after = sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith("-lock"))
    assert after == before
    started = bulk.run(MODEL, [], journal=place, client=AsyncRunflow)
    with pytest.raises(bulk.JournalRefused) as raised:
        list(started)
    assert str(raised.value).startswith(said), "as the caller named it"


def test_a_folder_for_outputs_is_made_with_those_above_it(tmp_path: Path) -> None:
    output = tmp_path / "made" / "today"
    for _ in range(2):
        started = bulk.run(
            MODEL,
            [],
            journal=tmp_path / "j.sqlite",
            output=output,
            client=lambda: AsyncRunflow("rf_live_x"),
        )
        assert list(started) == []
        assert list(output.iterdir()) == [], "nothing is left beside the outputs"


def test_a_place_is_named_in_full_where_the_process_has_left_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    started = bulk.run(MODEL, [], journal="none/j.sqlite", client=AsyncRunflow)
    monkeypatch.chdir(tmp_path / "elsewhere")
    with pytest.raises(bulk.JournalRefused, match=f"no folder {tmp_path}/none for"):
        list(started)


def test_a_name_that_is_too_long_is_one_of_no_journal() -> None:
    for look in (bulk.Journal.read, bulk.Journal.reopen):
        with pytest.raises(bulk.JournalRefused, match=r"^the journal cannot be kept there: "):
            look(300 * "j")
    with pytest.raises(bulk.JournalRefused, match=r"^the journal cannot be kept there: "):
        bulk.plan(MODEL, [], journal=300 * "j")


def note(length: int) -> Callable[[Path], object]:
    return lambda folder: (folder / "j").write_text(length * "x")


NETWORKS: Final = ("nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph") + (
    "fuse.sshfs",
    "fuse.s3fs",
)


@pytest.mark.parametrize("kind", [*NETWORKS, "ext4", "fuse.portal", "tmpfs"])
def test_a_network_file_system_keeps_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    net, here = tmp_path / "net", tmp_path / "link.sqlite"
    net.mkdir()
    here.symlink_to(net / "j.sqlite")
    mounts = f"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / {net} rw - {kind} server:/x rw"
    read = Path.read_text

    def read_text(path: Path, *given: Any, **options: Any) -> str:
        return mounts if path == Path("/proc/self/mountinfo") else read(path, *given, **options)

    monkeypatch.setattr(Path, "read_text", read_text)
    for path in (net / "j.sqlite", here):
        if kind in NETWORKS:
            with pytest.raises(bulk.JournalRefused) as raised:
                bulk.Journal.open(path, model=MODEL)
            assert str(raised.value) == (
                f"{path} is on a network file system ({kind}), where locks cannot be trusted: keep "
                "the journal on a disk of this machine. The outputs may go to the network"
            )
            assert list(net.iterdir()) == []
        else:
            bulk.Journal.open(path, model=MODEL).close()
    bulk.Journal.open(tmp_path / "j.sqlite", model=MODEL).close()


@pytest.mark.parametrize("is_replaced", [False, True])
def test_a_journal_that_is_removed_or_replaced_notes_no_create(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_replaced: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    with bulk.Journal.open("j.sqlite", model=MODEL) as journal:
        journal.add("a", 1, "", "{}", "mark")
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        journal.intend("a", 1, "ref", None)
        copy = tmp_path / "copy.sqlite"
        copy.write_bytes((tmp_path / "j.sqlite").read_bytes())
        if is_replaced:
            copy.replace(tmp_path / "j.sqlite")
        else:
            (tmp_path / "j.sqlite").unlink()
        with pytest.raises(OSError, match="was removed or replaced while it was in use") as raised:
            journal.intend("a", 1, "ref", None)
    assert str(tmp_path / "j.sqlite") in str(raised.value)


def test_who_works_with_a_journal_is_named_as_far_as_it_is_known(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    me = f"process {os.getpid()} on {socket.gethostname()}"
    first = bulk.Journal.open(path, model=MODEL)
    (tmp_path / "j.sqlite-lock").unlink()  # so that a second one can begin
    with bulk.Journal.open(path, model=MODEL):
        first.close()  # which leaves the newer one its name
        with pytest.raises(bulk.JournalInUse) as raised:
            bulk.Journal.open(path, model=MODEL)
    assert raised.value.owner == me
    with closing(take_lock(path)), pytest.raises(bulk.JournalInUse) as raised:  # it begins now
        bulk.Journal.open(path, model=MODEL)
    assert raised.value.owner == "another process"
    other = tmp_path / "other.sqlite"
    with closing(take_lock(other)), pytest.raises(bulk.JournalInUse) as raised:
        bulk.Journal.open(other, model=MODEL)
    assert raised.value.owner == "another process"


SEEN: Final[dict[str, tuple[str, Callable[[Path], object], str]]] = {
    "nothing": ("j", lambda folder: None, "there is no journal j"),
    "a folder": ("j", lambda folder: (folder / "j").mkdir(), "j is no file, as a journal is"),
    **{
        f"a note of {length} letters": (
            "j",
            note(length),
            "j is not a journal of a bulk run",
        )
        for length in (1, 99, 100, 7000)
    },
    "an empty file": (
        "j",
        lambda folder: (folder / "j").touch(),
        "j is not a journal of a bulk run",
    ),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_is_no_journal_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    place, prepare, said = SEEN[name]
    prepare(tmp_path)
    for look in (bulk.Journal.read, bulk.Journal.reopen):
        with pytest.raises(bulk.JournalRefused) as raised:
            look(place)
        assert str(raised.value).startswith(said)
    items = [bulk.Item("a", {"prompt": "x"})]
    if name in {"nothing", "an empty file"}:  # it will be made
        assert bulk.plan(MODEL, items, journal=place).to_run == 1
    else:
        with pytest.raises(bulk.JournalRefused, match=r"^j is no"):
            bulk.plan(MODEL, items, journal=place)


CODES: Final[dict[int | None, tuple[type[Exception], str]]] = {
    sqlite3.SQLITE_NOTADB: (bulk.JournalRefused, "j is not a journal of a bulk run: x"),
    sqlite3.SQLITE_CORRUPT: (bulk.JournalRefused, "j is not a journal of a bulk run: x"),
    sqlite3.SQLITE_READONLY: (bulk.JournalRefused, "the journal j cannot be used: x"),
    sqlite3.SQLITE_READONLY_DBMOVED: (bulk.JournalRefused, "the journal j cannot be used: x"),
    sqlite3.SQLITE_CANTOPEN: (bulk.JournalRefused, "the journal j cannot be used: x"),
    sqlite3.SQLITE_PERM: (bulk.JournalRefused, "the journal j cannot be used: x"),
    sqlite3.SQLITE_FULL: (OSError, "the journal j cannot be used: x"),
    sqlite3.SQLITE_IOERR: (OSError, "the journal j cannot be used: x"),
    sqlite3.SQLITE_IOERR_WRITE: (OSError, "the journal j cannot be used: x"),
    sqlite3.SQLITE_BUSY: (OSError, "the journal j cannot be used: x"),
    None: (bulk.JournalRefused, "j is damaged: x. Restore a copy of it: nothing that it lacks is"),
}


@pytest.mark.parametrize("code", CODES)
def test_each_trouble_of_sqlite_has_its_kind_and_says_where(code: int | None) -> None:
    kind, said = CODES[code]
    error = sqlite3.OperationalError("x")
    if code is not None:
        error.sqlite_errorcode = code
    with pytest.raises((OSError, InvalidArgument)) as raised, explained(Path("j")):
        raise error
    assert type(raised.value) is kind
    assert str(raised.value).startswith(said)
    assert raised.value.__cause__ is error


def test_a_schema_is_made_whole_or_not_at_all() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(sqlite3.IntegrityError):
        make_schema(connection, ("id", MODEL, None, 0.0))  # type: ignore[arg-type] # not null
    assert not connection.in_transaction
    assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []
    make_schema(connection, ("id", MODEL, "", 7.0))
    assert not connection.in_transaction
    rows = connection.execute("SELECT * FROM meta").fetchall()
    assert rows == [("id", MODEL, "", 7.0, 0, "", "")]


async def now() -> float:
    return 0.0


def test_a_journal_notes_when_it_was_made(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    for moment in (7, 8):
        bulk.Journal.open(path, model=MODEL, now=partial(float, moment)).close()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT created_at, session FROM meta").fetchall() == [(7.0, 2)]


def test_what_opens_a_journal_is_checked(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    assert check_opening(str(path), MODEL, "", time.time) == path
    wrong: Any
    for wrong in (
        (None, MODEL, "", time.time),
        (path, "nothing", "", time.time),
        (path, MODEL, None, time.time),
        (path, MODEL, "", 7),
        (path, MODEL, "", now),
    ):
        with pytest.raises(InvalidArgument):
            check_opening(*wrong)


def test_a_package_that_is_missing_is_named_and_one_that_it_lacks_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "lacks_another.py").write_text("import another_that_is_missing")
    assert load("json.decoder", "x").__name__ == "json.decoder"
    for module in ("missing_here", "missing_here.part"):
        with pytest.raises(ModuleNotFoundError, match=r"^install it$") as raised:
            load(module, "install it")
        assert raised.value.name == "missing_here"
    with pytest.raises(ModuleNotFoundError, match="another_that_is_missing"):
        load("lacks_another", "install it")


def test_who_works_with_a_journal_is_known_in_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    with bulk.Journal.open("j.sqlite", model=MODEL), bulk.Journal.read("j.sqlite") as journal:
        monkeypatch.chdir(elsewhere)
        assert journal.is_in_use()
        assert list(elsewhere.iterdir()) == []


STEPS: Final[list[Callable[[bulk.Journal], object]]] = [
    lambda journal: journal.add("b", 1, "", "{}", "mark"),
    lambda journal: journal.intend("a", 1, "ref", None),
    lambda journal: journal.settle("a", "done"),
]


@pytest.mark.parametrize("step", STEPS, ids=["add", "intend", "settle"])
def test_a_write_waits_while_another_connection_writes(
    tmp_path: Path, step: Callable[[bulk.Journal], object]
) -> None:
    path, ready = tmp_path / "j.sqlite", threading.Event()

    def hold() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            ready.set()
            threading.Event().wait(0.1)
            connection.execute("COMMIT")

    with bulk.Journal.open(path, model=MODEL) as journal:
        journal.add("a", 1, "", "{}", "mark")
        before = journal.summary()
        thread = threading.Thread(target=hold)
        thread.start()
        ready.wait(30)
        step(journal)
        thread.join()
        assert journal.summary() != before


def test_a_journal_whose_lock_cannot_be_made_is_read_and_not_worked_with(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    bulk.Journal.open(path, model=MODEL).close()
    (tmp_path / "j.sqlite-lock").unlink()
    (tmp_path / "j.sqlite-lock").mkdir()
    with bulk.Journal.read(path) as journal:
        assert not journal.is_in_use()
    with pytest.raises(bulk.JournalRefused, match="cannot be used") as raised:
        bulk.Journal.open(path, model=MODEL)
    assert not isinstance(raised.value, bulk.JournalInUse)


def test_a_step_that_fails_changes_nothing_and_the_next_one_works(tmp_path: Path) -> None:
    wrong: Any = "a price"
    with bulk.Journal.open(tmp_path / "j.sqlite", model=MODEL) as journal:
        journal.add("a", 1, "", "{}", "mark")
        before = journal.find("a")
        with pytest.raises(ValueError, match="format code 'f'"):
            journal.intend("a", 1, "ref", wrong)
        assert journal.find("a") == before
        journal.settle("a", "refused", "CODE", "no")
        assert journal.summary() == bulk.Summary(refused=1)
