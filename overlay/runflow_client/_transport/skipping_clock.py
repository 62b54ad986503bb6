"""Clocks for tests: pauses are skipped, and the time of a mock server moves on by them."""

import contextlib
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

from .._validation import check_arguments

_ADVANCE: Final = "/_mock/advance"
_ADVANCE_TIMEOUT: Final = 10.0
_TURN: Final = 0.001
"""Real seconds after which a skipped pause sees whether it is the next one to end."""


class _SkippedTime:
    """Real time plus the pauses that were skipped, which end in the order of their moments."""

    def __init__(self, base_url: str | None) -> None:
        check_arguments(base_url=base_url)
        self._base_url = base_url
        self._skipped = 0.0
        self._pauses: dict[object, float] = {}
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the machine's monotonic seconds, and those that were skipped."""
        return time.monotonic() + self._skipped

    @contextmanager
    def pausing(self, seconds: float) -> Generator[Callable[[], bool], None, None]:
        """Take part with one pause; what is given says whether it is over."""
        check_arguments(seconds=seconds)
        pause = object()
        with self._lock:
            moment = self.now() + seconds
            self._pauses[pause] = moment

        def is_over() -> bool:
            with self._lock:
                if moment > min(self._pauses.values()):
                    return False
                left = max(0.0, moment - self.now())
                self._skipped += left
            if left:
                self._advance_server(left)
            return True

        try:
            yield is_over
        finally:
            with self._lock:
                del self._pauses[pause]

    def _advance_server(self, seconds: float) -> None:
        """Move the mock server's time on; one that has stopped has none."""
        if self._base_url is None:
            return
        request = urllib.request.Request(
            self._base_url + _ADVANCE,
            json.dumps({"seconds": seconds}).encode(),
            {"Content-Type": "application/json"},
        )
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with contextlib.suppress(OSError):
            direct.open(request, timeout=_ADVANCE_TIMEOUT).close()


class SkippingClock:
    """A client's clock that skips pauses: `Runflow(clock=SkippingClock())`.

    A pause takes about a millisecond, and the clock moves on by its seconds. Of pauses in several
    threads the one that is over first ends first. `base_url` names a mock server whose time moves
    on with this clock.
    """

    def __init__(self, base_url: str | None = None) -> None:
        self._time = _SkippedTime(base_url)

    def now(self) -> float:
        """Return monotonic seconds, the skipped ones included."""
        return self._time.now()

    def sleep(self, seconds: float) -> None:
        """Skip so many seconds, after the shorter pauses of other threads."""
        with self._time.pausing(seconds) as is_over:
            time.sleep(_TURN)
            while not is_over():
                time.sleep(_TURN)


class AsyncSkippingClock:
    """A `SkippingClock` for a client that is awaited."""

    def __init__(self, base_url: str | None = None) -> None:
        self._time = _SkippedTime(base_url)

    def now(self) -> float:
        """Return monotonic seconds, the skipped ones included."""
        return self._time.now()

    async def sleep(self, seconds: float) -> None:
        """Skip so many seconds, after the shorter pauses of other tasks."""
        import anyio

        with self._time.pausing(seconds) as is_over:
            await anyio.sleep(_TURN)
            while not is_over():
                await anyio.sleep(_TURN)
