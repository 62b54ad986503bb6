"""A lock by key is held by one, whoever waits, and gone when nobody needs it."""

import asyncio
import os
import threading
import weakref
from contextlib import suppress

import anyio
import pytest
from runflow_client._flows.commands import LockTimeout
from runflow_client._transport.locks import AsyncKeyedLocks, KeyedLocks

from ..processes import in_a_child
from .conftest import ENDING
from .test_memories import is_gone


class Key:
    """A key whose end can be seen."""


def test_a_lock_of_threads_is_its_keys_own_and_gone_when_nobody_needs_it() -> None:
    locks, inside, key = KeyedLocks(), threading.Event(), Key()
    told: list[str] = []

    def wait(key: Key) -> None:
        inside.set()
        with locks.hold(key, ENDING):
            told.append("second")
        told.append("second has left")

    other = threading.Thread(target=wait, args=(key,))
    with suppress(LookupError), locks.hold(key), locks.hold("b"):
        other.start()
        inside.wait()
        with pytest.raises(LockTimeout), locks.hold(key, 0.0):
            told.append("while it is held")
        told.append("first")
        raise LookupError
    other.join()
    with locks.hold(key, 0.0):
        told.append("third")
    assert told == ["first", "second", "second has left", "third"]
    kept = weakref.ref(key)
    del key, other
    assert is_gone(kept)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_waits_for_nothing_that_its_parent_holds() -> None:
    locks = KeyedLocks()

    def hold() -> str:
        with locks.hold("a", 0.0), locks.hold("b", 0.0):
            return "held"

    with locks.hold("a"):
        assert in_a_child(hold) == "held"
        with pytest.raises(LockTimeout):
            hold()


def test_a_lock_of_tasks_is_its_keys_own_and_gone_when_nobody_needs_it() -> None:
    locks, key = AsyncKeyedLocks(), Key()
    told: list[str] = []

    async def wait(key: Key) -> None:
        async with locks.hold(key, ENDING):
            told.append("second")

    async def hurry(key: Key, done: anyio.Event) -> None:
        with pytest.raises(LockTimeout):
            async with locks.hold(key, 0.0):
                told.append("while it is held")
        done.set()

    async def scenario(key: Key) -> None:
        done = anyio.Event()
        async with anyio.create_task_group() as tasks:
            with suppress(LookupError):
                async with locks.hold(key), locks.hold("b"):
                    tasks.start_soon(wait, key)
                    tasks.start_soon(hurry, key, done)
                    await done.wait()
                    told.append("first")
                    raise LookupError
        async with locks.hold(key):
            told.append("third")

    asyncio.run(scenario(key))
    assert told == ["first", "second", "third"]
    kept = weakref.ref(key)
    del key
    assert is_gone(kept)
