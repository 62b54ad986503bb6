"""What a bulk run was asked for, and how it names files."""

from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import cast

from attrs import field, frozen

from .._async.run import AsyncRun
from .._errors import InvalidArgument
from .._files.names import safe_name
from .._redaction import show_value
from .._validation import check_instance, check_integer, check_numbers, wrong_kind
from ..callbacks._wakeup import Wakeup
from ._items import BadItem, Item, check_item, client_ref_of

Items = Iterable[Item | BadItem] | AsyncIterable[Item | BadItem]
OnRun = Callable[[str, AsyncRun], Awaitable[object] | object]


@frozen
class Retries:
    """How often an item is tried again, by the kind of its failure.

    `failed` counts new runs for one that failed (which is not billed), `by_code` the same for some
    failure codes, `saving` tries to save its files.
    """

    failed: int = 1
    by_code: Mapping[str, int] = field(factory=dict[str, int], hash=False)
    saving: int = 3

    def __attrs_post_init__(self) -> None:
        check_numbers(self, "failed", "saving", at_least=0, whole=True)
        codes: object = self.by_code
        if not isinstance(codes, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance] # callers err
            raise wrong_kind("by_code", codes, "a dict of failure codes and numbers")
        for code, number in cast("Mapping[object, object]", codes).items():
            if not isinstance(code, str):
                raise wrong_kind("by_code", code, "a dict of failure codes and numbers")
            check_integer(f"by_code[{code!r}]", number)


def check_retries(retries: object) -> None:
    """Raise InvalidArgument for what is neither None nor Retries; a number is answered with the
    Retries that it means.
    """
    if isinstance(retries, int) and not isinstance(retries, bool) and retries >= 0:
        shown = show_value(retries)
        raise InvalidArgument(
            f"retries is {shown}: expected Retries, such as Retries(failed={shown})"
        )
    check_instance("retries", retries, Retries)


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


async def each_of(items: Items) -> AsyncIterator[Item | BadItem]:
    """Give the items one after another. Raises InvalidArgument for what is no item."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            check_item(item)
            yield item
        return
    for item in items:
        check_item(item)
        yield item


def file_name(key: str, name: str, number: int, count: int) -> str:
    """Return the name of an output in the folder: no two outputs share one.

    Several outputs of one key are numbered behind a sign that no other name has: `cat+1.png`.
    """
    stem = safe_name(key, "item")
    if stem != key or key != key.lower():
        stem = f"{stem[:100]}-{client_ref_of('', key)[-8:]}"
    return f"{stem}{f'+{number + 1}' if count > 1 else ''}{Path(name).suffix}"
