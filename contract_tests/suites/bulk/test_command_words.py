"""What `runflow bulk` says, word for word: before anything is sent, of each result, at the end."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import frozen
from runflow_client import bulk

from ..cli.in_process import run_here

MODEL: Final = "google/nano-banana-pro"
KEY: Final[dict[str, Any]] = {"RUNFLOW_API_KEY": "rf_live_x"}
BAD: Final = "resolution is '5K', expected one of '1K', '2K', '4K'"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(count: int, *more: str) -> str:
    """Return a table of so many good rows, and more."""
    return "\n".join(["key,prompt,resolution", *(f"k{n},x,1K" for n in range(count)), *more, ""])


def begun(path: Path, *states: str) -> None:
    """Make a journal in which the first items are in these states."""
    with bulk.Journal.open(path, model=MODEL) as journal:
        for number, state in enumerate(states):
            journal.add(f"k{number}", number, "", '{"prompt": "x"}', "mark")
            journal.intend(f"k{number}", 1, "ref", Decimal("0.15"))
            journal.created(f"k{number}", 1, f"run-{number}")
            if state != "created":
                journal.settle(f"k{number}", state)


@frozen
class Said:
    """A table, the states of its first items, the options, and the lines that come of it."""

    table: str
    lines: tuple[str, ...]
    states: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    code: int = 0


SAID: Final[dict[str, Said]] = {
    "all to run": Said(rows(2), ("2 to run. The price is $0.30",)),
    "what an earlier start left": Said(
        rows(6),
        ("3 to run, 2 under way, 1 ended before. The price is $0.45",),
        ("created", "done", "created"),
    ),
    "all ended": Said(rows(1), ("0 to run, 1 ended before. The price is $0.00",), ("failed",)),
    "20 that are refused": Said(
        rows(1, *(f"b{n},x,5K" for n in range(20))),
        (
            *(f"rows.csv, line {number}: {BAD}" for number in range(3, 23)),
            "1 to run, 20 refused. The price is $0.15",
        ),
    ),
    "21 that are refused": Said(
        rows(0, *(21 * [",x,1K"])),
        (
            *(f"rows.csv, line {number}: it has no key in 'key'" for number in range(2, 22)),
            "... and 1 more",
            "0 to run, 21 refused. The price is $0.00",
        ),
    ),
    "one that is refused, strictly": Said(
        rows(1, "b,x,5K", "c,x,6K"),
        (
            f"rows.csv, line 3: {BAD}",
            f"rows.csv, line 4: {BAD.replace('5', '6')}",
            f"runflow: 2 items cannot be run, the first in rows.csv, line 3: {BAD}",
            "Without --strict the others are run. Nothing was sent.",
        ),
        options=("--strict",),
        code=2,
    ),
    "none that is refused, strictly": Said(
        rows(1), ("1 to run. The price is $0.15",), options=("--strict",)
    ),
    **{
        f"{option} of {value}": Said(rows(1), (said,), options=(option, value), code=2)
        for option, value, said in (
            *(
                (option, value, f"runflow: {option} is {value!r}, expected US dollars such as 0.50")
                for option in ("--max-cost", "--max-cost-each")
                for value in ("much", "-1", "nan", "inf", "")
            ),
            *(
                ("--rate", value, f"runflow: --rate is {value}, expected creates a second above 0")
                for value in ("0", "-1", "nan", "inf", "-inf")
            ),
        )
    },
    "a price that is known in part": Said(
        "key,prompt,num_images\na,x,1\nb,x,two\n",
        ("2 to run. The price is not known before, at least $0.15",),
        options=("--unchecked",),
    ),
    "a price that is not known": Said(
        "key,prompt,num_images\nb,x,two\n",
        ("1 to run. The price is not known before",),
        options=("--unchecked",),
    ),
    "a price that is not known, and money": Said(
        "key,prompt,num_images\na,x,1\nb,x,two\nc,x,two\n",
        (
            "3 to run. The price is not known before, at least $0.15",
            "runflow: the price of 2 items is not known before, so --max-cost cannot be kept",
            "Nothing was sent.",
        ),
        options=("--unchecked", "--max-cost", "9"),
        code=2,
    ),
    "a price that is not known, and no money": Said(
        "key,prompt,num_images\na,x,1\nb,x,two\nc,x,two\n",
        (
            "3 to run. The price is not known before, at least $0.15",
            "runflow: the price of 2 items is not known before, so --max-cost cannot be kept",
            "Nothing was sent.",
        ),
        options=("--unchecked", "--max-cost", "0"),
        code=2,
    ),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_before_anything_is_sent(folder: Path, name: str) -> None:
    case = SAID[name]
    (folder / "rows.csv").write_text(case.table)
    if case.states:
        begun(folder / "rows.csv.journal.sqlite", *case.states)
    done = run_here(
        *("bulk", "run", "rows.csv", "--model", MODEL, "-o", "out", "--dry-run", *case.options)
    )
    assert (done.code, done.out, tuple(done.err.splitlines())) == (case.code, "", case.lines)


@frozen
class Loop:
    """A bulk run that gives these results."""

    results: tuple[bulk.ItemResult, ...]
    summary: bulk.Summary

    def __iter__(self) -> Iterator[bulk.ItemResult]:
        yield from self.results


RESULTS: Final = (
    bulk.ItemResult(
        key="a", number=1, status="done", cost=Decimal("0.15"), paths=[Path("o/a.png")]
    ),
    bulk.ItemResult(
        key="b", number=2, status="done", cost=Decimal(0), paths=[Path("x"), Path("y")]
    ),
    bulk.ItemResult(key="c", number=3, status="done", was_done=True),
    bulk.ItemResult(key="d", number=4, status="failed", cost=Decimal("0.025"), failure="no [room]"),
    bulk.ItemResult(key="e", number=5, status="refused", failure="the key 'e' came twice"),
)
SUMMARY: Final = bulk.Summary(
    done=3, failed=1, refused=7, running=2, waiting=4, spent=Decimal("0.175"), reserved=Decimal(1)
)
OUT: Final = (
    "a\tdone\t$0.15\to/a.png",
    "b\tdone\t$0.00\tx, y",
    "c\tdone\t\t",
    "d\tfailed\t$0.025\tno [room]",
    "e\trefused\t\tthe key 'e' came twice",
)
TOLD: Final = "3 done, 2 failed or refused, $0.175 in all"


@pytest.fixture
def worked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Loop:
    (folder / "rows.csv").write_text(rows(1))
    loop = Loop(RESULTS, SUMMARY)
    monkeypatch.setattr(bulk, "run", lambda *_, **__: loop)
    return loop


def run(*options: str, terminal: bool = False) -> Any:
    return run_here(
        *("bulk", "run", "rows.csv", "--model", MODEL, "-o", "out", "--yes", *options),
        terminal=terminal,
        **KEY,
    )


def test_each_result_and_the_end_in_a_pipe_in_a_terminal_and_as_json(worked: Loop) -> None:
    why = "Why: runflow bulk export"
    piped = run()
    assert (piped.code, tuple(piped.out.splitlines())) == (4, OUT)
    assert piped.err.splitlines()[1:] == [TOLD, f"{why} rows.csv.journal.sqlite"]
    shown = run("--journal", "of mine.sqlite", terminal=True)
    lines = [line.strip() for line in shown.err.splitlines()]
    assert (shown.code, shown.out) == (4, "")
    assert "d failed: no [room]" in lines
    assert "e refused: the key 'e' came twice" in lines
    assert not any(line.startswith(("a done", "b done", "c done")) for line in lines)
    assert lines[-2:] == [TOLD, f"{why} 'of mine.sqlite'"]
    told = run("--json")
    assert (told.code, told.err) == (4, "")
    assert told.document == {
        **dict.fromkeys(("failed", "refused"), 1),
        "done": 3,
        "running": 2,
        "waiting": 4,
        "total": 17,
        "spent": "0.175",
        "reserved": "1",
        "journal": "rows.csv.journal.sqlite",
    }
    quiet = run("--quiet")
    assert (quiet.code, tuple(quiet.out.splitlines()), quiet.err) == (4, OUT, "")


def test_where_all_is_done_there_is_nothing_to_explain(
    folder: Path, worked: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = Loop(RESULTS[:3], bulk.Summary(done=3, spent=Decimal("0.15")))
    monkeypatch.setattr(bulk, "run", lambda *_, **__: loop)
    done = run()
    assert (done.code, done.err.splitlines()[1:]) == (
        0,
        ["3 done, 0 failed or refused, $0.15 in all"],
    )


@pytest.mark.parametrize(
    ("results", "summary", "bad"),
    [
        (RESULTS[4:], bulk.Summary(done=3), 1),
        (RESULTS[3:4], bulk.Summary(done=3, failed=1), 1),
        (RESULTS[:3], bulk.Summary(done=3, refused=2, waiting=1, running=1), 0),
    ],
)
def test_what_failed_or_was_refused_ends_badly(
    worked: Loop,
    monkeypatch: pytest.MonkeyPatch,
    results: tuple[bulk.ItemResult, ...],
    summary: bulk.Summary,
    bad: int,
) -> None:
    monkeypatch.setattr(bulk, "run", lambda *_, **__: Loop(results, summary))
    done = run()
    assert (done.code, f"3 done, {bad} failed or refused" in done.err) == (4 if bad else 0, True)


SOURCES: Final = {
    "rows.csv": "rows.csv.journal.sqlite",
    "./in/rows.csv": "rows.csv.journal.sqlite",
    "in": "in.journal.sqlite",
    "in/": "in.journal.sqlite",
    "link": "in.journal.sqlite",
    "in/.": "in.journal.sqlite",
    "in/..": "here.journal.sqlite",
    ".": "here.journal.sqlite",
}


@pytest.mark.parametrize("source", SOURCES)
def test_the_journal_is_named_after_what_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    here = folder / "here"
    (here / "in").mkdir(parents=True)
    (here / "link").symlink_to("in")
    for place in (here, here / "in"):
        (place / "rows.csv").write_text(rows(1))
    monkeypatch.chdir(here)
    asked: list[Path] = []

    def stop(*given: Any, journal: Path, **options: Any) -> None:
        asked.append(journal)
        raise KeyboardInterrupt

    monkeypatch.setattr(bulk, "run", stop)
    run_here(
        *("bulk", "run", source, "--model", "acme/newer", "-o", "../out", "--yes"),
        *("--template", "prompt={path}" if "csv" not in source else "prompt={prompt}"),
        **KEY,
    )
    assert asked == [Path(SOURCES[source])]


def test_a_link_to_the_folder_that_is_read_takes_no_outputs(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "link").symlink_to("in")
    for source, output in (("in", "link"), ("link", "in/out"), ("in", "in"), ("link/", "link/a/b")):
        refused = run_here("bulk", "run", source, "--model", "acme/newer", "-o", output, "--yes")
        assert (refused.code, "would become inputs" in refused.err) == (2, True), (source, output)
    beside = run_here("bulk", "run", "in", "--model", MODEL, "-o", "inside", "--dry-run")
    assert "would become inputs" not in beside.err


def test_names_that_are_too_long_are_those_of_a_mistake(folder: Path) -> None:
    long = 300 * "x"
    (folder / "rows.csv").write_text(rows(1))
    given = ("bulk", "run", "--model", MODEL, "--yes")
    said = [
        run_here(*given, long, "-o", "out"),
        run_here(*given, "rows.csv", "-o", long, **KEY),
        run_here(*given, "rows.csv", "-o", "out", "--journal", long, **KEY),
        *(run_here("bulk", name, long) for name in ("status", "retry", "export")),
    ]
    assert [(one.code, one.out) for one in said] == [(2, "")] * len(said)
    assert all("File name too long" in one.err for one in said)


def test_without_a_key_nothing_is_made(folder: Path) -> None:
    (folder / "rows.csv").write_text(rows(1))
    refused = run_here(
        *("bulk", "run", "rows.csv", "--model", MODEL, "-o", "out", "--yes"),
        HOME=str(folder / "home"),
    )
    assert (refused.code, "RUNFLOW_API_KEY" in refused.err) == (2, True)
    assert [path.name for path in folder.iterdir()] == ["rows.csv"]


def test_what_a_status_and_a_retry_say_of_a_journal(folder: Path) -> None:
    path = folder / "j.sqlite"
    template = bulk.template_mark({"prompt": "a {animal}"})
    with bulk.Journal.open(path, model=MODEL, template=template) as journal:
        journal.keep_output(Path("/made"))
        journal.add("a", 1, "", "{}", "mark")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE items SET state = 'done'")
    assert run_here("bulk", "status", "j.sqlite").out.splitlines() == [
        f"model: {MODEL}",
        f"template: {template}",
        "output: /made",
        "is_working: False",
        *("done: 1", "failed: 0", "refused: 0", "running: 0", "waiting: 0"),
        *("spent: 0", "reserved: 0", "total: 1"),
    ]
    nothing = run_here("bulk", "retry", "j.sqlite")
    assert (nothing.out, nothing.err) == ("0 items will be tried again\n", "")
    with bulk.Journal.reopen(path) as journal:
        journal.settle("a", "failed")
    some = run_here("bulk", "retry", "j.sqlite")
    assert some.out == "1 items will be tried again\n"
    assert some.err == "Start them with the same `runflow bulk run` as before.\n"


TEMPLATES: Final[dict[str, tuple[tuple[str, ...], object]]] = {
    "a field": (("prompt= A {x} ",), {"prompt": " A {x} "}),
    "a field with a sign in its text": (("prompt=a=b",), {"prompt": "a=b"}),
    "an empty text": (("prompt=",), {"prompt": ""}),
    "fields": (("prompt={x}", "seed=7"), {"prompt": "{x}", "seed": "7"}),
    "JSON": (('{"prompt": "{x}", "seed": null}',), {"prompt": "{x}", "seed": None}),
    "JSON after blanks, and a field": ((' {"seed": 7}', "prompt=x"), {"prompt": "x", "seed": 7}),
    "a file": (("template.json",), {"prompt": "of a file"}),
    "a file whose name has a sign": (("prompt=x.json",), {"prompt": "of the other"}),
    "a file and a field": (("template.json", "seed=7"), {"prompt": "of a file", "seed": "7"}),
    "a field twice": (("template.json", "prompt=x"), "--template sets 'prompt' twice"),
    "no field": (("",), "--template is empty"),
    "blanks": ((" ",), "--template is empty"),
    "no JSON": (
        ("{",),
        "--template is not JSON: Expecting property name enclosed in double quotes",
    ),
    "JSON without an end": (('{"a":' * 9999,), "--template is not JSON: maximum recursion depth"),
    "no file": (("gone.json",), "gone.json cannot be read"),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_form_of_a_template(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (folder / "rows.csv").write_text("x,seed\n1,2\n")
    (folder / "template.json").write_text('{"prompt": "of a file"}')
    (folder / "prompt=x.json").write_text('{"prompt": "of the other"}')
    asked: list[Any] = []
    read = bulk.read_items

    def note(*given: Any, template: Any, **options: Any) -> Any:
        asked.append(template)
        return read(*given, template=template, **options)

    monkeypatch.setattr(bulk, "read_items", note)
    texts, expected = TEMPLATES[name]
    options = [part for text in texts for part in ("--template", text)]
    done = run_here(
        *("bulk", "run", "rows.csv", "--model", MODEL, "-o", "out", "--dry-run", *options)
    )
    if isinstance(expected, str):
        assert (done.code, asked) == (2, [])
        assert expected in done.err.splitlines()[0]
    else:
        assert asked == [expected]
