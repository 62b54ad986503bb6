"""What a bulk run refuses, and how it says that it stopped."""

from .._errors import InvalidArgument, RunflowError
from ._items import Summary


class JournalRefused(InvalidArgument):
    """The journal cannot be used for this: it is of another model or template, from a newer
    version, no journal at all, or on a path where it cannot be written. Nothing was sent.
    """


class JournalInUse(JournalRefused):
    """Another process works with the journal. `owner` names it. Nothing was sent."""

    def __init__(self, path: object, owner: str) -> None:
        self.owner = owner
        super().__init__(
            f"{path} is in use by {owner}: wait until it has ended, or give another journal"
        )


class BulkStopped(RunflowError):
    """The bulk run stopped before its end. The same call with the same journal continues it.

    Attributes:
        reason: `max_cost`, `failures`, `credit`, `outage`, `refused`, `disk`, `SIGINT`, `SIGTERM`,
            `stop`, `items` (reading them raised the cause of this) or `error` (another cause).
        summary: the counts and the money when it stopped.

    `__cause__` is the error that stopped it, where one did.
    """

    def __init__(self, reason: str, why: str, summary: Summary) -> None:
        self.reason = reason
        self.summary = summary
        runs = "1 run" if summary.running == 1 else f"{summary.running} runs"
        super().__init__(
            f"stopped: {why}. ${summary.spent:f} spent; {runs} (${summary.reserved:f}) under way. "
            "Start it again with the same journal to continue"
        )
