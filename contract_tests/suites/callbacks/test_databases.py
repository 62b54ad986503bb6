"""Databases of the inbox: which are taken, and what happens when one is lost under a receiver."""

import os
import runpy
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from runflow_client import InvalidArgument, RunflowError
from runflow_client.callbacks import CallbackEvent, Receiver, inbox as package
from runflow_client.callbacks.inbox import Inbox
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.pool import StaticPool

from .deliveries import SECRET, encode, event_of, signed


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("sqlite+aiosqlite:///inbox.db", r"^sqlite\+aiosqlite is an asy.* pass a sqlite:// URL$"),
        (
            "postgresql+asyncpg://u:s3cret@host/db",
            r"^postgresql\+asyncpg is .* a postgresql:// URL$",
        ),
        ("postgres+asyncpg://u:s3cret@host/db", "pass a postgresql:// URL"),
        ("postgresql+psycopg_async://u:s3cret@host/db", "pass a postgresql:// URL"),
        ("postgresql+nonsense://u:s3cret@host/db", r"^SQLAlchemy .* driver postgresql\+nonsense$"),
        ("mysql+pymysql://u:s3cret@host/db", "SQLite or PostgreSQL, not in mysql$"),
        ("sqlite://", "in memory"),
        ("sqlite:///", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:///:memory:?cache=shared", "in memory"),
        ("sqlite:///file::memory:?cache=shared&uri=true", "in memory"),
        ("sqlite:///file::memory:?cache=shared", "in memory"),
        ("sqlite:///file:%3Amemory%3A?uri=true", "in memory"),
        ("sqlite:///file:inbox?mode=memory&cache=shared&uri=true", "in memory"),
        ("sqlite:///file:inbox%3Fmode=memory&uri=true", "in memory"),
        ("sqlite:///file:/inbox?vfs=memdb&uri=true", "in memory"),
        ("sqlite:///file:?uri=true", "in memory"),
        ("SQLITE:///:memory:", "in memory"),
        ("sqlite://:memory:", "pass a file as a Path"),
        ("sqlite://inbox.db", "has no host: sqlite:///file"),
        ("sqlite://localhost/inbox.db", "has no host: sqlite:///file"),
        ("sqlite://u:s3cret@/inbox.db", "has no host: sqlite:///file"),
        ("sqlite:///inbox.db\n", "white space or a line end"),
        ("postgresql://u:s3cret@host/db\n", "white space or a line end"),
        ("postgresql://u:s3cret@host:port/db", "pass a file as a Path"),
        (Path("/tmp"), "is a folder"),
        (Path("/dev/null"), "is a device, a pipe or a socket"),
        ("sqlite:////dev/null", "is a device, a pipe or a socket"),
        (Path("inbox-\udcff.sqlite3"), r"^database is 'inbox-\\udcff\.sqlite3': SQLite takes "),
        ("host/name", "pass a file as a Path"),
        (7, "pass a file as a Path"),
        (None, "pass a file as a Path"),
    ],
)
def test_a_database_that_cannot_hold_an_inbox_is_refused_at_once(url: str, remedy: str) -> None:
    with pytest.raises(InvalidArgument, match=remedy) as caught:
        Inbox(url)
    assert "s3cret" not in str(caught.value)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "to_pipe").symlink_to(tmp_path / "pipe")
    for name, told in (("pipe", "a pipe"), ("to_pipe", "a pipe"), ("circle", "in a circle")):
        with pytest.raises(InvalidArgument, match=told):
            Inbox(tmp_path / name)
    (tmp_path / "to_be").symlink_to(tmp_path / "inbox.sqlite3")
    inbox = Inbox(tmp_path / "to_be")
    assert deliver(Receiver(SECRET, inbox.put)) == 200
    inbox.close()


@pytest.mark.parametrize("table", ["x" * 60, "\u00e4" * 30, "sqlite_inbox", "SQLite_inbox"])
def test_a_table_that_not_every_database_can_have_is_refused_at_once(
    tmp_path: Path, table: str
) -> None:
    with pytest.raises(InvalidArgument, match="at most 59 bytes"):
        Inbox(tmp_path / "inbox.sqlite3", table=table)


@pytest.mark.parametrize("table", ["x" * 59, "\u00e4" * 29, "select", "User"])
def test_a_table_of_the_longest_or_an_odd_name_is_made(database_url: str, table: str) -> None:
    for _ in range(2):
        inbox = Inbox(database_url, table=table)
        assert deliver(Receiver(SECRET, inbox.put)) == 200
        assert inbox.counts().waiting == 1
        inbox.close()


