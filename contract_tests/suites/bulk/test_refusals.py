"""What is refused names what is wrong, sends nothing, and leaves the journal to others."""

import errno
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client import AsyncRunflow, InvalidArgument, bulk
from runflow_client.bulk._outputs import Outputs

MODEL: Final = "google/nano-banana-pro"


def no_client() -> AsyncRunflow:
    raise RuntimeError("there is none")


def not_begun() -> AsyncRunflow:
    raise AssertionError("no client is made for what is refused")


async def awaited_client() -> AsyncRunflow:
    raise AssertionError("no client is awaited")


NUMBERS: Final = (0, -1, float("nan"), float("inf"), "2", True)
WRONG: Final[list[tuple[str, Any]]] = [
    *(("model", value) for value in (None, 7, "", "nano-banana-pro", "a/../b")),
    *(("items", value) for value in (None, 7, "text", {"a": 1})),
    *(("journal", value) for value in (None, 7, b"x")),
    *(("output", value) for value in (7, True)),
    *(("on_run", value) for value in (7, "f")),
    *(("callback", value) for value in (7, "https://me.test/")),
    *(("client", value) for value in (7, "rf_live_x", awaited_client)),
    *(("template", value) for value in (None, 7, {"prompt": "x"})),
    *(("concurrency", value) for value in (*NUMBERS, None, 1.5)),
    *(("rate", value) for value in NUMBERS),
    *(("stop_after_failures", value) for value in (*NUMBERS, 1.5)),
    *(
        (name, value)
        for name in ("max_cost", "max_cost_each")
        for value in (-1, "x", float("nan"), float("inf"), True)
    ),
    *(("retries", value) for value in (1, True, {"failed": 1}, "1")),
    *(("in_order", value) for value in (None, 1, "yes")),
    *(("max_outage", value) for value in (None, -1, "60", float("nan"))),
    *(("clock", value) for value in (7, "now")),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_an_argument_of_another_kind_is_named(tmp_path: Path, name: str, value: Any) -> None:
    given: dict[str, Any] = {
        "model": MODEL,
        "items": [],
        "journal": tmp_path / "j.sqlite",
        "client": not_begun,
        name: value,
    }
    with pytest.raises(InvalidArgument, match=name):
        bulk.run(**given)
    assert list(tmp_path.iterdir()) == []


async def _later(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        yield item


@pytest.mark.parametrize("wrong", ["b", None, {"prompt": "x"}, ("b", {"prompt": "x"}), bulk.Item])
def test_what_is_no_item_is_named_and_stops_what_reads_it(tmp_path: Path, wrong: Any) -> None:
    each: list[Any] = [[wrong], iter([wrong]), _later(wrong)]
    for number, items in enumerate(each):
        journal = tmp_path / f"{number}.sqlite"
        started = bulk.run(MODEL, items, journal=journal, client=lambda: AsyncRunflow("rf_live_x"))
        with pytest.raises(
            bulk.BulkStopped, match=r"read further: an item of items is "
        ) as stopped:
            list(started)
        assert stopped.value.reason == "items"
        assert isinstance(stopped.value.__cause__, InvalidArgument)
    with pytest.raises(InvalidArgument, match=r"^an item of items is .*bulk\.Item\(key, input\)"):
        bulk.plan(MODEL, [wrong])


def test_a_plan_of_what_is_awaited_says_that_it_reads_no_such_thing() -> None:
    given: Any = _later()
    with pytest.raises(InvalidArgument, match=r"^items is .*plan reads no async for"):
        bulk.plan(MODEL, given)


def of_another_model(path: Path) -> None:
    bulk.Journal.open(path, model="acme/lamp").close()


def of_another_template(path: Path) -> None:
    bulk.Journal.open(path, model=MODEL, template="another").close()


def newer(path: Path) -> None:
    bulk.Journal.open(path, model=MODEL).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 2")


def of_something_else(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE x (y)")


def damaged(path: Path) -> None:
    with bulk.Journal.open(path, model=MODEL) as journal:
        for number in range(200):
            journal.refuse(f"k{number:03}", number, "", 200 * "x")
    content = bytearray(path.read_bytes())
    content[8_192:16_384] = 8_192 * b"\xff"
    path.write_bytes(content)


def damaged_in_a_name(path: Path) -> None:
    bulk.Journal.open(path, model=MODEL).close()
    content = path.read_bytes()
    assert content.count(b"tableitemsitems") == 1
    path.write_bytes(content.replace(b"tableitemsitems", b"table\x94temsitems"))


JOURNALS: Final[dict[str, Callable[[Path], None]]] = {
    "of another model": of_another_model,
    "of another template": of_another_template,
    "newer": newer,
    "of something else": of_something_else,
    "damaged": damaged,
    "damaged in a name": damaged_in_a_name,
}


def left_open(folder: Path) -> list[str]:
    """Return the files of this folder that this process has open, where the system tells it."""
    told = Path("/proc/self/fd")
    names = [os.readlink(one) for one in told.iterdir() if one.exists()] if told.is_dir() else []
    return [name for name in names if name.startswith(str(folder))]


@pytest.mark.parametrize("name", JOURNALS)
def test_a_journal_that_is_refused_is_not_held(tmp_path: Path, name: str) -> None:
    path = tmp_path / "j.sqlite"
    JOURNALS[name](path)
    before = path.read_bytes()
    refusals: list[BaseException] = []
    for _ in range(2):  # the first one's frames live on in its traceback
        with pytest.raises(bulk.JournalRefused) as raised:
            bulk.Journal.open(path, model=MODEL)
        assert type(raised.value) is bulk.JournalRefused, raised.value
        refusals.append(raised.value)
    assert path.read_bytes() == before
    with pytest.raises(bulk.JournalRefused) as raised:
        bulk.plan(MODEL, [bulk.Item("k001", {"prompt": "x"})], journal=path)
    refusals.append(raised.value)
    try:
        bulk.Journal.reopen(path).close()
    except bulk.JournalRefused as error:
        refusals.append(error)
    assert left_open(tmp_path) == []


@pytest.mark.parametrize("column", ["cost", "estimate"])
def test_an_amount_that_is_none_is_told_as_damage(tmp_path: Path, column: str) -> None:
    path = tmp_path / "j.sqlite"
    with bulk.Journal.open(path, model=MODEL) as journal:
        journal.add("a", 1, "", "{}", "mark")
        journal.intend("a", 1, "ref", None)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE runs SET {column} = '0,15'")
    with bulk.Journal.read(path) as journal:
        looks = (lambda: journal.find("a"), lambda: [*journal.entries()], journal.summary)
        for look in looks:
            with pytest.raises(
                bulk.JournalRefused, match=r"is damaged: an amount is no number\. Restore a copy"
            ):
                look()


@pytest.mark.parametrize("client", [no_client, lambda: 7])
def test_a_bulk_run_without_a_client_holds_no_journal(tmp_path: Path, client: Any) -> None:
    path, refusals = tmp_path / "j.sqlite", list[BaseException]()
    for _ in range(2):
        with pytest.raises((RuntimeError, InvalidArgument)) as raised:
            list(bulk.run(MODEL, [], journal=path, client=client))
        assert not isinstance(raised.value, bulk.JournalInUse)
        refusals.append(raised.value)
    bulk.Journal.open(path, model=MODEL).close()


def test_a_bulk_run_is_looped_over_once(tmp_path: Path) -> None:
    started = bulk.run(
        MODEL, [], journal=tmp_path / "j.sqlite", client=lambda: AsyncRunflow("rf_live_x")
    )
    assert list(started) == []
    with pytest.raises(InvalidArgument, match="once"):
        list(started)
    started.stop()  # it has ended
    assert started.summary == bulk.Summary()


def test_a_plan_tells_of_the_first_that_are_refused(tmp_path: Path) -> None:
    items: list[bulk.Item | bulk.BadItem] = [
        bulk.BadItem(f"k{number}", "no", f"line {number}") for number in range(25)
    ]
    items += [
        bulk.Item("a", {"prompt": "x"}, "line 30"),
        bulk.Item("b", {"prompt": "x"}, "\udcff.csv, line 9"),
        bulk.Item("a", {"prompt": "x"}, "line 31"),
        bulk.Item("", {"prompt": "x"}),
    ]
    planned = bulk.plan(MODEL, items)
    assert (planned.refused, planned.to_run) == (27, 2)
    assert list(planned.first_refused) == items[:20]
    last = bulk.plan(MODEL, items[25:]).first_refused
    assert [one.reason for one in last] == [
        "the key 'a' came twice, first in line 30",
        "a key has 1 to 1024 characters",
    ]
    (tmp_path / "blank.sqlite").touch()
    for journal in (None, tmp_path / "none.sqlite", tmp_path / "blank.sqlite"):
        assert bulk.plan(MODEL, items, journal=journal) == planned


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, OSError),
        (errno.EDQUOT, OSError),
        (errno.EACCES, InvalidArgument),
        (errno.EROFS, InvalidArgument),
    ],
)
def test_a_folder_that_cannot_be_made_is_the_fault_of_the_disk_or_of_the_caller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    def fail(*given: Any, **options: Any) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "mkdir", fail)
    started = bulk.run(
        MODEL, [], journal=tmp_path / "j.sqlite", output=tmp_path / "out", client=not_begun
    )
    with pytest.raises((OSError, InvalidArgument), match=os.strerror(number)) as raised:
        list(started)
    assert type(raised.value) is kind
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["file", "file/out", "circle"])
def test_outputs_that_have_no_folder_are_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "circle").symlink_to("circle")
    started = bulk.run(
        MODEL, [], journal=tmp_path / "j.sqlite", output=tmp_path / place, client=not_begun
    )
    where = re.escape(str(tmp_path / place))
    with pytest.raises(InvalidArgument, match=f"^the outputs cannot be saved in {where}: [A-Z]"):
        list(started)
    assert not (tmp_path / "j.sqlite").exists()


