"""When one more item may be at work, step by step, and in which order results are handed over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest
from runflow_client.bulk import ItemResult
from runflow_client.bulk._results import MAX_LENT, Results

Step = Callable[[Results], Awaitable[Any]]
HANGS: Final = 5.0
"""Seconds; only what hangs takes so long."""


def result(number: int) -> ItemResult:
    return ItemResult(key=f"k{number}", number=number, status="done")


async def permit(results: Results) -> None:
    """Take a permit, which is there."""
    await asyncio.wait_for(results.permit(), HANGS)


def lend(newest: int) -> Step:
    async def step(results: Results) -> bool:
        return results.lend(newest)

    return step


def give(number: int, *, empty: bool = False) -> Step:
    return lambda results: results.give(number, None if empty else result(number))


async def take(results: Results) -> int:
    """Take a result, which is there."""
    taken = await asyncio.wait_for(results.take(), HANGS)
    assert taken is not None
    return taken.number


FREE, FULL = False, True
STEPS: Final[dict[tuple[str, bool], list[tuple[Step, Any, bool]]]] = {
    ("as they come", False): [
        (permit, None, FREE),
        (permit, None, FULL),
        (give(2), None, FREE),
        (permit, None, FULL),
        (take, 2, FULL),
        (give(1, empty=True), None, FREE),
        (give(3), None, FREE),
        (take, 3, FREE),
    ],
    ("in order", True): [
        (permit, None, FREE),
        (permit, None, FULL),
        (give(2), None, FULL),
        (give(1), None, FREE),
        (take, 1, FREE),
        (take, 2, FREE),
        (permit, None, FREE),
        (permit, None, FULL),
        (give(4), None, FULL),
        (give(3, empty=True), None, FREE),
        (take, 4, FREE),
    ],
    ("more than are allowed", False): [
        (permit, None, FREE),
        (permit, None, FULL),
        (lend(2), True, FREE),
        (permit, None, FULL),
        (lend(2), True, FULL),
        (lend(3), True, FREE),
        (permit, None, FULL),
        (give(4, empty=True), None, FULL),
        (give(1, empty=True), None, FULL),
        (give(2, empty=True), None, FREE),
        (permit, None, FULL),
        (lend(5), True, FREE),
    ],
}


@pytest.mark.parametrize(("name", "in_order"), STEPS)
def test_each_step_of_the_results(name: str, in_order: bool) -> None:
    async def walk() -> list[tuple[Any, bool]]:
        results = Results(2, in_order)
        return [(await step(results), results.is_full()) for step, _, _ in STEPS[name, in_order]]

    assert asyncio.run(walk()) == [(told, full) for _, told, full in STEPS[name, in_order]]


def test_permits_are_lent_within_bounds_and_the_end_comes_last() -> None:
    async def walk() -> None:
        results = Results(2, in_order=False)
        assert [results.lend(number) for number in range(1, MAX_LENT + 2)] == [
            *[True] * MAX_LENT,
            False,
        ]
        await results.give(1, None)
        assert results.lend(MAX_LENT + 1), "one was given back"
        await results.give(2, result(2))
        await results.end()
        assert [await results.take(), await results.take()] == [result(2), None]

    asyncio.run(walk())
