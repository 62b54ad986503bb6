"""A body that counts how often it is closed."""

from collections.abc import AsyncIterator, Iterator


class CountsCloses:
    """A body in two pieces, after which this error may come: what the streams of each HTTP library
    share.
    """

    def __init__(self, content: bytes, error: Exception | None) -> None:
        self._pieces = [content[:9], content[9:]]
        self._error = error
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        if self._error is not None:
            raise self._error

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        """Count it."""
        self.closed += 1

    async def aclose(self) -> None:
        """Count it."""
        self.closed += 1