def test_a_driver_that_is_not_installed_is_named_with_the_way_to_another() -> None:
    remedy = r'needs psycopg2, .* pip install "runflow-client\[inbox,postgresql\]"$'
    with pytest.raises(ModuleNotFoundError, match=remedy):
        Inbox("postgres+psycopg2://u:s3cret@host/db")
    with pytest.raises(ModuleNotFoundError, match=r"needs pysqlcipher3, .* pass a file as a Path$"):
        Inbox("sqlite+pysqlcipher://:s3cret@/inbox.db")


def test_an_inbox_without_sqlalchemy_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    remedy = r'^the inbox needs SQLAlchemy: pip install "runflow-client\[inbox\]"$'
    with pytest.raises(ModuleNotFoundError, match=remedy) as caught:
        runpy.run_path(package.__file__)
    assert caught.value.name == "sqlalchemy"


def test_an_engine_in_memory_is_refused_before_anything_is_acknowledged() -> None:
    with pytest.raises(InvalidArgument, match="in memory"):
        Inbox(create_engine("sqlite://"))
    # SQLAlchemy knows nothing of this one's file, for the application connects by itself.
    engine = create_engine(
        "sqlite:///not-this-file.db",
        creator=lambda: sqlite3.connect(":memory:", check_same_thread=False),
        poolclass=StaticPool,
    )
    inbox = Inbox(engine)
    assert deliver(Receiver(SECRET, inbox.put)) == 503
    with pytest.raises(InvalidArgument, match="in memory"):
        inbox.put(event_of(encode()), encode())
    engine.dispose()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_url_as_hosts_of_applications_spell_it_is_taken(postgresql_url: str, scheme: str) -> None:
    url = make_url(postgresql_url).set(drivername=scheme)
    inbox = Inbox(url.render_as_string(hide_password=False), table=f"inbox_of_{len(scheme)}")
    assert inbox.put(event_of(encode()), encode())
    inbox.close()


@pytest.mark.parametrize("is_open", [False, True], ids=["before its use", "after its use"])
def test_a_file_stays_the_same_when_the_program_changes_its_folder(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    is_open: bool,
) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    monkeypatch.chdir(tmp_path / "one")
    inbox = Inbox(Path("inbox.sqlite3"))
    if is_open:
        assert inbox.counts().waiting == 0
    monkeypatch.chdir(tmp_path / "two")
    assert inbox.put(event_of(encode()), encode())
    assert inbox.counts().waiting == 1
    assert caplog.records == [], "it is taken for another file"
    inbox.close()
    assert (tmp_path / "one" / "inbox.sqlite3").exists()
    assert not list((tmp_path / "two").iterdir())


def deliver(receiver: Receiver, run_id: str = "r1") -> int:
    body = encode(run_id)
    incoming = receiver.open("POST", signed(body))
    incoming.add(body)
    return incoming.answer().status


def files(path: Path) -> list[Path]:
    return sorted(path.parent.glob(f"{path.name}*"))


def delete(path: Path) -> None:
    for file in files(path):
        file.unlink()


def delete_the_log(path: Path) -> None:
    path.with_name(f"{path.name}-wal").unlink()


def delete_the_index_of_the_log(path: Path) -> None:
    path.with_name(f"{path.name}-shm").unlink()


def rename(path: Path) -> None:
    for file in files(path):
        file.rename(file.with_name(f"old-{file.name}"))


def replace_by_a_backup(path: Path) -> None:
    backup = Inbox(path.with_name("backup"))
    assert backup.put(event_of(encode("restored")), encode("restored"))
    backup.close()
    delete(path)
    path.with_name("backup").rename(path)


def replace_by_another_database(path: Path) -> None:
    delete(path)
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE other (id INTEGER)"))
    engine.dispose()


def replace_the_folder(path: Path) -> None:
    shutil.rmtree(path.parent)
    path.parent.mkdir()


def empty(path: Path) -> None:
    os.truncate(path, 0)


LOSSES: list[Callable[[Path], None]] = [
    delete,
    delete_the_log,
    delete_the_index_of_the_log,
    rename,
    replace_by_a_backup,
    replace_by_another_database,
    replace_the_folder,
    empty,
]


@pytest.mark.parametrize("lose", LOSSES)
@pytest.mark.parametrize("own_engine", [False, True])
def test_what_is_acknowledged_after_a_file_was_lost_is_there_after_a_restart(
    tmp_path: Path, lose: Callable[[Path], None], own_engine: bool
) -> None:
    path = tmp_path / "folder" / "inbox.sqlite3"
    path.parent.mkdir()
    engine = create_engine(f"sqlite:///{path}") if own_engine else None
    if engine is not None:
        # so that there is a log to lose
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
    inbox = Inbox(engine or path)
    receiver = Receiver(SECRET, inbox.put)
    assert deliver(receiver, "before") == 200
    lose(path)
    acknowledged: set[str | None] = set()
    for number in range(4):
        if deliver(receiver, f"r{number}") == 200:
            acknowledged.add(f"r{number}")
    # The files as a process leaves them that is killed now.
    crashed = shutil.copytree(path.parent, tmp_path / "crashed") / path.name
    inbox.close()
    if engine is not None:
        engine.dispose()
    again = Inbox(crashed)
    seen: set[str | None] = set()
    try:
        while again.work_once(lambda event: seen.add(event.subject_id)):
            pass
    finally:
        again.close()
    assert acknowledged <= seen
    if lose is not empty:
        assert acknowledged == {f"r{number}" for number in range(4)}


