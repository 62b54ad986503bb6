"""Events that wait together are stored together: each delivery has its own answer, and a 200 means
that its event is committed.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any, ClassVar

import anyio
import pytest
from runflow_client.callbacks import CallbackEvent, Receiver, Store, Wakeup
from runflow_client.callbacks._receiver import Done
from runflow_client.callbacks.asgi import CallbackApp
from runflow_client.callbacks.inbox import Inbox
from runflow_client.callbacks.inbox._writer import NotStored, Row, Writer
from sqlalchemy import Engine, create_engine, event, make_url, text

from .deliveries import SECRET, encode, event_of, signed

STORED, BEFORE = (200, b"stored"), (200, b"stored before")
REFUSED = (503, b"not stored; please send it again")

Answer = tuple[int, bytes]


async def deliver(app: CallbackApp, body: bytes) -> Answer:
    """What the application answers to this delivery."""
    pairs = [(name.lower().encode(), value.encode()) for name, value in signed(body).items()]
    pairs.append((b"content-length", str(len(body)).encode()))
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "method": "POST", "headers": pairs}, receive, send)
    return sent[0]["status"], sent[1]["body"]


def run_ids(inbox: Inbox) -> list[str | None]:
    """The subjects of all events in the inbox, which is emptied."""
    found: list[str | None] = []
    while inbox.work_once(lambda event: found.append(event.subject_id)):
        pass
    return found


@contextmanager
def held(database_url: str) -> Generator[Callable[[], None], None, None]:
    """Let nobody else write, until the function is called."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("LOCK TABLE runflow_inbox IN EXCLUSIVE MODE")
        yield connection.rollback
    engine.dispose()


async def together(
    app: CallbackApp, bodies: list[bytes], meanwhile: Callable[[], object]
) -> list[Answer | BaseException]:
    """Deliver these at once, and do something when all wait to be stored."""
    tasks = [asyncio.ensure_future(deliver(app, body)) for body in bodies]
    for _ in range(5):  # each runs until it waits
        await asyncio.sleep(0)
    await asyncio.to_thread(meanwhile)
    return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def inbox(engine: Engine) -> Iterator[Inbox]:
    """An inbox whose table is there."""
    inbox = Inbox(engine)
    inbox.counts()
    yield inbox
    inbox.close()


@pytest.fixture
def app(inbox: Inbox) -> CallbackApp:
    return CallbackApp(Receiver(SECRET, inbox.put))


