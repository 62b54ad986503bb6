"""Connections to PostgreSQL that give up a server which does not answer. psycopg itself waits for
ever once it is connected.
"""

from collections.abc import Generator
from time import monotonic
from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from sqlalchemy import Engine, event

T = TypeVar("T")


class LimitedConnection(Connection[Any]):
    """A connection whose every step is answered within `seconds`, or which is closed."""

    seconds: float

    def wait(self, gen: Generator[Any, Any, T], *more: Any, **options: Any) -> T:
        """Carry out the step. Raises OperationalError when its time is up."""
        return super().wait(self._limited(gen), *more, **options)

    def _limited(self, gen: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        deadline = monotonic() + self.seconds
        ready = None
        while True:
            try:
                wanted = gen.send(ready)
            except StopIteration as ended:
                result: T = ended.value
                return result
            # resumed every tenth of a second, also when nothing came
            ready = yield wanted
            if monotonic() >= deadline:
                self.close()
                raise OperationalError(f"the database did not answer within {self.seconds:g} s")


def limit(engine: Engine, seconds: float) -> None:
    """Let the engine make such connections."""

    class Limited(LimitedConnection):
        pass

    Limited.seconds = seconds

    def connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> LimitedConnection:
        return Limited.connect(*arguments, **parameters)

    event.listen(engine, "do_connect", connect)
