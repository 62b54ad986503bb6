"""A flow that is carried out within a deadline sees whatever ends its commands, and is closed."""

import asyncio
from collections.abc import Generator
from typing import Any, Final

import pytest
from runflow_api.http_library import httpx
from runflow_client import RequestTimeout
from runflow_client._flows.commands import LockTimeout, Sleep
from runflow_client._flows.deadlines import within
from runflow_client._time import Deadline

from ..stepped_time import SteppedTime

ENDS: Final[dict[str, BaseException]] = {
    "an error of the network": httpx.ReadError("lost"),
    "an error of the caller's": LookupError("mine"),
    "Ctrl-C": KeyboardInterrupt(),
    "a cancellation": asyncio.CancelledError(),
    "the end of the program": SystemExit(3),
}


class Flow:
    """A flow of two pauses that notes what it sees."""

    def __init__(self, seconds: float = 9.0) -> None:
        self.time = SteppedTime()
        self.seen: list[BaseException] = []
        deadline = Deadline.after(self.time.now, seconds)
        self.limited = within(deadline, self._run(), "it was late", ("POST", "/v1/first"))

    def _run(self) -> Generator[Any, Any, str]:
        try:
            yield Sleep(1.0)
            yield Sleep(2.0)
        except BaseException as error:
            self.seen.append(error)
            error.add_note("noted")
            raise
        return "its result"


@pytest.mark.parametrize("name", ENDS)
def test_what_ends_a_command_is_raised_in_the_flow(name: str) -> None:
    flow, ended = Flow(), ENDS[name]
    assert isinstance(flow.limited.send(None), Sleep)
    with pytest.raises(type(ended)) as caught:
        flow.limited.throw(ended)
    assert caught.value is ended
    assert flow.seen == [ended]


def test_a_flow_in_time_gives_its_result() -> None:
    flow = Flow()
    flow.limited.send(None)
    flow.limited.send(None)
    with pytest.raises(StopIteration) as caught:
        flow.limited.send(None)
    assert caught.value.value == "its result"
    assert flow.seen == []


@pytest.mark.parametrize("how", ["left", "a lock that others have", "no time for the next"])
def test_a_flow_that_does_not_go_on_is_closed(how: str) -> None:
    flow = Flow()
    flow.limited.send(None)
    if how == "left":
        flow.limited.close()
    elif how == "a lock that others have":
        with pytest.raises(RequestTimeout, match=r"^POST /v1/first: it was late$") as caught:
            flow.limited.throw(LockTimeout())
        assert isinstance(caught.value.__cause__, LockTimeout)
    else:
        flow.time.seconds += 7.5
        with pytest.raises(RequestTimeout, match=r"^POST /v1/first: it was late$"):
            flow.limited.send(None)
    assert [type(error) for error in flow.seen] == [GeneratorExit]
