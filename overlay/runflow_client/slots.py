"""So many at once, the others in the order they came: a semaphore that a thousand tasks can sleep in."""

from collections import deque
from types import TracebackType

from .alarms import Alarm, make_alarm


class Slots:
    """`async with slots:` holds one of `count` slots, and sleeps until one is free."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._waiting: deque[Alarm] = deque()
        self._given_up: set[Alarm] = set()

    async def __aenter__(self) -> None:
        if self._free:
            self._free -= 1
            return
        alarm = make_alarm()
        self._waiting.append(alarm)
        try:
            await alarm  # whoever rings it leaves the slot to us
        except BaseException:
            if alarm.has_rung:
                self._leave()
            else:
                self._given_up.add(alarm)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    def _leave(self) -> None:
        while self._waiting:
            alarm = self._waiting.popleft()
            if alarm in self._given_up:
                self._given_up.remove(alarm)
                continue
            alarm.ring()
            return
        self._free += 1
