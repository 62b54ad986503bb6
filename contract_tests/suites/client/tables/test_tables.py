"""What small functions of the client make of each kind of value is what the tables have."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ...snapshot import check_snapshot
from . import (
    addresses,
    answers,
    arguments,
    catalog,
    inputs,
    odd_inputs,
    pictures,
    prices,
    refusals,
    results,
    settings,
    shown,
    words,
)
from .rows import merged

TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "addresses": addresses.lines,
    "answers": answers.lines,
    "arguments": arguments.lines,
    "catalog": catalog.lines,
    "checks": arguments.checks,
    "inputs": inputs.lines,
    "odd_inputs": odd_inputs.lines,
    "prices": prices.lines,
    "refusals": refusals.lines,
    "results": results.lines,
    "settings": settings.lines,
    "shown": shown.lines,
    "words": words.lines,
}


@pytest.mark.parametrize("name", TABLES)
def test_each_value_gives_what_the_table_has(name: str) -> None:
    check_snapshot(Path(__file__).with_name(f"{name}.txt"), merged(TABLES[name]()))


def test_each_picture_is_sent_as_the_table_has() -> None:
    pytest.importorskip("numpy")
    pytest.importorskip("PIL")
    check_snapshot(Path(__file__).with_name("pictures.txt"), merged(pictures.lines()))


UNDOCUMENTED = """
import sys
from runflow_client._models import statuses
enums, sys.modules["runflow_api.open_enums"] = sys.modules["runflow_api.open_enums"], None
try:
    statuses.names("run")
except ModuleNotFoundError as error:
    print(error.name)
sys.modules["runflow_api.open_enums"] = enums
for kind in ("run", "batch", "evaluation"):
    sys.modules[f"runflow_api.models.{kind}_status"] = None
for kind in ("run", "batch", "evaluation"):
    print(kind, *sorted(statuses.names(kind)), statuses.is_terminal("paused", None, kind))
"""


def test_where_the_document_lists_no_statuses_the_client_has_its_own() -> None:
    program = [sys.executable, "-c", UNDOCUMENTED]
    told = subprocess.run(program, capture_output=True, text=True, check=True).stdout.splitlines()
    ends = "failed partial_succeeded queued running succeeded False"
    assert told == [
        "runflow_api.open_enums",
        "run canceled dispatching " + ends,
        "batch canceled " + ends,
        "evaluation completed failed pending running False",
    ]
