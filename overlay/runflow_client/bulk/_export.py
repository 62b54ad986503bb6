"""`export`: the items of a journal as CSV, JSONL or Parquet."""

import csv
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from .._errors import InvalidArgument
from .._json import as_object
from .._validation import check_choice, check_instance, wrong_kind
from ._errors import JournalRefused
from ._extras import PARQUET, load
from ._items import Entry
from ._journal import Journal
from ._rows import PARQUET_ROWS

COLUMNS: Final = (
    "key",
    "status",
    "prompt",
    "files",
    "cost",
    "run_id",
    "failure_code",
    "failure",
    "seconds",
    "place",
    "input",
)
Record = dict[str, Any]


def export(journal: Journal, target: BinaryIO, form: str) -> None:
    """Write every item of the journal, in the order in which they came. Memory stays constant.

    A record has the key, `status` (an item's state in the journal), `prompt`, `files` (paths),
    `cost` (US dollars), `run_id`, `failure_code`, `failure`, `seconds` (from create to end),
    `place` (its line) and `input` (JSON).

    Args:
        journal: one that is open, with `Journal.read` for instance.
        target: what bytes are written to.
        form: `csv`, `jsonl` or `parquet`. In CSV, files stand one a line in their cell.

    Raises:
        InvalidArgument: there is no such form.
        JournalRefused: the journal is damaged.
        ModuleNotFoundError: Parquet needs pyarrow, the extra `bulk`.
    """
    check_instance("journal", journal, Journal, is_required=True)
    if not callable(getattr(target, "write", None)):
        raise wrong_kind("target", target, "what bytes are written to, such as open(path, 'wb')")
    check_choice("form", form, FORMS)
    FORMS[form](map(_record_of(journal), journal.entries()), target)


def form_of(name: str | os.PathLike[str]) -> str:
    """Return the form that the name of a file ends with. Raises InvalidArgument."""
    if not isinstance(name, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        raise wrong_kind("name", name, "a path: text or a pathlib.Path")
    suffix = Path(name).suffix.lower().removeprefix(".")
    if suffix not in FORMS:
        raise InvalidArgument(
            f"{os.fspath(name)} ends with none of {', '.join(f'.{one}' for one in FORMS)}"
        )
    return suffix


def _record_of(journal: Journal) -> Callable[[Entry], Record]:
    folder = journal.output or Path()

    def record(entry: Entry) -> Record:
        return {
            "key": entry.key,
            "status": entry.state,
            "prompt": prompt_of(entry),
            "files": [
                str(folder / file.name)
                for file in journal.files(entry.key)
                if file.bytes is not None
            ],
            "cost": entry.cost,
            "run_id": entry.run_id,
            "failure_code": entry.failure_code,
            "failure": entry.failure,
            "seconds": seconds_of(entry),
            "place": entry.place or None,
            "input": entry.input,
        }

    return record


def _values_of(entry: Entry) -> dict[str, Any]:
    try:
        values = as_object(json.loads(entry.input))
    except (ValueError, RecursionError):
        values = None
    if values is None:
        raise JournalRefused(f"the journal is damaged: the input of {entry.key} is no JSON object")
    return values


def prompt_of(entry: Entry) -> str | None:
    """Return the prompt of an item. Raises JournalRefused for an input that is damaged."""
    prompt: Any = _values_of(entry).get("prompt")
    return prompt if isinstance(prompt, str) else None


def seconds_of(entry: Entry) -> float | None:
    """Return how long an item took, from its create to its end."""
    if entry.ended_at is None or entry.intended_at is None:
        return None
    return round(max(0.0, entry.ended_at - entry.intended_at), 3)  # a clock may be set back


def _csv(records: Iterator[Record], target: BinaryIO) -> None:
    text = io.TextIOWrapper(target, encoding="utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        for record in records:
            cost = record["cost"]
            plain = {
                **record,
                "files": "\n".join(record["files"]),
                "cost": None if cost is None else f"{cost:f}",
            }
            writer.writerow(plain[name] for name in COLUMNS)
    finally:
        text.detach()


def _jsonl(records: Iterator[Record], target: BinaryIO) -> None:
    for record in records:
        plain = {**record, "input": json.loads(record["input"])}
        target.write(json.dumps(plain, ensure_ascii=False, default=_number).encode() + b"\n")


def _number(value: Decimal) -> float:
    return float(value)


def _parquet(records: Iterator[Record], target: BinaryIO) -> None:
    pyarrow = load("pyarrow", PARQUET)
    parquet = load("pyarrow.parquet", PARQUET)
    text = pyarrow.string()
    kinds = {
        "files": pyarrow.list_(text),
        "cost": pyarrow.decimal128(38, 18),
        "seconds": pyarrow.float64(),
    }
    schema = pyarrow.schema([(name, kinds.get(name, text)) for name in COLUMNS])
    with parquet.ParquetWriter(target, schema) as writer:
        while batch := list(islice(records, PARQUET_ROWS)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema))


FORMS: Final[Mapping[str, Callable[[Iterator[Record], BinaryIO], None]]] = {
    "csv": _csv,
    "jsonl": _jsonl,
    "parquet": _parquet,
}