def test_bulk_runs_that_save_into_one_folder_leave_each_other_alone(tmp_path: Path) -> None:
    out, begun = tmp_path / "out", list[Path]()
    for name in ("one", "other"):
        with bulk.Journal.open(tmp_path / name, model=MODEL) as journal:
            Outputs(out, journal, shown=None).begin()
        (folder,) = {*out.iterdir()} - {*begun}
        begun.append(folder)
        (folder / "a.png").write_bytes(b"ha")
    assert [len(list(folder.iterdir())) for folder in begun] == [1, 1]
    with bulk.Journal.open(tmp_path / "one", model=MODEL) as journal:
        outputs = Outputs(out, journal, shown=None)
        outputs.begin()
        assert [len(list(folder.iterdir())) for folder in begun] == [0, 1]
        outputs.end()
    assert list(out.iterdir()) == [begun[1]]


def test_the_newest_folder_of_the_outputs_is_noted_in_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "other"):
        list(
            bulk.run(
                MODEL,
                [],
                journal="j.sqlite",
                output=f"{name}/out",
                client=lambda: AsyncRunflow("rf_live_x"),
            )
        )
        with bulk.Journal.read("j.sqlite") as journal:
            assert journal.output == tmp_path / name / "out"
        assert list((tmp_path / name / "out").iterdir()) == []


def test_a_plan_and_a_bulk_run_are_of_the_template_of_their_journal(tmp_path: Path) -> None:
    path, items = tmp_path / "j.sqlite", [bulk.Item("a", {"prompt": "x"})]
    of_another_template(path)
    assert bulk.plan(MODEL, items, journal=path, template="another").to_run == 1
    for template in ("", "one more"):
        with pytest.raises(bulk.JournalRefused, match="begun with another template"):
            bulk.plan(MODEL, items, journal=path, template=template)
        with pytest.raises(bulk.JournalRefused, match="begun with another template"):
            list(bulk.run(MODEL, items, journal=path, template=template, client=not_begun))
    with bulk.Journal.reopen(path) as journal:
        assert (journal.model, journal.template, journal.session) == (MODEL, "another", 2)
