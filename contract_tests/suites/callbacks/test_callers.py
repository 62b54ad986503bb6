"""What applications give to the callbacks: headers of odd kinds, functions that nobody awaits,
events that repeat.
"""

import json
from collections.abc import Callable, Iterable
from email.message import Message
from typing import Any

import pytest
from runflow_client.callbacks import CallbackEvent, Receiver, UnknownEvent, verify
from runflow_client.callbacks.inbox import Inbox

from .deliveries import SECRET, encode, event_of, signed

BODY = encode()


def as_message(headers: dict[str, str]) -> Message:
    """As http.server has them."""
    message = Message()
    for name, value in headers.items():
        message[name] = value
    return message


def as_generator(headers: dict[str, str]) -> Iterable[tuple[str, str]]:
    """As Tornado has them."""
    yield from headers.items()


@pytest.mark.parametrize("kind", [as_message, as_generator, lambda headers: iter(headers.items())])
def test_headers_of_every_kind_are_read_to_their_end(kind: Callable[[dict[str, str]], Any]) -> None:
    assert verify(BODY, kind(signed(BODY)), SECRET).request_id == "req_1"
    stored: list[CallbackEvent] = []
    receiver = Receiver(SECRET, lambda event, body: stored.append(event))
    incoming = receiver.open("POST", kind(signed(BODY)))
    incoming.add(BODY)
    assert incoming.answer().status == 200
    assert [event.request_id for event in stored] == ["req_1"]


async def keep_later(event: CallbackEvent, body: bytes) -> bool:
    """Keeps the event, if only somebody awaited it."""
    return True


def test_what_a_coroutine_function_would_store_is_not_acknowledged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    receiver = Receiver(SECRET, lambda event, body: keep_later(event, body))
    incoming = receiver.open("POST", signed(BODY))
    incoming.add(BODY)
    assert incoming.answer().status == 503
    assert (
        "the store returned an awaitable, which is not awaited here: it is called in a thread"
        in caplog.text
    )


def test_newer_events_of_one_run_are_duplicates_only_if_they_are_equal(inbox: Inbox) -> None:
    bodies = [encode(event="run.progress", progress=percent) for percent in (10, 90, 90)]
    told = json.loads(bodies[-1])
    bodies.append(json.dumps(dict(reversed(told.items())), indent=1).encode())
    events = [event_of(body) for body in bodies]
    assert {type(event) for event in events} == {UnknownEvent}
    assert [inbox.put(event, body) for event, body in zip(events, bodies, strict=True)] == [
        True,
        True,
        False,
        False,  # the order of its members says nothing
    ]
    first, *others = (event.deduplication_key for event in events)
    assert first != others[0]
    assert len(set(others)) == 1
    assert "storage.test" not in str(first)
