"""What an event shows of itself, and which events are equal: nothing that a model made or that an
application noted is in its repr, and each of its fields tells it from another.
"""

import pickle
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from runflow_client.callbacks import Answer, CallbackEvent
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox

from .deliveries import encode, event_of

PRIVATE: Final = "Zacharias"
KINDS: Final = (
    *("run.completed", "run.partial_succeeded", "run.failed", "run.canceled", "run.paused"),
    *("batch.succeeded", "batch.partial_succeeded", "batch.failed", "batch.canceled"),
)
HIDDEN: Final = {"output", "metadata", "payload"}


def an_event(kind: str) -> CallbackEvent:
    private = {"of": PRIVATE}
    return event_of(encode(event=kind, batch_id="b-7", output=private, metadata=private))


def changed(event: CallbackEvent, name: str) -> CallbackEvent:
    changes: dict[str, Any] = {name: {"of": "another"} if name in HIDDEN else "another"}
    return attrs.evolve(event, **changes)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_shows_what_it_is_of_and_nothing_that_may_be_private(kind: str) -> None:
    event = an_event(kind)
    shown = {name for name in attrs.asdict(event) if f"{name}=" in repr(event)}
    assert shown == attrs.asdict(event).keys() - HIDDEN
    answer = Answer(status=200, text="stored", event=event)  # type: ignore[arg-type]
    for text in (repr(event), str(event), repr(answer)):
        assert PRIVATE not in text
    assert repr(kind) in repr(event)
    assert str(event.subject_id) not in repr(answer)


@pytest.mark.parametrize("kind", KINDS)
def test_events_are_equal_if_all_of_their_fields_are(kind: str) -> None:
    event, same = an_event(kind), an_event(kind)
    assert event == same == pickle.loads(pickle.dumps(event))
    assert len({event, same}) == 1
    for name in attrs.asdict(event):
        other = changed(event, name)
        assert other != event, name
        # what cannot be hashed takes no part in the hash
        assert (hash(other) == hash(event)) is (name in HIDDEN), name
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(event, name, None)


def test_a_lease_and_a_dead_letter_show_all_but_what_may_be_private(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "inbox.sqlite3", policy=HandlingPolicy(attempts=1))
    body = encode(metadata={"of": PRIVATE})
    assert inbox.put(event_of(body), body)
    lease = inbox.lease()
    assert lease is not None
    assert lease.failed(ValueError("no")) == "dead"
    (letter,) = inbox.dead_letters()
    inbox.close()
    assert letter.received_at.tzinfo is letter.died_at.tzinfo is UTC
    for one, hidden in ((lease, {"queue", "token", "body"}), (letter, {"body"})):
        names = {field.name for field in attrs.fields(type(one))}
        text = repr(one).replace("(", " ")
        assert {name for name in names if f" {name}=" in text} == names - hidden
        assert PRIVATE not in f"{text} {one}"
