"""What the command says of a journal that a process works with, and of many items."""

import io
from pathlib import Path
from typing import Final

import pytest
from pyarrow import parquet
from runflow_client import bulk

from ..cli.in_process import run_here

MODEL: Final = "google/nano-banana-pro"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return a journal with one refused item."""
    path = tmp_path / "j.sqlite"
    with bulk.Journal.open(path, model=MODEL) as opened:
        opened.refuse("a", 1, "line 2", "no such column")
    return path


def status(path: Path) -> dict[str, object]:
    done = run_here("bulk", "status", str(path), "--json")
    assert done.code == 0, done.err
    facts: dict[str, object] = done.document
    return facts


def test_a_journal_is_read_while_a_process_works_with_it(journal: Path) -> None:
    with bulk.Journal.open(journal, model=MODEL):
        assert status(journal)["is_working"] is True
        exported = run_here("bulk", "export", str(journal))
        assert (exported.code, exported.out.count("\n")) == (0, 2)
        retried = run_here("bulk", "retry", str(journal), "--json")
        assert (retried.code, retried.document["error"]["kind"]) == (2, "JournalInUse")
    assert status(journal) == {
        "model": MODEL,
        "template": None,
        "output": None,
        "is_working": False,
        **dict.fromkeys(("done", "failed", "running", "waiting"), 0),
        "refused": 1,
        "total": 1,
        "spent": "0",
        "reserved": "0",
    }
    retried = run_here("bulk", "retry", str(journal))
    assert (retried.code, retried.out) == (0, "1 items will be tried again\n")
    assert status(journal)["waiting"] == 1


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_every_item_of_many_is_exported(tmp_path: Path, form: str) -> None:
    keys = [f"k{number:03}" for number in range(600)]
    with bulk.Journal.open(tmp_path / "j.sqlite", model=MODEL) as journal:
        for number, key in enumerate(keys):
            journal.refuse(key, number, "", "no")
        target = io.BytesIO()
        bulk.export(journal, target, form)
    content = target.getvalue()
    if form == "parquet":
        file = parquet.ParquetFile(io.BytesIO(content))
        assert file.num_row_groups == 3, "no more rows than are to be in memory"
        found = file.read().column("key").to_pylist()
    else:
        lines = content.decode().splitlines()[1 if form == "csv" else 0 :]
        found = [line.split(",")[0].removeprefix('{"key": ').strip('"') for line in lines]
    assert found == keys


@pytest.mark.parametrize(
    ("output", "asked", "form"),
    [
        ("-", None, "csv"),
        ("-", "jsonl", "jsonl"),
        ("x.jsonl", None, "jsonl"),
        ("x.txt", "csv", "csv"),
        ("x.csv", "jsonl", "jsonl"),
    ],
)
def test_the_form_is_that_which_is_asked_for_or_that_of_the_file(
    journal: Path, monkeypatch: pytest.MonkeyPatch, output: str, asked: str | None, form: str
) -> None:
    monkeypatch.chdir(journal.parent)
    options = [] if asked is None else ["--format", asked]
    done = run_here("bulk", "export", "j.sqlite", "-o", output, *options)
    content = done.out if output == "-" else Path(output).read_text()
    assert (done.code, content.startswith('{"key": "a"')) == (0, form == "jsonl"), done.err
    assert output == "-" or done.out == f"{output}\n"


def test_a_damaged_journal_is_said_to_be_one_while_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "j.sqlite"
    with bulk.Journal.open(path, model=MODEL) as journal:
        for number in range(300):
            journal.refuse(f"k{number:03}", number, "", 200 * "x")
    with path.open("r+b") as file:
        file.seek(16_384)
        file.write(b"\xff" * 16_384)
    with bulk.Journal.read(path) as journal, pytest.raises(bulk.JournalRefused, match="malformed"):
        list(journal.entries())
    done = run_here("bulk", "export", str(path))
    assert (done.code, "malformed" in done.err, "Traceback" in done.err) == (2, True, False)
