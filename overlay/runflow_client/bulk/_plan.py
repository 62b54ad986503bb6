"""`plan`: what a bulk run would make and cost. Nothing is sent."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing, nullcontext
from decimal import Decimal
from pathlib import Path

from attrs import define, field, frozen

from .._estimate import check_model_id, estimate
from .._validation import check_arguments, wrong_kind
from ._items import (
    GONE,
    BadItem,
    Item,
    check_item,
    key_problem,
    model_and_input,
    other_model_problem,
)
from ._journal import Journal
from ._journal_file import exists, storable

MAX_REFUSED = 20


@frozen(kw_only=True)
class Plan:
    """What a bulk run would make, by the catalog's prices. Amounts are US dollars.

    Attributes:
        to_run: items of which no run exists yet.
        under_way: items whose run exists and has not been waited for, or may exist.
        ended: items that have ended in an earlier start.
        refused: items that cannot be run.
        first_refused: the first 20 of them.
        amount: what the items to run will cost, as far as their prices are known.
        unpriced: items to run whose price is not known beforehand.
    """

    to_run: int
    under_way: int
    ended: int
    refused: int
    first_refused: Sequence[BadItem] = field(hash=False)
    amount: Decimal
    unpriced: int

    @property
    def price(self) -> Decimal | None:
        """What it will cost, None where that is not known."""
        return None if self.unpriced else self.amount


def plan(
    model: str,
    items: Iterable[Item | BadItem],
    *,
    journal: str | os.PathLike[str] | None = None,
    template: str = "",
) -> Plan:
    """Read all items and return what a bulk run of them would make and cost.

    Memory stays constant. `journal` may be one of an earlier start: what it has is not run again.
    Raises JournalRefused where it is of something else.
    """
    check_model_id(model)
    check_arguments(items=items, template=template)
    if not isinstance(items, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
        raise wrong_kind("items", items, "a list or a generator: plan reads no async for")
    if journal is not None:
        check_arguments(journal=journal)
    path = None if journal is None else Path(journal)
    with (
        Journal.read(path) if path is not None and exists(path) else nullcontext() as before,
        closing(sqlite3.connect("")) as keys,  # a temporary file of its own
    ):
        if before is not None:
            before.check(model, template)
        keys.execute("CREATE TABLE keys (key TEXT PRIMARY KEY, place TEXT) WITHOUT ROWID")
        counts = _Counts()
        for item in items:
            check_item(item)
            _count(item, model, before, keys, counts)
    return Plan(
        to_run=counts.to_run,
        under_way=counts.under_way,
        ended=counts.ended,
        refused=counts.refused,
        first_refused=counts.first_refused,
        amount=counts.amount,
        unpriced=counts.unpriced,
    )


@define
class _Counts:
    to_run: int = 0
    under_way: int = 0
    ended: int = 0
    refused: int = 0
    first_refused: list[BadItem] = field(factory=list[BadItem])
    amount: Decimal = Decimal(0)
    unpriced: int = 0

    def refuse(self, item: BadItem) -> None:
        self.refused += 1
        if len(self.first_refused) < MAX_REFUSED:
            self.first_refused.append(item)


def _count(
    item: Item | BadItem,
    model: str,
    before: Journal | None,
    keys: sqlite3.Connection,
    counts: _Counts,
) -> None:
    if (problem := key_problem(item.key)) is not None:
        counts.refuse(BadItem(item.key, problem, item.place))
        return
    try:
        keys.execute("INSERT INTO keys VALUES (?, ?)", (item.key, storable(item.place)))
    except sqlite3.IntegrityError:
        (first,) = keys.execute("SELECT place FROM keys WHERE key = ?", (item.key,)).fetchone()
        reason = f"the key {item.key!r} came twice{f', first in {first}' if first else ''}"
        counts.refuse(BadItem(item.key, reason, item.place))
        return
    if isinstance(item, BadItem):
        counts.refuse(item)
        return
    if (other := other_model_problem(model, item)) is not None:
        counts.refuse(BadItem(item.key, other, item.place))
        return
    entry = None if before is None else before.find(item.key)
    if entry is not None and entry.state in {"done", "failed", "ended"}:
        counts.ended += 1
        return
    is_gone = entry is not None and entry.failure_code == GONE  # and looked for once more
    if entry is not None and entry.state in {"intended", "created"} and not is_gone:
        counts.under_way += 1
        return
    price = estimate(*model_and_input(model, item)).amount
    counts.to_run += 1
    if price is None:
        counts.unpriced += 1
    else:
        counts.amount += price
