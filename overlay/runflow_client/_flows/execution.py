"""One flow that is being carried out: by a driver of either colour, or by another flow."""

from typing import Generic, TypeVar

from attrs import define, frozen

from .commands import Command, Flow, OpenedDownload

T = TypeVar("T")


@frozen(eq=False, repr=False)
class Ended(Generic[T]):
    """What the flow returned."""

    result: T


@define(eq=False, repr=False, weakref_slot=False)
class Execution(Generic[T]):
    """A flow that is being carried out."""

    flow: Flow[T]
    outcome: object = None
    """The outcome of the last command: what it gave, or the exception to throw."""
    opened: OpenedDownload | None = None
    """A download that the flow opened and may not have closed."""

    def take(self, outcome: object) -> None:
        """Keep the outcome of the last command for the flow."""
        self.outcome = outcome
        if isinstance(outcome, OpenedDownload):
            self.opened = outcome

    def next_command(self) -> Command | Ended[T]:
        """Hand the outcome to the flow and take its next command, or its result."""
        outcome, self.outcome = self.outcome, None
        if isinstance(outcome, StopIteration):  # which no generator can raise
            outcome = RuntimeError(f"StopIteration was raised: {outcome}")
        try:
            if isinstance(outcome, BaseException):
                return self.flow.throw(outcome)
            return self.flow.send(outcome)
        except StopIteration as end:
            return Ended(end.value)
