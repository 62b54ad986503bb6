"""What several threads use at once: what one of them reads or writes, the others wait for."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from runflow_conformance import Finding, Tap
from runflow_conformance.laws import CallbackReceiver
from runflow_conformance.laws.callback_receiver import ReceivedCallback
from runflow_conformance.live._recording import Recorder

from .things import DOCUMENT, HONEST


class Other:
    """Another thread, which acts in the middle of something."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._thread = threading.Thread(target=act)
        self.has_waited: bool | None = None

    def begin(self) -> None:
        """Let it act, the first time, and see whether it is held back."""
        if self.has_waited is None:
            self._thread.start()
            self._thread.join(0.05)  # it ends in less if nothing holds it back
            self.has_waited = self._thread.is_alive()

    def end(self) -> None:
        """Wait for its end; it must have been held back before."""
        self._thread.join()
        assert self.has_waited is True


class Seen(Finding):
    """A finding that lets the other thread act when it is looked at."""

    other: Other

    @property
    def identity(self) -> tuple[str, str, str]:
        """Its identity."""
        self.other.begin()
        return super().identity


def seen(other: Other) -> Finding:
    """Return a finding that lets the other thread act when it is looked at."""
    found = Seen(operation="GET /v1/x", rule="r", where="w", pointer="", what="it")
    object.__setattr__(found, "other", other)
    return found


def test_an_interaction_waits_until_a_tap_has_reported() -> None:
    answer = httpx.Response(200, json=[])
    tap = Tap(httpx.MockTransport(lambda _: answer), DOCUMENT)
    with httpx.Client(transport=tap) as client:
        other = Other(lambda: client.get("https://a.example/v1/things"))
        tap.findings.append(seen(other))
        assert tap.report() == "1 x GET /v1/x: w: it [r]"
        other.end()
    assert tap.interactions == 1


def test_interactions_are_recorded_one_after_the_other(tmp_path: Path) -> None:
    file = tmp_path / "interactions.jsonl"
    recorder = Recorder(file, "rf_live_x")
    other = Other(lambda: recorder.record(HONEST["list"], []))
    found = seen(other)
    recorder.record(HONEST["list"], [found])
    other.end()
    entries = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert [len(one["findings"]) for one in entries] == [1, 0]
    assert recorder.count == 2


class Refusals(int):
    """A number that lets the other thread act when it is compared."""

    other: Other

    def __gt__(self, number: int) -> bool:
        self.other.begin()
        return super().__gt__(number)


@pytest.mark.parametrize(
    "act",
    [
        lambda receiver: receiver.take(),
        lambda receiver: receiver.refuse_next(0),
        lambda receiver: receiver.keep(ReceivedCallback([], b"other")),
    ],
    ids=["take", "refuse_next", "keep"],
)
def test_a_callback_is_kept_before_anything_else_is_done(act: Callable[[Any], object]) -> None:
    refusals = Refusals(1)
    with CallbackReceiver() as receiver:
        other = refusals.other = Other(lambda: act(receiver))
        receiver.refuse_next(refusals)
        assert receiver.keep(ReceivedCallback([], b"first")) == 503
        other.end()
