"""The reason of a dead letter says what its handler raised, and what is in a group, as far as a
person reads it.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from runflow_client.callbacks import CallbackEvent
from runflow_client.callbacks.inbox import HandlingPolicy, Inbox

from .deliveries import encode, event_of
from .test_leases import Closed, Mute, NoName


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    inbox = Inbox(tmp_path / "inbox.sqlite3", policy=HandlingPolicy(attempts=1))
    yield inbox
    inbox.close()


def many(number: int) -> list[Exception]:
    return [ValueError(str(one)) for one in range(number)]


def shown(number: int) -> str:
    return "; ".join(f"ValueError: {one}" for one in range(number))


TREE: Final = ExceptionGroup(
    "a", [ExceptionGroup("b", [ValueError("1"), KeyError("2")]), OSError("3")]
)
REASONS: Final[list[tuple[BaseException, str]]] = [
    (ValueError("no"), "ValueError: no"),
    (ValueError(), "ValueError: "),
    (ExceptionGroup("two", many(2)), f"ExceptionGroup: two (2 sub-exceptions); {shown(2)}"),
    (
        TREE,
        "ExceptionGroup: a (2 sub-exceptions); ExceptionGroup: b (2 sub-exceptions); "
        "ValueError: 1; KeyError: '2'; OSError: 3",
    ),
    (ExceptionGroup("19", many(19)), f"ExceptionGroup: 19 (19 sub-exceptions); {shown(19)}"),
    (ExceptionGroup("20", many(20)), f"ExceptionGroup: 20 (20 sub-exceptions); {shown(19)}"),
    (
        BaseExceptionGroup("all", [SystemExit(1)]),
        "BaseExceptionGroup: all (1 sub-exception); SystemExit: 1",
    ),
    # what its own code raises is left out
    (Closed("shut", [ValueError()]), "Closed: shut (1 sub-exception)"),
    (Mute(), "Mute"),
    (NoName("n"), "an exception: n"),
    (
        ExceptionGroup("of both", [Mute(), KeyError(1)]),
        "ExceptionGroup: of both (2 sub-exceptions); Mute; KeyError: 1",
    ),
    (ValueError("rf_live_0123456789abcdef"), "ValueError: [hidden]"),
    (ValueError("a\0b"), "ValueError: a\\0b"),
    (ValueError("n" * 3000), "ValueError: " + "n" * (2000 - len("ValueError: "))),
]


@pytest.mark.parametrize(("error", "reason"), REASONS, ids=[reason[:20] for _, reason in REASONS])
def test_the_reason_of_a_dead_letter(inbox: Inbox, error: BaseException, reason: str) -> None:
    def handle(event: CallbackEvent) -> None:
        raise error

    inbox.put(event_of(encode()), encode())
    assert inbox.work_once(handle) == "dead"
    (letter,) = inbox.dead_letters()
    assert letter.reason == reason


def test_the_reason_of_one_that_failed_before_no_attempt_ended_any_more(tmp_path: Path) -> None:
    now = 1000.0
    policy = HandlingPolicy(attempts=2, lease=10.0, first_backoff=1.0)
    inbox = Inbox(tmp_path / "inbox.sqlite3", policy=policy, now=lambda: now)

    def handle(event: CallbackEvent) -> None:
        raise ValueError("no stock")

    inbox.put(event_of(encode()), encode())
    assert inbox.work_once(handle) == "failed"
    now += 1.0
    assert inbox.lease() is not None, "of a process that is killed then"
    now += 10.0
    assert inbox.work_once(handle) == "dead"
    assert inbox.dead_letters()[0].reason == "ValueError: no stock"
    inbox.close()
