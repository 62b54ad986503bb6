"""What stands where the driver was in a run that came out of a pickle."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from .._errors import RunflowError
from .._flows.commands import Context, Flow

T = TypeVar("T")


class DetachedDriver:
    """Stands where the driver was in a run that came out of a pickle."""

    context = Context(time.monotonic, random.random)

    def _refuse(self) -> RunflowError:
        return RunflowError(
            "this run came out of a pickle and has no client: client.runs.attach(run.id) gives "
            "it one again"
        )

    def drive(self, flow: Flow[T], on_update: Callable[[Any], object] | None = None) -> T:
        """Always raises RunflowError."""
        raise self._refuse()

    def each(self, flow: Flow[object]) -> Iterator[Any]:
        """Always raises RunflowError."""
        raise self._refuse()
