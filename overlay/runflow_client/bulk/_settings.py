"""What a bulk run was asked for, and how it names files."""

from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path

from attrs import field, frozen

from .._async.run import AsyncRun
from .._files.names import safe_name
from ..callbacks._wakeup import Wakeup
from ._items import BadItem, Item, client_ref_of

Items = Iterable[Item | BadItem] | AsyncIterable[Item | BadItem]
OnRun = Callable[[str, AsyncRun], Awaitable[object]]


@frozen
class Retries:
    """How often an item is tried again, by the kind of its failure.

    `failed` counts new runs for one that failed (which is not billed), `by_code` the same for some
    failure codes, `saving` tries to save its files.
    """

    failed: int = 1
    by_code: Mapping[str, int] = field(factory=dict[str, int], hash=False)
    saving: int = 3


@frozen(kw_only=True)
class Settings:
    """What `run` was asked for."""

    output: Path | None
    on_run: OnRun | None
    callback: Wakeup | None
    concurrency: int
    max_cost: Decimal | None
    max_cost_each: Decimal | None
    retries: Retries
    stop_after_failures: int | None
    in_order: bool
    max_outage: float


def file_name(key: str, name: str, number: int, count: int) -> str:
    """Return the name of an output in the folder: no two outputs share one.

    Several outputs of one key are numbered behind a sign that no other name has: `cat+1.png`.
    """
    stem = safe_name(key, "item")
    if stem != key or key != key.lower():
        stem = f"{stem[:100]}-{client_ref_of('', key)[-8:]}"
    return f"{stem}{f'+{number + 1}' if count > 1 else ''}{Path(name).suffix}"
