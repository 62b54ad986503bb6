"""The results of a bulk run: as they come or in order, and how many items may be at work."""

import asyncio
from typing import Final

from attrs import define, field

from ._items import ItemResult

MAX_LENT: Final = 1000
"""Permits beyond `concurrency`."""


@define(eq=False)
class Results:
    """Takes the result of each item, and gives it to the loop.

    An item has a permit from when it is read until its result is taken; in order, until those
    before it are taken, too. So results that are not taken hold up the items.
    """

    concurrency: int
    in_order: bool
    _permits: asyncio.Semaphore = field(init=False)
    _ready: asyncio.Queue[ItemResult | None] = field(init=False)
    _lent: int = 0
    _lent_at: int = 0
    _held: dict[int, ItemResult | None] = field(factory=dict[int, "ItemResult | None"])
    _next: int = 1

    def __attrs_post_init__(self) -> None:
        self._permits = asyncio.Semaphore(self.concurrency)
        self._ready = asyncio.Queue(self.concurrency)

    async def permit(self) -> None:
        """Wait until one more item may be at work."""
        await self._permits.acquire()

    def is_full(self) -> bool:
        """Whether no more items may be at work."""
        return self._permits.locked()

    def lend(self, newest: int) -> bool:
        """Let one more item than `concurrency` be at work, once for each newest item; say whether
        more may come.
        """
        if self._lent == MAX_LENT:
            return False
        if self._lent_at < newest:
            self._lent_at = newest
            self._lent += 1
            self._permits.release()
        return True

    async def give(self, number: int, result: ItemResult | None) -> None:
        """Hand over the result of the item with this number; None for one without a result."""
        if not self.in_order:
            await self._hand_over(result)
            return
        self._held[number] = result
        while self._next in self._held:
            head = self._held.pop(self._next)
            self._next += 1
            await self._hand_over(head)

    async def _hand_over(self, result: ItemResult | None) -> None:
        if result is not None:
            await self._ready.put(result)
        if self._lent:
            self._lent -= 1
        else:
            self._permits.release()

    async def end(self) -> None:
        """Say that no more results come."""
        await self._ready.put(None)

    async def take(self) -> ItemResult | None:
        """Wait for the next result; None at the end."""
        return await self._ready.get()
