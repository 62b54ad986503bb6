"""An export, and a plan, of a journal with one item in each state, to the last column."""

import io
import json
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet
from runflow_client import InvalidArgument
from runflow_client.bulk import BadItem, Item, Journal, JournalRefused, Plan, export, plan
from runflow_client.inputs import GoogleNanoBanana2

MODEL = "google/nano-banana-pro"
STATES = ("waiting", "intended", "created", "ended", "done", "failed", "refused")
HEADING = "key,status,prompt,files,cost,run_id,failure_code,failure,seconds,place,input\r\n"


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """Return a journal with one item in each state, whose run took from 1000 s to 1010.25 s."""
    path = tmp_path / "j.sqlite"
    with Journal.open(path, model=MODEL) as opened:
        opened.keep_output(Path("/made"))
        for number, state in enumerate(STATES, start=1):
            shown = json.dumps({"prompt": f"a {state}, lamp"})
            opened.add(state, number, f"line {number + 1}", shown, "mark")
            if state not in {"waiting", "refused"}:
                opened.intend(state, 1, f"ref-{state}", Decimal("0.15"))
            if state not in {"waiting", "refused", "intended"}:
                opened.created(state, 1, f"run-{state}")
            if state in {"ended", "done", "failed"}:
                opened.ended(
                    state, 1, state, status="succeeded", cost=Decimal("0.20"), duration_ms=900
                )
            if state in {"done", "failed", "refused"}:
                code = None if state == "done" else "CODE"
                opened.settle(state, state, code, code and "it is so")
        opened.expect_file("done", 0, "done+1.png")
        opened.saved("done", 0, 21)
        opened.expect_file("done", 1, "done+2.png")
        opened.expect_file("done", 2, "done+3.png")
        opened.saved("done", 2, 0)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE runs SET intended_at = 1000, created_at = 1001.5")
        connection.execute("UPDATE runs SET ended_at = 1010.25 WHERE ended_at IS NOT NULL")
    return path


def exported(path: Path, form: str) -> str:
    target = io.BytesIO()
    with Journal.read(path) as opened:
        export(opened, target, form)
    return target.getvalue().decode()


def test_each_column_of_a_csv(journal: Path) -> None:
    rows = {
        "waiting": ",,,,,",
        "intended": ",,,,,",
        "created": ",,run-created,,,",
        "ended": ",0.20,run-ended,,,10.25",
        "done": '"/made/done+1.png\n/made/done+3.png",0.20,run-done,,,10.25',
        "failed": ",0.20,run-failed,CODE,it is so,10.25",
        "refused": ",,,CODE,it is so,",
    }
    assert exported(journal, "csv") == HEADING + "".join(
        f'{state},{state},"a {state}, lamp",{facts},line {number},'
        f'"{{""prompt"": ""a {state}, lamp""}}"\r\n'
        for number, (state, facts) in enumerate(rows.items(), start=2)
    )


def test_each_member_of_a_json_line(journal: Path) -> None:
    lines = [json.loads(line) for line in exported(journal, "jsonl").splitlines()]
    assert [line["key"] for line in lines] == list(STATES)
    assert lines[4] == {
        "key": "done",
        "status": "done",
        "prompt": "a done, lamp",
        "files": ["/made/done+1.png", "/made/done+3.png"],
        "cost": 0.2,
        "run_id": "run-done",
        "failure_code": None,
        "failure": None,
        "seconds": 10.25,
        "place": "line 6",
        "input": {"prompt": "a done, lamp"},
    }


def test_items_come_in_the_order_of_the_newest_start(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "j.sqlite", model=MODEL) as opened:
        for number, key in enumerate("bac", start=1):
            opened.add(key, number, "", "{}", "mark")
        for number, key in enumerate("cba", start=1):
            opened.meet(key, number, "")
        assert [entry.key for entry in opened.entries()] == ["c", "b", "a"]
        assert [entry.key for entry in opened.entries("done", "waiting")] == ["c", "b", "a"]
        for key in "ed":  # which an earlier start has left
            opened.add(key, 3, "", "{}", "mark")
        assert [entry.key for entry in opened.entries()] == ["c", "b", "a", "d", "e"]


@pytest.mark.parametrize("target", [None, "results.csv", Path("results.csv")])
def test_what_takes_no_bytes_is_no_target(journal: Path, target: Any) -> None:
    with Journal.read(journal) as opened, pytest.raises(InvalidArgument, match=r"^target is "):
        export(opened, target, "csv")


def test_a_plan_counts_each_state(journal: Path) -> None:
    items: list[Item | BadItem] = [Item(state, {"prompt": "a lamp"}) for state in STATES]
    items += [
        Item("other", GoogleNanoBanana2(prompt="a lamp"), "line 9"),
        Item("new", {"prompt": "a lamp", "num_images": 2}),
        Item("new", {"prompt": "a lamp"}, "line 10"),
        BadItem("bad", "no prompt", "line 11"),
        Item("odd", {"prompt": "a lamp", "num_images": "two"}),
    ]
    assert plan(MODEL, items, journal=journal) == Plan(
        to_run=4,
        under_way=2,
        ended=3,
        refused=3,
        first_refused=[
            BadItem(
                "other", f"it is an input of google/nano-banana-2, and not of {MODEL}", "line 9"
            ),
            BadItem("new", "the key 'new' came twice", "line 10"),
            BadItem("bad", "no prompt", "line 11"),
        ],
        amount=Decimal("0.60"),
        unpriced=1,
    )


