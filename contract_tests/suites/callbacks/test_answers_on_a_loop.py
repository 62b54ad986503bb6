"""Answers come to an event loop from other threads: each to its delivery, and those that come
together wake the loop once.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from runflow_client.callbacks import Answer, CallbackEvent, Receiver
from runflow_client.callbacks._answers import Answers, _Arrivals
from runflow_client.callbacks._receiver import submitted_by

from .deliveries import SECRET, encode, signed


class Loop(asyncio.SelectorEventLoop):
    """An event loop that counts how often another thread wakes it."""

    woken = 0

    def call_soon_threadsafe(  # type: ignore[override] # it passes on whatever comes
        self, callback: Any, *arguments: Any, **options: Any
    ) -> Any:
        self.woken += 1
        return super().call_soon_threadsafe(callback, *arguments, **options)


class Waiting:
    """A store that keeps what is submitted until it is told."""

    def __init__(self) -> None:
        self.dones: list[Callable[[bool | Exception], object]] = []
        self.blocked: list[str | None] = []

    @submitted_by("submit")
    def put(self, event: CallbackEvent, body: bytes) -> bool:
        self.blocked.append(event.subject_id)
        return True

    def submit(self, event: CallbackEvent, body: bytes, done: Any) -> None:
        self.dones.append(done)


async def deliver(answers: Answers, receiver: Receiver, run_id: str) -> Answer:
    body = encode(run_id)
    incoming = receiver.open("POST", signed(body))
    incoming.add(body)
    return await answers.answer(incoming)


def run_in(loop: asyncio.AbstractEventLoop, work: Any) -> Any:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(work)


async def begun(
    answers: Answers, receiver: Receiver, *run_ids: str
) -> list["asyncio.Task[Answer]"]:
    """Begin these deliveries; each waits for its answer then."""
    tasks = [asyncio.ensure_future(deliver(answers, receiver, run_id)) for run_id in run_ids]
    await asyncio.sleep(0)
    return tasks


def test_answers_that_come_together_wake_the_loop_once_and_later_ones_again() -> None:
    store, loop, answers = Waiting(), Loop(), Answers()
    receiver = Receiver(SECRET, store.put)

    async def main() -> list[list[object]]:
        found: list[list[object]] = []
        for _ in range(2):
            tasks = await begun(answers, receiver, "r1", "r2", "r3")
            woken = loop.woken
            results: list[bool | Exception] = [True, False, OSError("full")]
            for done, result in zip(store.dones, results, strict=True):
                done(result)
            assert loop.woken == woken + 1
            store.dones.clear()
            got = await asyncio.wait_for(asyncio.gather(*tasks), 60)
            found.append(
                [(one.status, one.text, one.event and one.event.subject_id) for one in got]
            )
        return found

    stored = [(200, "stored", "r1"), (200, "stored before", "r2")]
    refused = (503, "not stored; please send it again", None)
    assert run_in(loop, main()) == [[*stored, refused]] * 2
    assert store.blocked == []


def test_a_request_that_was_canceled_keeps_no_other_from_its_answer() -> None:
    store, answers = Waiting(), Answers()
    receiver = Receiver(SECRET, store.put)

    async def main() -> Answer:
        first, second = await begun(answers, receiver, "r1", "r2")
        first.cancel()
        await asyncio.sleep(0)
        for done in store.dones:
            done(True)
        answer = await asyncio.wait_for(second, 60)
        assert first.cancelled()
        return answer

    assert run_in(Loop(), main()).status == 200


def test_every_loop_of_an_application_has_its_own_answers() -> None:
    store, answers = Waiting(), Answers()
    receiver = Receiver(SECRET, store.put)

    async def leave() -> None:
        await begun(answers, receiver, "left")

    async def stay() -> Answer:
        (task,) = await begun(answers, receiver, "stays")
        for done in store.dones:  # of the loop that is closed, too
            done(True)
        return await asyncio.wait_for(task, 60)

    run_in(Loop(), leave())
    answer = run_in(Loop(), stay())
    assert answer.event is not None
    assert answer.event.subject_id == "stays"


class Late(deque[Any]):
    """Answers of which the last one comes when the loop has just seen that there is none left."""

    def __init__(self, last: Callable[[], object]) -> None:
        super().__init__()
        self._last = [last]

    def __len__(self) -> int:
        found = super().__len__()
        if not found and self._last:
            self._last.pop()()
        return found


def test_an_answer_that_comes_when_the_others_were_delivered_wakes_the_loop_again() -> None:
    async def main() -> list[str]:
        arrivals = _Arrivals(asyncio.get_running_loop())
        (first, tell_first), (second, tell_second) = arrivals.expect(), arrivals.expect()
        arrivals._answers = Late(lambda: tell_second(Answer(HTTPStatus.OK, "second")))
        tell_first(Answer(HTTPStatus.OK, "first"))
        answers = await asyncio.wait_for(asyncio.gather(first, second), 10)
        return [one.text for one in answers]

    assert asyncio.run(main()) == ["first", "second"]


@pytest.mark.parametrize("large", [False, True])
def test_what_may_block_is_answered_in_a_thread(large: bool) -> None:
    store, answers = Waiting(), Answers()
    receiver = Receiver(SECRET if large else (lambda: SECRET), store.put)
    body = encode("r1") + b" " * 70_000 * large

    async def main() -> Answer:
        incoming = receiver.open("POST", signed(body))
        incoming.add(body)
        return await answers.answer(incoming)

    assert run_in(Loop(), main()).status == 200
    assert (store.blocked, store.dones) == (["r1"], [])
