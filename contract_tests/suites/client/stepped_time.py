"""A clock for clients of both colours that moves only when it is waited for."""


class SteppedTime:
    """The clock of a synchronous client."""

    def __init__(self, seconds: float = 1000.0) -> None:
        self.seconds = seconds
        self.slept: list[float] = []

    def now(self) -> float:
        """The present moment."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Move on at once."""
        self.seconds += seconds
        self.slept.append(seconds)


class AsyncSteppedTime(SteppedTime):
    """The clock of an asynchronous client."""

    async def sleep(self, seconds: float) -> None:  # type: ignore[override] # the colour is what differs
        """Move on at once."""
        super().sleep(seconds)
