"""What `runflow bulk run` plans: as a document, of the template of its journal, and of a folder."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from runflow_client import bulk

from ..cli.in_process import run_here
from .test_command_words import BAD, KEY, MODEL, Loop, begun, rows

GIVEN: Final = ("bulk", "run", "rows.csv", "--model", MODEL, "-o", "out")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rows.csv").write_text(rows(6, "b,x,5K"))
    return tmp_path


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The keys of the items of each bulk run that is asked for; nothing is sent."""
    found: list[list[str]] = []

    def run(model: str, items: Any, **options: Any) -> Loop:
        found.append([item.key for item in items])
        return Loop((), bulk.Summary())

    monkeypatch.setattr(bulk, "run", run)
    return found


def test_a_plan_as_a_document(folder: Path) -> None:
    begun(folder / "rows.csv.journal.sqlite", "created", "done", "created", "failed")
    told = run_here(*GIVEN, "--dry-run", "--json")
    refused = {"key": "b", "place": "rows.csv, line 8", "reason": BAD}
    assert (told.code, told.err) == (0, "")
    assert told.document == {
        "plan": {
            "to_run": 2,
            "under_way": 2,
            "ended": 2,
            "refused": 1,
            "first_refused": [refused],
            "amount": "0.30",
            "unpriced": 0,
            "price": "0.30",
        }
    }
    (folder / "rows.csv").write_text("prompt,num_images\nx,two\n")
    told = run_here(*GIVEN, "--dry-run", "--json", "--unchecked", "--journal", "other")
    assert (told.document["plan"]["unpriced"], told.document["plan"]["price"]) == (1, None)


def test_a_journal_is_continued_with_its_template_alone(folder: Path) -> None:
    template = ("--template", "prompt=A {prompt}")
    mark = bulk.template_mark({"prompt": "A {prompt}"})
    with bulk.Journal.open("rows.csv.journal.sqlite", model=MODEL, template=mark) as journal:
        journal.add("k0", 1, "", "{}", "mark")
        journal.intend("k0", 1, "ref", Decimal("0.15"))
    told = run_here(*GIVEN, "--dry-run", *template)
    assert (told.code, told.err) == (0, "6 to run, 1 under way. The price is $0.90\n")
    for other in ((), ("--template", "prompt=B {prompt}")):
        refused = run_here(*GIVEN, "--dry-run", *other)
        assert (refused.code, "begun with another template" in refused.err) == (2, True)


STATES: Final[dict[str, tuple[str, ...]]] = {
    "under way": ("created",),
    "done": ("done",),
    "failed": ("failed",),
    "under way and done": ("created", "done"),
}


@pytest.mark.parametrize("name", STATES)
def test_what_is_paid_already_is_not_asked_about(
    folder: Path, asked: list[list[str]], name: str
) -> None:
    states = STATES[name]
    (folder / "rows.csv").write_text(rows(len(states)))
    begun(folder / "rows.csv.journal.sqlite", *states)
    done = run_here(*GIVEN, **KEY)
    assert (done.code, asked) == (0, [[f"k{number}" for number in range(len(states))]])


@pytest.mark.parametrize("option", [(), ("--yes",), ("--max-cost", "0"), ("--max-cost", "9")])
def test_what_is_yet_to_be_paid_is_asked_about_without_a_limit(
    asked: list[list[str]], option: tuple[str, ...]
) -> None:
    done = run_here(*GIVEN, *option, **KEY)
    if option:
        assert len(asked) == 1
    else:
        assert (done.code, asked) == (2, [])
        assert "Give --yes, or --max-cost USD. Nothing was sent." in done.err


def test_nothing_but_refused_rows_is_nothing_to_run(folder: Path, asked: list[list[str]]) -> None:
    (folder / "rows.csv").write_text(rows(0, "b,x,5K"))
    refused = run_here(*GIVEN, "--yes", **KEY)
    assert (refused.code, asked) == (2, [])
    assert refused.err.endswith("there is nothing to run in rows.csv\nNothing was sent.\n")


def _texts(source: str, *options: str) -> Any:
    given = ("--model", MODEL, "--template", "prompt={name}", "-o", "../out", "--yes")
    return run_here("bulk", "run", source, *given, *options, **KEY)


@pytest.fixture
def inside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder with one text, which is read."""
    place = folder / "texts"
    (place / ".kept").mkdir(parents=True)
    (place / "a.txt").touch()
    (folder / "link").symlink_to("texts")
    monkeypatch.chdir(place)
    return place


def test_a_journal_in_the_folder_that_is_read_is_no_input(
    inside: Path, asked: list[list[str]]
) -> None:
    with bulk.Journal.open("texts.journal.sqlite", model=MODEL) as journal:
        journal.refuse("x", 1, "", "no")
        assert len(list(inside.glob("texts.journal.sqlite*"))) == 4, "SQLite's files are there"
        items = bulk.read_items(inside, MODEL, template={"prompt": "{name}"})
        assert [item.key for item in items] == ["a.txt"]
    (inside / "texts.journal.sqlite").unlink()
    _texts(".")
    _texts(".", "--journal", ".mine")
    _texts("../link", "--journal", ".kept/j.sqlite")
    _texts(".", "--journal", "../j.sqlite")
    assert asked == [["a.txt"]] * 4


@pytest.mark.parametrize("journal", ["j.sqlite", "../link/j.sqlite", "../texts/j.sqlite", "a.txt"])
@pytest.mark.parametrize("source", [".", "../link"])
def test_a_journal_that_would_become_an_input_is_refused(
    inside: Path, asked: list[list[str]], source: str, journal: str
) -> None:
    refused = _texts(source, "--journal", journal)
    assert refused.code == 2
    assert refused.err.splitlines()[-2:] == [
        f"runflow: the journal {journal} would become an input: {source} is read with all its "
        "folders",
        "Give another place with --journal. Nothing was sent.",
    ]
    assert (asked, sorted(os.listdir())) == ([], [".kept", "a.txt"])