def test_a_plan_prices_a_run_that_is_gone_once_it_is_to_be_tried_again(journal: Path) -> None:
    items = [Item("created", {"prompt": "a lamp"})]
    with Journal.reopen(journal) as opened:
        opened.settle("created", "failed", "not_found", "it is gone")
        assert plan(MODEL, items, journal=journal).ended == 1
        opened.retry()
    planned = plan(MODEL, items, journal=journal)
    assert (planned.to_run, planned.under_way, planned.price) == (1, 0, Decimal("0.15"))


def test_each_column_of_parquet(journal: Path) -> None:
    target = io.BytesIO()
    with Journal.read(journal) as opened:
        export(opened, target, "parquet")
    table = parquet.read_table(io.BytesIO(target.getvalue()))
    kinds = {"files": "list<element: string>", "cost": "decimal128(38, 18)", "seconds": "double"}
    assert {one.name: str(one.type) for one in table.schema} == {
        name: kinds.get(name, "string") for name in HEADING.strip().split(",")
    }
    rows = table.to_pylist()
    assert [row["key"] for row in rows] == list(STATES)
    assert rows[4] == {
        "key": "done",
        "status": "done",
        "prompt": "a done, lamp",
        "files": ["/made/done+1.png", "/made/done+3.png"],
        "cost": Decimal("0.200000"),
        "run_id": "run-done",
        "failure_code": None,
        "failure": None,
        "seconds": 10.25,
        "place": "line 6",
        "input": '{"prompt": "a done, lamp"}',
    }


def test_text_stays_as_it_is_and_amounts_keep_their_digits(tmp_path: Path) -> None:
    cost, prompt = Decimal("0.123456789"), "é\u2028\nñ"
    with Journal.open(tmp_path / "j.sqlite", model=MODEL) as journal:
        journal.add("ü", 1, "", json.dumps({"prompt": prompt}, ensure_ascii=False), "mark")
        journal.intend("ü", 1, "ref", None)
        journal.ended("ü", 1, "ended", status="succeeded", cost=cost, duration_ms=None)
        journal.add("0", 2, "", '{"prompt": ""}', "mark")
        journal.intend("0", 1, "ref", None)
        journal.ended("0", 1, "ended", status="succeeded", cost=Decimal(0), duration_ms=0)
        exported = {}
        for form in ("csv", "jsonl", "parquet"):
            target = io.BytesIO()
            export(journal, target, form)
            exported[form] = target.getvalue()
    assert exported["csv"].startswith(f'{HEADING}ü,ended,"{prompt}",,0.123456789,'.encode())
    assert "\r\n0,ended,,,0," in exported["csv"].decode()
    line, nothing = exported["jsonl"].decode().split("\n")[:-1]
    assert (json.loads(nothing)["cost"], json.loads(nothing)["prompt"]) == (0, "")
    assert line.startswith('{"key": "ü", "status": "ended", "prompt": "é\u2028\\nñ"')
    assert json.loads(line)["cost"] == 0.123456789
    assert (json.loads(line)["place"], json.loads(line)["files"]) == (None, [])
    row, nothing = parquet.read_table(io.BytesIO(exported["parquet"])).to_pylist()
    assert nothing["cost"] == Decimal(0)
    assert (row["key"], row["prompt"], row["cost"]) == ("ü", prompt, cost)


@pytest.mark.parametrize(
    ("shown", "prompt"),
    [
        ('{"prompt": "a lamp"}', "a lamp"),
        ('{"prompt": ""}', ""),
        *((f'{{"prompt": {value}}}', None) for value in ("null", "7", "true", "[]", '["x"]')),
        ('{"text": "a lamp"}', None),
        ("{}", None),
    ],
)
def test_a_prompt_is_text_or_there_is_none(tmp_path: Path, shown: str, prompt: str | None) -> None:
    with Journal.open(tmp_path / "j.sqlite", model=MODEL) as journal:
        journal.add("a", 1, "", shown, "mark")
    record = json.loads(exported(tmp_path / "j.sqlite", "jsonl"))
    assert (record["prompt"], record["input"]) == (prompt, json.loads(shown))


@pytest.mark.parametrize("shown", ["", "{", "[]", "null", '"a lamp"', 9999 * "["])
def test_an_input_that_is_damaged_is_said_to_be(tmp_path: Path, shown: str) -> None:
    with Journal.open(tmp_path / "j.sqlite", model=MODEL) as journal:
        journal.add("seven", 7, "line 8", shown, "mark")
        for form in ("csv", "jsonl", "parquet"):
            with pytest.raises(JournalRefused, match="damaged: the input of seven is no JSON obj"):
                export(journal, io.BytesIO(), form)


@pytest.mark.parametrize(
    ("given", "kept"),
    [(2**63 - 1, 2**63 - 1), (2**63, None), (-(2**63), -(2**63)), (-(2**63) - 1, None)],
)
def test_a_duration_that_no_run_has_ends_nothing(
    tmp_path: Path, given: int, kept: int | None
) -> None:
    with Journal.open(tmp_path / "j.sqlite", model=MODEL) as journal:
        journal.add("a", 1, "", "{}", "mark")
        journal.intend("a", 1, "ref", None)
        journal.ended("a", 1, "ended", status="succeeded", cost=None, duration_ms=given)
        (entry,) = journal.entries()
        assert (entry.state, entry.duration_ms) == ("ended", kept)
