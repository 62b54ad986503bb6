"""What a bulk run does with its items, its money and its journal."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from runflow_client import AsyncRunflow, InvalidArgument, Runflow, bulk, inputs
from runflow_client.bulk._settings import file_name
from runflow_mock import AcceleratedClock, MockRunflow

from .worker import FastClock

MODEL = "google/nano-banana-pro"
PRICE = Decimal("0.15")


@pytest.fixture
def mock() -> Iterator[MockRunflow]:
    with MockRunflow(AcceleratedClock(20)) as running:
        yield running


def make(mock: MockRunflow, folder: Path, items: Any, **options: Any) -> bulk.BulkRun:
    clock = FastClock()

    def client() -> AsyncRunflow:
        return AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=clock)

    given = {"journal": folder / "j.sqlite", "output": folder / "out", "client": client}
    return bulk.run(MODEL, items, **{**given, "clock": clock, **options})


def items(*keys: str, **more: Any) -> list[bulk.Item]:
    return [bulk.Item(key, {"prompt": f"a {key}", **more}) for key in keys]


def test_a_second_start_sends_no_create_and_fetches_no_file(
    mock: MockRunflow, tmp_path: Path
) -> None:
    first = list(make(mock, tmp_path, items("a", "b"), in_order=True))
    assert [(one.key, one.status, one.was_done) for one in first] == [
        ("a", "done", False),
        ("b", "done", False),
    ]
    before = len(mock.requests)
    again = list(make(mock, tmp_path, items("a", "b"), in_order=True))
    assert [(one.status, one.was_done) for one in again] == [("done", True)] * 2
    assert [one.paths for one in again] == [one.paths for one in first]
    assert len(mock.requests) == before


def stop_at_the_first(started: bulk.BulkRun) -> None:
    for _ in started:
        started.stop()


def creates(mock: MockRunflow) -> int:
    return sum(one.method == "POST" for one in mock.requests)


def test_the_first_start_sends_a_create_for_each_item_and_reads_all_together(
    mock: MockRunflow, tmp_path: Path
) -> None:
    list(make(mock, tmp_path, items(*(f"k{number}" for number in range(20))), output=None))
    paths = [one.raw_path for one in mock.requests]
    assert creates(mock) == 20
    assert not any("client_ref.EQ" in unquote(path) for path in paths), "there is nothing to find"
    single = [path for path in paths if path.startswith("/v1/runs/")]
    assert len(single) < 10, "all but the last few are read together"


def test_a_journal_from_a_backup_pays_nothing_twice(mock: MockRunflow, tmp_path: Path) -> None:
    journal, backup = tmp_path / "j.sqlite", tmp_path / "backup.sqlite"
    with pytest.raises(bulk.BulkStopped):
        stop_at_the_first(make(mock, tmp_path, items("a", "b", "c"), concurrency=1))
    assert creates(mock) < 3
    shutil.copy(journal, backup)
    list(make(mock, tmp_path, items("a", "b", "c")))
    assert creates(mock) == 3
    shutil.copy(backup, journal)
    again = list(make(mock, tmp_path, items("a", "b", "c")))
    assert {one.status for one in again} == {"done"}
    assert creates(mock) == len(mock.runs) == 3, "what it does not have was found"


@pytest.mark.parametrize("change", [lambda whole: whole[:10], lambda whole: whole + b"more"])
def test_a_file_of_another_size_is_fetched_again_from_its_run(
    mock: MockRunflow, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    (result,) = make(mock, tmp_path, items("a"))
    whole = result.paths[0].read_bytes()
    result.paths[0].write_bytes(change(whole))
    (again,) = make(mock, tmp_path, items("a"))
    assert again.paths[0].read_bytes() == whole
    assert len(mock.runs) == 1


def test_a_file_that_it_did_not_write_is_kept(mock: MockRunflow, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    mine = tmp_path / "out" / "a.png"
    mine.write_text("mine")
    (result,) = make(mock, tmp_path, items("a"))
    assert (result.status, result.failure_code) == ("failed", "not_saved")
    assert str(mine) in str(result.failure)
    assert mine.read_text() == "mine"
    mine.unlink()
    with bulk.Journal.reopen(tmp_path / "j.sqlite") as journal:
        assert journal.retry() == 1
    (result,) = make(mock, tmp_path, items("a"))
    assert (result.status, result.paths, len(mock.runs)) == ("done", [mine], 1)


def test_an_async_loop_gives_the_same(mock: MockRunflow, tmp_path: Path) -> None:
    async def collect() -> list[bulk.ItemResult]:
        return [one async for one in make(mock, tmp_path, items("a"))]

    assert [one.status for one in asyncio.run(collect())] == ["done"]


def test_bad_items_are_refused_and_the_others_go_on(mock: MockRunflow, tmp_path: Path) -> None:
    given = [
        *items("a"),
        bulk.Item("wrong", {"prompt": "x", "resolution": "2k"}, "line 3"),
        bulk.BadItem("unread", "no such column", "line 4"),
        bulk.Item("a", {"prompt": "again"}, "line 5"),
        bulk.Item("gone", {"prompt": "x", "image": tmp_path / "gone.png"}, "line 6"),
        bulk.Item("other", inputs.GoogleNanoBanana2(prompt="A cat"), "line 7"),
    ]
    results = list(make(mock, tmp_path, given, in_order=True))
    assert [one.status for one in results] == ["done", *["refused"] * 5]
    words = ("resolution", "line 4: no such column", "came twice", "gone", "google/nano-banana-2")
    for result, word in zip(results[1:], words, strict=True):
        assert word in str(result.failure)
    assert len(mock.runs) == 1


def test_a_key_with_another_input_is_refused(mock: MockRunflow, tmp_path: Path) -> None:
    list(make(mock, tmp_path, items("a")))
    (result,) = make(mock, tmp_path, items("a", seed=7))
    assert result.status == "refused"
    assert "had another input" in str(result.failure)
    assert len(mock.runs) == 1


def test_it_stops_before_the_money_runs_out(mock: MockRunflow, tmp_path: Path) -> None:
    keys = [f"k{number}" for number in range(6)]
    with pytest.raises(bulk.BulkStopped) as stopped:
        list(make(mock, tmp_path, items(*keys), max_cost="0.50"))
    assert stopped.value.reason == "max_cost"
    assert (
        stopped.value.summary.spent == 3 * PRICE == sum(Decimal(str(r["cost"])) for r in mock.runs)
    )
    list(make(mock, tmp_path, items(*keys), max_cost="0.90"))
    assert len(mock.runs) == 6


def test_it_stops_after_some_failures(mock: MockRunflow, tmp_path: Path) -> None:
    wrong = [bulk.Item(f"k{number}", {"prompt": ""}) for number in range(9)]
    with pytest.raises(bulk.BulkStopped) as stopped:
        list(make(mock, tmp_path, wrong, stop_after_failures=2, concurrency=1))
    assert stopped.value.reason == "failures"


def test_a_refused_rate_is_waited_out(mock: MockRunflow, tmp_path: Path) -> None:
    mock.fail_next("create_run", fault="status", status=429, count=12)
    results = list(make(mock, tmp_path, items("a", "b")))
    assert [one.status for one in results] == ["done", "done"]
    assert len(mock.runs) == 2


def test_a_stopped_run_continues(mock: MockRunflow, tmp_path: Path) -> None:
    keys = [f"k{number}" for number in range(8)]
    with pytest.raises(bulk.BulkStopped):
        stop_at_the_first(make(mock, tmp_path, items(*keys), concurrency=2))
    results = list(make(mock, tmp_path, items(*keys)))
    assert {one.status for one in results} == {"done"}
    assert len(mock.runs) == 8


def test_a_model_that_does_not_exist_stops_it_at_once(tmp_path: Path, mock: MockRunflow) -> None:
    keys = [f"k{number}" for number in range(30)]
    clock = FastClock()
    started = bulk.run(
        "google/nano-banana-por",
        items(*keys),
        journal=tmp_path / "j.sqlite",
        client=lambda: AsyncRunflow(mock.api_key, base_url=mock.base_url, clock=clock),
        clock=clock,
        concurrency=1,
    )
    with pytest.raises(bulk.BulkStopped, match="Did you mean 'google/nano-banana-pro'") as stopped:
        list(started)
    assert stopped.value.reason == "refused"
    assert len(mock.requests) == 1


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({"concurrency": 0}, "concurrency is 0"),
        ({"concurrency": 1e6}, "concurrency is "),
        ({"rate": float("nan")}, "rate is nan"),
        ({"rate": -1}, "rate is -1"),
        ({"output": __file__}, "the outputs cannot be saved"),
    ],
)
def test_arguments_that_cannot_be_right_are_refused(
    mock: MockRunflow, tmp_path: Path, options: dict[str, Any], word: str
) -> None:
    with pytest.raises(InvalidArgument, match=word):
        list(make(mock, tmp_path, items("a"), **options))
    assert mock.requests == []


def test_a_second_process_is_refused_by_name(mock: MockRunflow, tmp_path: Path) -> None:
    with (
        bulk.Journal.open(tmp_path / "j.sqlite", model=MODEL),
        pytest.raises(bulk.JournalInUse, match=r"in use by process \d+ on "),
    ):
        list(make(mock, tmp_path, items("a")))
    assert mock.requests == []


@pytest.mark.parametrize(
    ("options", "word"), [({"model": "a/b"}, "journal of"), ({"template": "x"}, "another template")]
)
def test_a_journal_of_something_else_is_refused(
    tmp_path: Path, options: dict[str, Any], word: str
) -> None:
    path = tmp_path / "j.sqlite"
    bulk.Journal.open(path, model=MODEL).close()
    for _ in range(2):
        with pytest.raises(bulk.JournalRefused, match=word):
            bulk.Journal.open(path, **{"model": MODEL, **options})


def test_a_file_that_holds_nothing_yet_becomes_the_journal(
    mock: MockRunflow, tmp_path: Path
) -> None:
    path = tmp_path / "j.sqlite"
    path.touch()
    assert bulk.plan(MODEL, items("a"), journal=path).to_run == 1
    with sqlite3.connect(path) as connection:  # as a process leaves it that is killed at its start
        connection.execute("PRAGMA journal_mode = WAL")
    connection.close()
    assert bulk.plan(MODEL, items("a"), journal=path).to_run == 1
    assert [one.status for one in make(mock, tmp_path, items("a"))] == ["done"]


def cut_to(length: int) -> Callable[[bytes], bytes]:
    return lambda whole: whole[:length]


def without_a_page(whole: bytes) -> bytes:
    return whole[:-4096]


def not_text(whole: bytes) -> bytes:
    return whole.replace(MODEL.encode(), b"\xff" * len(MODEL))


def page_of_zeros(whole: bytes) -> bytes:
    return whole[:8192] + bytes(4096) + whole[12288:]


@pytest.mark.parametrize(
    "damage",
    [*map(cut_to, (1, 15, 99, 100, 1024, 4096, 5000)), without_a_page, not_text, page_of_zeros],
    ids=lambda damage: getattr(damage, "__name__", ""),
)
def test_a_damaged_journal_is_refused_before_anything_is_paid(
    mock: MockRunflow, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    list(make(mock, tmp_path, items("a")))
    path = tmp_path / "j.sqlite"
    path.write_bytes(damage(path.read_bytes()))
    told = r"is not a journal of a bulk run(: \S|$)|is damaged: [^.][\s\S]*\. Restore a copy"
    with pytest.raises(bulk.JournalRefused, match=told):
        list(make(mock, tmp_path, items("a", "b")))
    assert len(mock.runs) == 1


def test_a_process_that_works_in_another_folder_later_goes_on_with_the_same_files(
    mock: MockRunflow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.chdir(tmp_path)
    for begun_in, keys in ((tmp_path, "ab"), (other, "cd")):
        monkeypatch.chdir(tmp_path)
        started = make(
            mock, tmp_path, items(*keys), journal="j.sqlite", output="out", concurrency=1
        )
        monkeypatch.chdir(begun_in)
        for result in started:
            assert result.status == "done", result
            monkeypatch.chdir(other)
        assert started.summary.done >= 2
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        f"{key}.png" for key in "abcd"
    ]
    assert list(other.iterdir()) == []


def failing() -> Iterator[bulk.Item]:
    yield from items("a")
    raise ValueError("no more")


def exiting() -> Iterator[bulk.Item]:
    yield from items("a")
    raise SystemExit(4)


def interrupted() -> Iterator[bulk.Item]:
    yield from items("a")
    raise KeyboardInterrupt


def with_a_text() -> Iterator[Any]:
    yield from items("a")
    yield "b"


@pytest.mark.parametrize(
    ("read", "cause"),
    [
        (failing, ValueError),
        (exiting, SystemExit),
        (interrupted, KeyboardInterrupt),
        (with_a_text, InvalidArgument),
    ],
)
def test_items_that_cannot_be_read_further_stop_it_and_lose_nothing(
    mock: MockRunflow, tmp_path: Path, read: Callable[[], Any], cause: type[BaseException]
) -> None:
    with pytest.raises(bulk.BulkStopped) as stopped:
        list(make(mock, tmp_path, read()))
    assert stopped.value.reason == "items"
    assert isinstance(stopped.value.__cause__, cause)
    assert [one.status for one in make(mock, tmp_path, items("a"))] == ["done"]
    assert len(mock.runs) == 1


ITSELF: dict[str, Any] = {"prompt": "x"}
ITSELF["inside"] = ITSELF
DEEP: Any = []
for _ in range(100_000):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (bulk.Item("", {"prompt": "x"}), "a key has 1 to 1024 characters"),
        (bulk.Item("k" * 1025, {"prompt": "x"}), "a key has 1 to 1024 characters"),
        (bulk.Item("\ud800", {"prompt": "x"}), "no text that UTF-8 can hold"),
        (bulk.BadItem("\udcff", "unread"), "no text that UTF-8 can hold"),
        (bulk.Item("bad", {"prompt": "\ud800"}), "half a character"),
        (bulk.Item("bad", ITSELF), "its input cannot be written as JSON: Circular reference"),
        (bulk.Item("bad", {"prompt": "x", "deep": DEEP}), "cannot be written as JSON"),
        (bulk.Item("bad", {"prompt": float("nan")}), "which JSON does not have"),
        (bulk.Item("bad", {"prompt": "x", "seed": object()}), "which JSON does not have"),
    ],
)
def test_an_item_that_cannot_be_kept_is_refused_and_the_others_run(
    mock: MockRunflow, tmp_path: Path, item: Any, said: str
) -> None:
    found = {one.key: one for one in make(mock, tmp_path, [item, *items("a")])}
    assert (found["a"].status, found[item.key].status) == ("done", "refused")
    assert said in str(found[item.key].failure)
    if said.startswith("a key") or "UTF-8" in said:
        assert bulk.plan(MODEL, [item]).refused == 1


@pytest.mark.parametrize("is_coroutine", [False, True])
def test_what_is_called_with_a_run_may_be_a_plain_function(
    mock: MockRunflow, tmp_path: Path, is_coroutine: bool
) -> None:
    seen: list[str] = []

    async def later(key: str, run: object) -> None:
        seen.append(key)

    on_run = later if is_coroutine else lambda key, run: seen.append(key)
    assert [one.status for one in make(mock, tmp_path, items("a"), on_run=on_run)] == ["done"]
    assert seen == ["a"]


@pytest.mark.parametrize(
    "make_client",
    [lambda: None, lambda: Runflow("rf_live_x"), lambda: AsyncRunflow],
)
def test_a_client_of_another_kind_is_refused_before_anything_is_paid(
    mock: MockRunflow, tmp_path: Path, make_client: Callable[[], Any]
) -> None:
    with pytest.raises(InvalidArgument, match="what client makes is "):
        list(make(mock, tmp_path, items("a"), client=make_client))
    assert mock.requests == []


def test_a_journal_that_is_removed_meanwhile_stops_it(mock: MockRunflow, tmp_path: Path) -> None:
    def remove_it() -> None:
        for _ in make(mock, tmp_path, items(*"abcdef"), concurrency=1):
            (tmp_path / "j.sqlite").unlink(missing_ok=True)

    with pytest.raises(bulk.BulkStopped, match="was removed or replaced") as stopped:
        remove_it()
    assert stopped.value.reason == "disk"
    assert len(mock.runs) < 6


def test_newer_and_foreign_files_are_refused_and_kept(tmp_path: Path) -> None:
    newer, foreign, text = (tmp_path / name for name in ("n.sqlite", "f.sqlite", "t.sqlite"))
    bulk.Journal.open(newer, model=MODEL).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE mine (x)")
    connection.close()
    text.write_text("not a database " * 100)
    for path, word in ((newer, "newer version"), (foreign, "not a journal"), (text, "not a jour")):
        before = path.read_bytes()
        with pytest.raises(bulk.JournalRefused, match=word):
            bulk.Journal.open(path, model=MODEL)
        assert path.read_bytes() == before
    with pytest.raises(bulk.JournalRefused, match="no folder"):
        bulk.Journal.open(tmp_path / "missing" / "j.sqlite", model=MODEL)


def test_no_two_outputs_have_one_name_whatever_their_keys_are() -> None:
    keys = [
        "cat",
        "cat-1",
        "cat-2",
        "cat+2",
        "Cat",
        "CAT",
        "cat.png",
        "日本",
        "本",
        "a/b",
        "ab",
        "",
    ]
    names = [
        file_name(key, "output.png", number, count)
        for position, key in enumerate(keys)
        for count in [1 + position % 3]
        for number in range(count)
    ]
    names += [file_name("cat", "output.png", number, 2) for number in range(2)]
    assert "cat.png" in names
    assert "cat+2.png" in names
    assert len({name.lower() for name in names}) == len(names)