def test_what_waits_together_shares_a_transaction_and_each_has_its_own_answer(
    database_url: str, engine: Engine, inbox: Inbox, app: CallbackApp
) -> None:
    insertions: list[str] = []

    def executed(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if statement.startswith("INSERT"):
            insertions.append(statement)

    event.listen(engine, "before_cursor_execute", executed)
    bodies = [encode(f"r{number % 10}") for number in range(50)]
    with held(database_url) as release:
        answers = asyncio.run(together(app, bodies, release))
    assert Counter(answers) == {STORED: 10, BEFORE: 40}
    assert sorted(map(str, run_ids(inbox))) == [f"r{number}" for number in range(10)]
    assert len(insertions) <= 2  # what the writer took first, and all that waited behind it


def test_what_waits_together_is_handled_in_the_order_of_its_arrival(
    database_url: str, engine: Engine, inbox: Inbox
) -> None:
    same_moment = Inbox(engine, now=lambda: 1_800_000_000.0)
    app = CallbackApp(Receiver(SECRET, same_moment.put))
    names = [f"r{number}" for number in range(30)]
    with held(database_url) as release:
        answers = asyncio.run(together(app, [encode(name) for name in names], release))
    assert answers == [STORED] * 30
    assert run_ids(same_moment) == names


def test_threads_that_wait_together_have_their_own_results(database_url: str, inbox: Inbox) -> None:
    gate = threading.Barrier(9)

    def put(number: int) -> bool:
        body = encode(f"r{number % 4}")
        found = event_of(body)
        gate.wait()
        return inbox.put(found, body)

    with held(database_url) as release, ThreadPoolExecutor(8) as pool:
        results = [pool.submit(put, number) for number in range(8)]
        gate.wait()
        release()
    assert sorted(result.result() for result in results) == [False] * 4 + [True] * 4


def test_an_event_that_the_database_refuses_fails_no_other(
    database_url: str, engine: Engine, inbox: Inbox, app: CallbackApp
) -> None:
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "CREATE TRIGGER refuse BEFORE INSERT ON runflow_inbox WHEN NEW.subject_id = 'bad' "
                "BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        else:
            connection.exec_driver_sql(
                "ALTER TABLE runflow_inbox ADD CONSTRAINT refuse CHECK (subject_id <> 'bad')"
            )
    ids = ["r1", "bad", "r2", "r1", "r3", "bad"]
    with held(database_url) as release:
        answers = asyncio.run(together(app, [encode(run_id) for run_id in ids], release))
    assert Counter(answers) == {STORED: 3, BEFORE: 1, REFUSED: 2}
    assert [answer for answer, run_id in zip(answers, ids, strict=True) if run_id == "bad"] == [
        REFUSED,
        REFUSED,
    ]
    assert sorted(map(str, run_ids(inbox))) == ["r1", "r2", "r3"]


def test_an_event_whose_request_is_canceled_is_stored(
    database_url: str, inbox: Inbox, app: CallbackApp
) -> None:
    async def cancel_one() -> list[Answer | BaseException]:
        with held(database_url) as release:
            canceled = asyncio.ensure_future(deliver(app, encode("canceled")))
            await asyncio.sleep(0)
            canceled.cancel()
            return [*await together(app, [encode("other")], release), await _outcome(canceled)]

    answers = asyncio.run(cancel_one())
    assert answers[0] == STORED
    assert isinstance(answers[1], asyncio.CancelledError)
    assert sorted(map(str, run_ids(inbox))) == ["canceled", "other"]


async def _outcome(task: "asyncio.Future[Answer]") -> Answer | BaseException:
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    return outcome


def test_closing_stores_what_waits(database_url: str, inbox: Inbox, app: CallbackApp) -> None:
    with held(database_url) as release:

        def close() -> None:
            closing = threading.Thread(target=inbox.close)
            closing.start()
            release()
            closing.join()

        answers = asyncio.run(together(app, [encode(f"r{n}") for n in range(20)], close))
    assert answers == [STORED] * 20
    assert len(run_ids(inbox)) == 20


def test_a_closing_that_is_interrupted_leaves_no_delivery_without_an_answer(
    database_url: str,
    engine: Engine,
    inbox: Inbox,
    app: CallbackApp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = threading.Event()
    event.listen(engine, "before_cursor_execute", lambda *_: begun.set())

    def interrupted(thread: threading.Thread, timeout: float | None = None) -> None:
        raise KeyboardInterrupt

    def close(release: Callable[[], None]) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "join", interrupted)
            with pytest.raises(KeyboardInterrupt):
                inbox.close()
        release()

    async def main() -> list[Answer | BaseException]:
        with held(database_url) as release:
            begun.clear()
            first = asyncio.ensure_future(deliver(app, encode("first")))
            await asyncio.to_thread(begun.wait)
            bodies = [encode(f"r{number}") for number in range(20)]
            others = together(app, bodies, lambda: close(release))
            answers = await asyncio.wait_for(others, 30)
        return [await first, *answers]

    assert asyncio.run(main()) == [STORED] * 21


def test_what_interrupts_the_thread_that_stores_leaves_no_delivery_without_an_answer(
    database_url: str, engine: Engine, inbox: Inbox, app: CallbackApp
) -> None:
    exits = [SystemExit("meant for the program")]

    def executed(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        if statement.startswith("INSERT") and exits:
            raise exits.pop()

    event.listen(engine, "before_cursor_execute", executed)
    bodies = [encode(f"r{number}") for number in range(5)]
    with held(database_url) as release:
        answers = asyncio.run(asyncio.wait_for(together(app, bodies, release), 30))
    assert set(answers) <= {STORED, REFUSED}
    assert REFUSED in answers
    stored = [f"r{number}" for number in range(5) if answers[number] == STORED]
    assert sorted(map(str, run_ids(inbox))) == stored
    body = encode("after")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(inbox.put, event_of(body), body).result(30)


class _InterruptsOnce(bytes):
    """A body of which the size is asked for when Ctrl-C is pressed."""

    presses: ClassVar[list[type[BaseException]]] = []

    def __len__(self) -> int:
        if self.presses:
            raise self.presses.pop()
        return super().__len__()


def test_what_was_taken_to_be_stored_is_answered_where_that_is_interrupted() -> None:
    stored: list[Row] = []

    def insert(rows: list[Row]) -> list[bool]:
        stored.extend(rows)
        return [True] * len(rows)

    writer = Writer(insert)
    results: SimpleQueue[bool | Exception] = SimpleQueue()
    _InterruptsOnce.presses.append(KeyboardInterrupt)
    with writer.alone():
        for body in (b"before", _InterruptsOnce(b"interrupted"), b"after"):
            writer.submit({"body": body}, results.put)
    found = [results.get(timeout=30) for _ in range(3)]
    assert [type(result) for result in found] == [NotStored, bool, bool]
    assert str(found[0]) == "storing was interrupted"
    assert [row["body"] for row in stored] == [b"interrupted", b"after"]
    writer.finish()


def test_telling_one_that_exits_leaves_no_other_untold() -> None:
    def leave(result: bool | Exception) -> None:
        raise SystemExit

    writer = Writer(lambda rows: [True] * len(rows))
    results: SimpleQueue[bool | Exception] = SimpleQueue()
    tell: Done = results.put
    with writer.alone():
        for done in (tell, leave, tell, tell):
            writer.submit({"body": b""}, done)
    assert [results.get(timeout=30) for _ in range(3)] == [True] * 3
    writer.finish()


def test_what_a_caller_raises_when_it_is_told_is_logged_and_keeps_no_other_from_its_result(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(result: bool | Exception) -> None:
        raise ValueError("what a caller raises")

    writer = Writer(lambda rows: [True] * len(rows))
    results: SimpleQueue[bool | Exception] = SimpleQueue()
    with writer.alone():
        for done in (results.put, fail, results.put):
            writer.submit({"body": b""}, done)
    assert [results.get(timeout=30) for _ in range(2)] == [True] * 2
    writer.finish()
    [record] = caplog.records
    assert record.levelname == "ERROR"
    assert "what a caller raises" in str(record.exc_info)


def test_a_loop_that_has_ended_loses_nothing(
    database_url: str, inbox: Inbox, app: CallbackApp
) -> None:
    left: list[asyncio.Future[Answer]] = []

    async def leave() -> None:
        left.append(asyncio.ensure_future(deliver(app, encode("left"))))
        await asyncio.sleep(0)

    with held(database_url) as release:
        asyncio.run(leave())
        release()
    inbox.close()
    assert run_ids(inbox) == ["left"]


def test_more_than_can_wait_is_answered_at_once(
    database_url: str, inbox: Inbox, app: CallbackApp
) -> None:
    bodies = [encode(f"r{number}") for number in range(1300)]
    with held(database_url) as release:
        answers = asyncio.run(together(app, bodies, release))
    counts = Counter(answers)
    assert set(counts) == {STORED, REFUSED}
    assert 1000 <= counts[STORED] <= 1200
    assert inbox.counts().waiting == counts[STORED]
    assert asyncio.run(together(app, bodies[-1:], lambda: None)) == [STORED]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_every_event_loop_is_served(inbox: Inbox, app: CallbackApp, backend: str) -> None:
    answers: list[Answer] = []

    async def main() -> None:
        async def one(number: int) -> None:
            answers.append(await deliver(app, encode(f"r{number % 5}")))

        async with anyio.create_task_group() as group:
            for number in range(10):
                group.start_soon(one, number)

    anyio.run(main, backend=backend)
    anyio.run(main, backend=backend)
    assert Counter(answers) == {STORED: 5, BEFORE: 15}


def test_threads_and_event_loops_share_an_inbox(inbox: Inbox, app: CallbackApp) -> None:
    def in_thread(number: int) -> bool:
        body = encode(f"thread-{number}")
        return inbox.put(event_of(body), body)

    async def main() -> None:
        loop_answers = (deliver(app, encode(f"loop-{number}")) for number in range(20))
        threads = (asyncio.to_thread(in_thread, number) for number in range(20))
        assert set(await asyncio.gather(*loop_answers)) == {STORED}
        assert set(await asyncio.gather(*threads)) == {True}

    asyncio.run(main())
    assert inbox.counts().waiting == 40


def test_a_store_around_that_of_an_inbox_is_called(engine: Engine) -> None:
    class Counting(Inbox):
        puts = 0

        def put(self, event: CallbackEvent, body: Any) -> bool:
            Counting.puts += 1
            return super().put(event, body)

    counting = Counting(engine)
    stores: list[Store] = [counting.put, lambda event, body: counting.put(event, body)]
    for store in stores:
        answer = asyncio.run(deliver(CallbackApp(Receiver(SECRET, store)), encode()))
        assert answer[0] == 200
    assert Counting.puts == 2


def test_a_wait_ends_when_the_event_is_stored(inbox: Inbox) -> None:
    wakeup = Wakeup("https://me.test/callbacks")
    app = CallbackApp(Receiver(SECRET, wakeup.store(inbox.put)))
    woken: list[tuple[str | None, int]] = []
    wakeup.listen("r1", lambda event: woken.append((event.subject_id, inbox.counts().waiting)))
    assert asyncio.run(deliver(app, encode("r1"))) == STORED
    assert woken == [("r1", 1)]


def test_a_wait_that_exits_leaves_no_delivery_without_an_answer(inbox: Inbox) -> None:
    def leave(event: CallbackEvent) -> None:
        raise SystemExit

    wakeup = Wakeup("https://me.test/callbacks")
    app = CallbackApp(Receiver(SECRET, wakeup.store(inbox.put)))
    wakeup.listen("r1", leave)
    assert asyncio.run(asyncio.wait_for(deliver(app, encode("r1")), 30)) == STORED


def test_a_disk_that_is_full_fails_what_no_longer_fits(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    engine = create_engine(f"sqlite:///{path}")
    pages = [60]

    def limit(connection: Any, *others: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages[0]}")

    event.listen(engine, "connect", limit)
    event.listen(engine, "checkout", limit)
    inbox = Inbox(engine)
    app = CallbackApp(Receiver(SECRET, inbox.put))
    bodies = [encode(f"r{number}", note="x" * (20000 * (number % 2))) for number in range(80)]
    answers: list[Answer | BaseException] = []
    for start in range(0, 80, 20):
        answers += asyncio.run(together(app, bodies[start : start + 20], lambda: None))
    assert set(answers) == {STORED, REFUSED}
    acknowledged = {f"r{n}" for n, answer in enumerate(answers) if answer == STORED}
    # A small one still fits where a large one does not.
    assert any(n % 2 == 0 and n > answers.index(REFUSED) for n in map(_number, acknowledged))
    pages[0] = 1000
    again = asyncio.run(together(app, bodies, lambda: None))
    assert Counter(again) == {STORED: 80 - len(acknowledged), BEFORE: len(acknowledged)}
    inbox.close()
    engine.dispose()


def _number(run_id: str) -> int:
    return int(run_id[1:])


def test_a_database_that_stays_locked_refuses_all_that_wait_and_recovers(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 0.05})
    inbox = Inbox(engine)
    inbox.counts()
    app = CallbackApp(Receiver(SECRET, inbox.put))
    bodies = [encode(f"r{number}") for number in range(3)]
    with held(f"sqlite:///{path}"):
        assert asyncio.run(together(app, bodies, lambda: None)) == [REFUSED] * 3
    assert asyncio.run(together(app, bodies, lambda: None)) == [STORED] * 3
    inbox.close()
    engine.dispose()


def test_a_file_that_is_deleted_while_the_writer_holds_it_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "inbox.sqlite3"
    inbox = Inbox(path)
    app = CallbackApp(Receiver(SECRET, inbox.put))

    async def main() -> None:
        assert await deliver(app, encode("before")) == STORED
        for file in tmp_path.iterdir():
            file.unlink()
        bodies = [encode(f"r{number}") for number in range(20)]
        assert await together(app, bodies, lambda: None) == [STORED] * 20

    asyncio.run(main())
    inbox.close()
    again = Inbox(path)
    assert len(run_ids(again)) == 20
    again.close()


def test_a_server_that_broke_the_connection_is_asked_again(postgresql_url: str) -> None:
    url = make_url(postgresql_url).update_query_dict({"application_name": "broken"})
    inbox = Inbox(url, table="broken")
    app = CallbackApp(Receiver(SECRET, inbox.put))
    assert asyncio.run(deliver(app, encode("before"))) == STORED
    engine = create_engine(postgresql_url)
    with engine.begin() as connection:
        broken = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
        assert connection.execute(text(broken + "'broken'")).rowcount > 0
        bodies = [encode("after"), encode("before")]
        assert [asyncio.run(deliver(app, body)) for body in bodies] == [STORED, BEFORE]
        inbox.close()
        connection.execute(text("DROP TABLE broken"))
    engine.dispose()
