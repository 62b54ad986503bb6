"""`runflow bulk`: the estimate and the question, the table, the journal's commands, exit codes."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from runflow_client import bulk
from runflow_mock import MockRunflow

from ..cli.conftest import Done, Run, Spawn, ended

MODEL = "google/nano-banana-pro"
ROWS = "key,prompt\na,A cat\nb,A dog\nc,A bird\n"


@pytest.fixture
def started(runflow: Run, tmp_path: Path) -> Run:
    """Start a bulk run of x.csv, with options."""
    (tmp_path / "x.csv").write_text(ROWS)

    def start(*options: str, source: str = "x.csv") -> Done:
        return runflow("bulk", "run", source, "--model", MODEL, "-o", "out", *options)

    return start


def test_rows_are_run_saved_and_not_paid_twice(
    started: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    done = started("--yes")
    assert done.code == 0, done.err
    assert "3 to run. The price is $0.45" in done.err
    lines = sorted(line.split("\t") for line in done.out.splitlines())
    assert [line[:3] for line in lines] == [[key, "done", "$0.15"] for key in "abc"]
    assert all((tmp_path / line[3]).stat().st_size for line in lines)
    again = started("--json")
    assert again.code == 0, "nothing is to be paid, so there is no question"
    assert (again.document["done"], again.document["spent"]) == (3, "0.45")
    assert len(mock.ledger) == 3


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
"""Runs a command for which a folder is read-only, in name spaces of its own."""


def in_read_only(
    folder: Path, mock: MockRunflow, *command: str
) -> subprocess.CompletedProcess[str]:
    access = {"RUNFLOW_BASE_URL": mock.base_url, "RUNFLOW_API_KEY": mock.api_key}
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", READ_ONLY, str(folder), *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
        env={**os.environ, **access},
    )


def test_a_journal_on_a_read_only_medium_is_read_and_not_worked_with(
    started: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    if shutil.which("unshare") is None or in_read_only(kept, mock, "true").returncode:
        pytest.skip("this system lets nobody mount a folder read-only in a name space")
    assert started("--yes", "--journal", "j.sqlite").code == 0
    journal = str(shutil.copy(tmp_path / "j.sqlite", kept))  # without what SQLite keeps beside it
    command = (sys.executable, "-m", "runflow_client.cli", "bulk")
    looked = in_read_only(kept, mock, *command, "status", journal)
    assert "done: 3" in looked.stdout.splitlines(), looked.stderr
    with bulk.Journal.open(tmp_path / "j.sqlite", model=MODEL) as opened:
        opened.add("d", 4, "", "{}", "mark")
        for end in ("", "-wal"):
            shutil.copy(f"{opened.path}{end}", kept)
        read = "import sys; from runflow_client import bulk; bulk.Journal.read(sys.argv[1])"
        looked = in_read_only(kept, mock, sys.executable, "-c", read, journal)
    assert "JournalRefused" in looked.stderr, "what its log holds is not passed over"
    (kept / "j.sqlite-wal").unlink()
    sent = len(mock.requests)
    refused = in_read_only(
        kept,
        mock,
        *command,
        "run",
        "x.csv",
        "--model",
        MODEL,
        "-o",
        "out",
        "--journal",
        journal,
        "--yes",
    )
    assert refused.returncode == 2
    assert refused.stderr.splitlines()[-1].endswith(
        f"the journal {journal} cannot be written: it is read-only here"
    )
    assert len(mock.requests) == sent


def test_without_a_terminal_the_question_needs_an_answer_beforehand(
    started: Run, mock: MockRunflow
) -> None:
    refused = started()
    assert refused.code == 2
    assert "Give --yes, or --max-cost USD. Nothing was sent." in refused.err
    assert mock.requests == []


def test_a_dry_run_needs_no_key_and_sends_nothing(
    runflow: Run, started: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    told = runflow(
        *("bulk", "run", "x.csv", "--model", MODEL, "-o", "out", "--dry-run", "--json"),
        RUNFLOW_API_KEY="",
    )
    assert (told.code, told.document["plan"]["price"]) == (0, "0.45")
    assert mock.requests == []
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == ["x.csv"]


def test_a_bad_row_is_told_and_the_others_are_run(
    started: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("key,prompt,seed\na,A cat,1\nb,A dog,x\na,A bird,2\n")
    done = started("--yes")
    assert done.code == 4
    assert "x.csv, line 3: seed is 'x', expected a whole number\n" in done.err
    assert "x.csv, line 4: the key 'a' came twice, first in x.csv, line 2\n" in done.err
    assert len(mock.ledger) == 1
    with bulk.Journal.read(tmp_path / "x.csv.journal.sqlite") as journal:
        assert [(entry.key, entry.state) for entry in journal.entries()] == [
            ("a", "done"),
            ("b", "refused"),
        ]


def test_strict_starts_nothing_if_a_row_is_bad(
    started: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("prompt,seed\nA cat,1\nA dog,x\n")
    refused = started("--yes", "--strict", "--quiet")
    assert refused.code == 2
    assert refused.err.splitlines() == [
        "runflow: 1 items cannot be run, the first in x.csv, line 3: seed is 'x', expected a whole "
        "number",
        "Without --strict the others are run. Nothing was sent.",
    ]
    assert mock.requests == []


def _newer(path: Path) -> None:
    import sqlite3

    bulk.Journal.open(path, model=MODEL).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9")
    connection.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--template", "promt=A {key}"), "'promt', which is no field"),
        (("--template", "prompt=A {animal}"), "the template needs the column 'animal'"),
        (("--template", "{"), "--template is not JSON"),
        (("--template", "gone.json"), "gone.json cannot be read"),
        (("--template", ""), "--template is empty"),
        (("--template", "prompt={key}", "--template", '{"prompt": "x"}'), "sets 'prompt' twice"),
        (("--template", "prompt={key:>9}"), "a name without a format"),
        (("--template", "prompt={key"), "is broken"),
        (("--model", "nano"), "model is 'nano': expected owner/name"),
        (("--rate", "nan"), "--rate is nan"),
        (("--rate", "inf"), "--rate is inf"),
        (("--key", "name"), "there is no column 'name' for the keys"),
        (("--max-cost", "much"), "--max-cost is 'much'"),
        (("--rate", "0"), "--rate is 0"),
        (("--concurrency", "0"), "--concurrency"),
        (("-o", "x.csv"), "x.csv is a file, and the outputs need a folder"),
        (("--journal", "other.sqlite"), "is the journal of a/b, not of google/nano-banana-pro"),
        (("--journal", "template.sqlite"), "was begun with another template"),
        (("--journal", "newer.sqlite"), "was written by a newer version"),
        (("--journal", "x.csv"), "is not a journal of a bulk run"),
        (("--journal", "gone/j.sqlite"), "there is no folder gone"),
        (("--journal", "/proc/j.sqlite"), "cannot be used"),
        (("--journal", "folder"), "folder is no file"),
        (("--journal", "out"), "out is a folder: the journal is a file"),
        (("-o", "x.csv/out"), "the outputs cannot be saved in x.csv/out"),
    ],
)
def test_what_cannot_be_right_is_one_sentence_and_pays_nothing(
    started: Run, mock: MockRunflow, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    bulk.Journal.open(tmp_path / "other.sqlite", model="a/b").close()
    bulk.Journal.open(tmp_path / "template.sqlite", model=MODEL, template="{}").close()
    _newer(tmp_path / "newer.sqlite")
    (tmp_path / "folder").mkdir()
    refused = started("--yes", "--quiet", *options)
    assert refused.code == 2, refused
    assert message in refused.err.splitlines()[0]
    assert refused.err.startswith("runflow: ")
    assert len(refused.err.splitlines()) <= 2
    assert refused.out == ""
    assert mock.requests == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("gone.csv", None, "there is no file or folder gone.csv"),
        ("x.txt", "x", "is of no known format"),
        ("x.csv", "prompt\n", "there is nothing to run in x.csv"),
        ("x.csv", "prompt\n\n\n", "there is nothing to run in x.csv"),
        ("x.csv", "promt\nA cat\n", "Did you mean 'prompt'?"),
        ("x.jsonl", "", "there is nothing to run in x.jsonl"),
        ("x.parquet", "x", "is no Parquet file"),
        ("folder/x.txt", "x", "which field of google/nano-banana-pro takes the files"),
    ],
)
def test_inputs_that_cannot_be_used_are_one_sentence(
    started: Run, mock: MockRunflow, tmp_path: Path, name: str, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content)
    refused = started("--yes", "--quiet", source=name.partition("/")[0])
    assert (refused.code, refused.out) == (2, "")
    assert message in refused.err.splitlines()[0]
    assert mock.requests == []


def test_outputs_do_not_become_inputs(runflow: Run, mock: MockRunflow, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    refused = runflow(
        *("bulk", "run", "photos", "--model", "runflow/background-removal", "-o", "photos/out")
    )
    assert refused.code == 2
    assert "would become inputs" in refused.err
    assert mock.requests == []


def test_a_model_that_is_nearly_one_of_the_catalog_is_suggested(
    runflow: Run, started: Run, mock: MockRunflow
) -> None:
    started("--dry-run")  # makes the table
    done = runflow("bulk", "run", "x.csv", "--model", "google/nano-banana-po", "-o", "out")
    assert done.code == 2
    assert f"Did you mean '{MODEL}'?" in done.err
    assert mock.requests == []


def test_it_stops_at_max_cost_and_continues(started: Run, mock: MockRunflow) -> None:
    stopped = started("--max-cost", "0.35")
    assert stopped.code == 8
    assert "--max-cost is $0.35" in stopped.err
    assert "$0.30 spent; 0 runs ($0) under way" in stopped.err
    assert len(mock.ledger) == 2
    assert started("--max-cost", "0.45", "--json").document["done"] == 3


def refuse_the_key(operation: str, after: int = 0) -> Callable[[MockRunflow], None]:
    """Refuse the key from the request after so many on."""

    def prepare(mock: MockRunflow) -> None:
        if after:
            mock.fail_next(operation, fault="unknown_field", count=after)
        mock.fail_next(operation, status=401, count=None)

    return prepare


def spend_all_but(amount: str) -> Callable[[MockRunflow], None]:
    def prepare(mock: MockRunflow) -> None:
        mock.balance = amount

    return prepare


IN_THE_MIDDLE = {
    "credit": (spend_all_but("0.40"), "the credit is used up", "Top up at", 2),
    "the key, at a create": (refuse_the_key("create_run", 2), "401", "runflow login", 2),
    "the key, at a poll": (refuse_the_key("get_run"), "401", "runflow login", 1),
}


@pytest.mark.parametrize("name", IN_THE_MIDDLE)
@pytest.mark.parametrize("form", ["text", "json"])
def test_what_ends_in_the_middle_is_one_sentence_and_nothing_more_is_paid(
    started: Run, mock: MockRunflow, name: str, form: str
) -> None:
    prepare, why, remedy, paid = IN_THE_MIDDLE[name]
    prepare(mock)
    stopped = started("--yes", "--concurrency", "1", *(["--json"] if form == "json" else []))
    assert stopped.code == 3
    if form == "json":
        error = stopped.document["error"]
        assert (error["kind"], stopped.err) == ("BulkStopped", "")
        told = f"{error['message']}\n{error['remedy']}"
    else:
        (told,) = re.findall(r"^runflow: [^\n]*\n[^\n]*$", stopped.err.rstrip(), re.MULTILINE)
        assert "Traceback" not in stopped.err
    assert why in told.partition("\n")[0]
    assert remedy in told.partition("\n")[2]
    assert len(mock.ledger) <= paid
    mock.faults.clear()
    mock.balance = "9"
    assert started("--yes", "--json").document["done"] == 3
    assert len(mock.ledger) == len(mock.runs) == 3


def test_a_price_that_is_not_known_cannot_be_kept_below_max_cost(
    runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("prompt\nA cat\n")
    refused = runflow(
        *("bulk", "run", "x.csv", "--model", "google/veo3.1", "-o", "out", "--max-cost", "9")
    )
    assert refused.code == 2
    assert "the price of 1 items is not known before, so --max-cost cannot be kept" in refused.err
    assert mock.requests == []


def test_in_a_terminal_it_asks_and_draws_a_table(
    spawn: Spawn, started: Run, mock: MockRunflow
) -> None:
    command = ("bulk", "run", "x.csv", "--model", MODEL, "-o", "out")
    child = spawn(*command)
    child.expect("The price is .0.45")
    child.expect("Run them")
    child.sendline("n")
    assert ended(child)[0] == 2
    assert mock.requests == []
    child = spawn(*command)
    child.expect("Run them")
    child.sendline("y")
    for heading in ("DONE", "RUNNING", "FAILED", "COST", "RATE", "LEFT"):
        child.expect(heading)
    child.expect(r"3/3[^\n]*\$0\.45")
    code, rest = ended(child)
    assert (code, "3 done, 0 failed or refused, $0.45 in all" in rest) == (0, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_cleanly_and_the_same_command_continues(
    spawn: Spawn, started: Run, mock: MockRunflow, tmp_path: Path, number: int
) -> None:
    (tmp_path / "x.csv").write_text("prompt\n" + "A cat\n" * 20)
    child = spawn(
        *("bulk", "run", "x.csv", "--model", MODEL, "-o", "out", "--yes", "--concurrency", "1")
    )
    child.expect(r"[12]/20")
    os.kill(child.pid, number)
    child.expect(f"{signal.Signals(number).name} came")
    code, rest = ended(child)
    assert code == 130
    assert "Start it again with the same journal" in " ".join(rest.split())
    assert 0 < len(mock.runs) < 20
    assert started("--yes", "--json").document["done"] == 20
    assert len(mock.ledger) == len(mock.runs) == 20


def test_a_second_process_is_refused_by_name(
    spawn: Spawn, started: Run, runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    (tmp_path / "x.csv").write_text("prompt\n" + "A cat\n" * 20)
    child = spawn(
        *("bulk", "run", "x.csv", "--model", MODEL, "-o", "out", "--yes", "--concurrency", "1")
    )
    child.expect("1/20")
    mock.next_outcome("never")
    while mock.unused:  # until the first process has created this run, which holds it up
        time.sleep(0.01)
    refused = started("--yes", "--quiet")
    assert refused.code == 2
    assert f"is in use by process {child.pid} on " in refused.err
    assert "is_working: True" in runflow("bulk", "status", "x.csv.journal.sqlite").out
    os.kill(child.pid, signal.SIGTERM)
    ended(child)
    assert "is_working: False" in runflow("bulk", "status", "x.csv.journal.sqlite").out


def test_failures_are_exported_and_tried_again(
    started: Run, runflow: Run, mock: MockRunflow, tmp_path: Path
) -> None:
    mock.next_outcome("failed", count=2, failure_code="boom", failure_message="It broke")
    first = started("--yes", "--concurrency", "1")
    assert first.code == 4
    journal = "x.csv.journal.sqlite"
    rows = list(csv.DictReader(io.StringIO(runflow("bulk", "export", journal).out)))
    assert [(row["key"], row["status"], row["failure_code"]) for row in rows] == [
        ("a", "failed", "boom"),
        ("b", "done", ""),
        ("c", "done", ""),
    ]
    assert rows[0]["failure"] == "It broke"
    assert Path(rows[1]["files"]).read_bytes()[:4] == b"\x89PNG"
    assert (rows[1]["prompt"], rows[1]["cost"]) == ("A dog", "0.15")
    assert started("--yes").code == 4, "what failed is not run again by itself"
    again = runflow("bulk", "retry", journal, "--json")
    assert again.document == {"to_retry": 1}
    assert started("--yes").code == 0
    assert len(mock.runs) == 5


def test_the_three_forms_say_the_same(started: Run, runflow: Run, tmp_path: Path) -> None:
    assert started("--yes").code == 0
    for form in ("csv", "jsonl", "parquet"):
        done = runflow("bulk", "export", "x.csv.journal.sqlite", "-o", f"all.{form}")
        assert (done.code, done.out) == (0, f"all.{form}\n")
    lines = (tmp_path / "all.jsonl").read_text().splitlines()
    records: list[dict[str, Any]] = [json.loads(line) for line in lines]
    table = parquet.read_table(tmp_path / "all.parquet").to_pylist()
    with (tmp_path / "all.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for record, other, row in zip(records, table, rows, strict=True):
        assert record["cost"] == float(other["cost"]) == float(row["cost"]) == 0.15
        for name in ("key", "status", "prompt", "run_id", "place"):
            assert record[name] == other[name] == row[name]
        assert record["files"] == other["files"] == row["files"].splitlines()
    kept = (tmp_path / "all.csv").read_bytes()
    refused = runflow("bulk", "export", "x.csv.journal.sqlite", "-o", "all.csv")
    assert (refused.code, "exists already" in refused.err) == (2, True)
    assert (tmp_path / "all.csv").read_bytes() == kept
    wrong = runflow("bulk", "export", "x.csv.journal.sqlite", "-o", "all.xlsx")
    assert (wrong.code, "ends with none of .csv" in wrong.err) == (2, True)
    exported = ("bulk", "export", "x.csv.journal.sqlite", "--overwrite", "-o")
    (tmp_path / "all.csv").write_bytes(b"old")
    (tmp_path / "all.csv").chmod(0o640)
    (tmp_path / "link.csv").symlink_to("all.csv")
    assert runflow(*exported, "link.csv").code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "all.csv").read_bytes() == kept
    assert (tmp_path / "all.csv").stat().st_mode & 0o777 == 0o640
    os.mkfifo(tmp_path / "pipe.csv")
    pipe = runflow(*exported, "pipe.csv")
    assert (pipe.code != 0, "not a regular file" in pipe.err) == (True, True)
    assert (tmp_path / "pipe.csv").is_fifo()


@pytest.mark.parametrize("name", ["status", "retry", "export"])
def test_what_is_no_journal_is_refused(runflow: Run, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.csv").write_text(ROWS)
    for file, message in (("gone.sqlite", "there is no journal"), ("x.csv", "is not a journal")):
        refused = runflow("bulk", name, file)
        assert (refused.code, refused.out) == (2, "")
        assert message in refused.err


def test_without_pyarrow_the_extra_is_named(started: Run, runflow: Run, tmp_path: Path) -> None:
    (tmp_path / "pyarrow.py").write_text("raise ModuleNotFoundError(name='pyarrow')")
    (tmp_path / "x.parquet").write_text("x")
    refused = runflow(
        *("bulk", "run", "x.parquet", "--model", MODEL, "-o", "out", "--yes"),
        PYTHONPATH=str(tmp_path),
    )
    assert 'pip install "runflow-client[bulk]"' in refused.err