def test_a_link_that_leads_elsewhere_now_is_followed_before_the_next_200(tmp_path: Path) -> None:
    """As a new release of the application is put in the place of the old one."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    current = tmp_path / "current"
    current.symlink_to("one")
    inbox = Inbox(current / "inbox.sqlite3")
    receiver = Receiver(SECRET, inbox.put)
    assert deliver(receiver, "before") == 200
    current.unlink()
    current.symlink_to("two")
    assert deliver(receiver, "after") == 200
    inbox.close()
    found = Inbox(tmp_path / "two" / "inbox.sqlite3")
    lease = found.lease()
    assert lease is not None
    assert lease.subject_id == "after"
    found.close()


def test_a_lost_file_is_logged_and_noticed_by_workers_and_counts_too(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "inbox.sqlite3"
    receiving, working = Inbox(path), Inbox(path)
    receiver = Receiver(SECRET, receiving.put)
    assert deliver(receiver, "r1") == 200
    assert working.counts().waiting == 1
    delete(path)
    assert deliver(receiver, "r2") == 200
    assert f"{path} was deleted or replaced" in caplog.text
    with pytest.raises(RunflowError, match="was deleted or replaced"):
        working.counts()
    seen: list[str | None] = []
    assert working.work_once(lambda event: seen.append(event.subject_id)) == "handled"
    assert seen == ["r2"]
    receiving.close()
    working.close()


def test_a_path_without_a_folder_is_a_503_until_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "inbox.sqlite3"
    path.parent.mkdir()
    inbox = Inbox(path)
    receiver = Receiver(SECRET, inbox.put)
    assert deliver(receiver, "r1") == 200
    shutil.rmtree(path.parent)
    assert deliver(receiver, "r2") == 503
    path.parent.mkdir()
    assert deliver(receiver, "r2") == 200
    assert inbox.counts().waiting == 1
    inbox.close()


def test_nothing_waits_for_a_transactional_handler_because_a_process_begins(
    postgresql_url: str,
) -> None:
    table = f"inbox_{uuid4().hex}"
    first, second = (Inbox(postgresql_url, table=table) for _ in range(2))
    assert deliver(Receiver(SECRET, first.put), "r1") == 200
    codes: list[int] = []

    def handler(event: CallbackEvent, connection: Connection) -> None:
        codes.extend(deliver(Receiver(SECRET, one.put), "r2") for one in (second, first))

    assert first.work_once(handler, transactional=True) == "handled"
    assert codes == [200, 200]
    first.close()
    second.close()


def test_a_table_that_another_program_locks_is_a_503_in_time(postgresql_url: str) -> None:
    table = f"inbox_{uuid4().hex}"
    inbox = Inbox(postgresql_url, table=table)
    receiver = Receiver(SECRET, inbox.put)
    assert deliver(receiver, "r1") == 200
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        assert deliver(receiver, "r2") == 503
    engine.dispose()
    assert deliver(receiver, "r2") == 200
    assert inbox.counts().waiting == 2
    inbox.close()


def test_a_connection_whose_limit_failed_stores_nothing(postgresql_url: str) -> None:
    inbox = Inbox(postgresql_url, table=f"inbox_{uuid4().hex}")
    receiver = Receiver(SECRET, inbox.put)
    limits: list[str] = []

    def fail_once(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "lock_timeout" in statement:
            limits.append(statement)
            if len(limits) == 1:
                raise OSError("the connection broke")

    event.listen(Engine, "before_cursor_execute", fail_once)
    try:
        assert deliver(receiver, "r1") == 503
        assert deliver(receiver, "r1") == 200
    finally:
        event.remove(Engine, "before_cursor_execute", fail_once)
    assert len(limits) == 2
    inbox.close()


def test_a_table_that_was_dropped_is_made_anew(database_url: str) -> None:
    inbox = Inbox(database_url)
    receiver = Receiver(SECRET, inbox.put)
    assert deliver(receiver, "r1") == 200
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE runflow_inbox"))
    engine.dispose()
    assert deliver(receiver, "r2") == 503
    assert deliver(receiver, "r2") == 200
    assert inbox.counts().waiting == 1
    inbox.close()
