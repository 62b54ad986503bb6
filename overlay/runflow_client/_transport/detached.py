"""The driver of a run that was unpickled: it refuses."""

import random
import time
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, TypeVar

from .._errors import RunflowError
from .._flows.commands import Context, Flow

T = TypeVar("T")


class DetachedDriver:
    """Stands in for the driver of a run that was unpickled."""

    context = Context(time.monotonic, random.random)

    def _refuse(self) -> RunflowError:
        return RunflowError(
            "this was unpickled and has no client: read it again by its id, a run with "
            "client.runs.get(run.id)"
        )

    def drive(self, flow: Flow[T], on_update: Callable[[Any], object] | None = None) -> T:
        """Raise RunflowError: there is no client any more."""
        raise self._refuse()

    def each(self, flow: Flow[object]) -> Iterator[Any]:
        """Raise RunflowError: there is no client any more."""
        raise self._refuse()

    def make_blocking(self) -> NoReturn:
        """Raise RunflowError: there is no client any more."""
        raise self._refuse()
