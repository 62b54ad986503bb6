"""The services of one mock server, composed over its state."""

from ..contract.validation import Contract
from ..faults.plan import Faults
from ..state.clock import SteppedClock, parse_instant
from ..state.state import State
from .assets import Assets
from .batches import Batches
from .callbacks import PENDING, Callbacks
from .catalog import Catalog
from .evaluations import Evaluations
from .outcomes import Outcomes
from .runs import TERMINAL, Runs
from .sender import Sender
from .webhooks import Webhooks


class Simulation:
    """Everything that happens on one server.

    It is used from the thread of the server's event loop only.
    """

    def __init__(
        self, state: State, contract: Contract, faults: Faults, sender: Sender | None = None
    ) -> None:
        """Begin with the state. Callbacks are sent by `sender`, by default over HTTP."""
        self.state = state
        self.contract = contract
        self.faults = faults
        self.catalog = Catalog()
        self.outcomes = Outcomes(self.catalog)
        hosts, timeout = state.settings.callback_hosts, state.settings.callback_timeout
        self.sender = sender if sender is not None else Sender(hosts, timeout)
        self.assets = Assets(state)
        self.callbacks = Callbacks(state, contract, self.sender, faults)
        self.webhooks = Webhooks(state, self.sender)
        self.runs = Runs(
            state, self.catalog, self.outcomes, self.assets, self.callbacks, self.webhooks
        )
        self.batches = Batches(state, self.runs, self.callbacks)
        self.evaluations = Evaluations(state, self.callbacks)
        self.runs.on_end.append(self.batches.run_ended)

    def advance(self, seconds: float) -> None:
        """Advance the stepped clock and carry out what falls due, each action at its own instant.

        Raise TypeError if the clock is not a stepped one.
        """
        if not isinstance(self.state.clock, SteppedClock):
            raise TypeError(
                "only a stepped clock can be advanced: MockRunflow(clock=SteppedClock())"
            )
        self.state.clock.advance(seconds)
        self.catch_up()

    def step(self) -> None:
        """Let time act before a request is answered: a stepped clock advances by its `step`."""
        clock = self.state.clock
        if isinstance(clock, SteppedClock):
            if clock.step:
                clock.advance(clock.step)
            if clock.idle is not None:
                self.state.schedule.on_change()
        self.catch_up()

    def jump(self) -> int:
        """Let an idle clock jump to what falls due next, and carry it out.

        Return how many actions that were. Clocks that do not jump stay as they are.
        """
        clock, due = self.state.clock, self.state.schedule.next_due()
        if due is not None and isinstance(clock, SteppedClock) and clock.idle is not None:
            clock.move_to(due)
        return self.catch_up()

    async def settle(self) -> None:
        """Wait until everything due has been attempted, with retries that fall due meanwhile.

        On a clock that jumps when it is idle, everything scheduled is due.
        """
        while self.jump() or await self.sender.wait():
            pass

    def unused(self) -> list[str]:
        """Return a description of each planned fault and outcome that never applied."""
        faults = [
            f"fault {fault.kind!r} for {fault.operation}"
            + (f" with {fault.contains!r}" if fault.contains else "")
            + (" (it found nothing to change)" if fault.applied else "")
            for fault in self.faults.unused()
        ]
        return faults + self.outcomes.unused()

    def catch_up(self) -> int:
        """Carry out everything that has fallen due; return how many actions that were."""
        return self.state.schedule.run_due(self.state.now())

    def resume(self) -> None:
        """Continue everything in the state that had not ended when a server stopped."""
        for row in self.state.runs:
            if row["status_code"] not in TERMINAL:
                self.runs.resume(row)
        for delivery in self.state.deliveries:
            if delivery["status_code"] == PENDING and delivery["next_attempt_at"] is not None:
                self.callbacks.resume(delivery, parse_instant(delivery["next_attempt_at"]))
        for evaluation in self.state.evaluations:
            self.evaluations.resume(evaluation)
        for delivery in self.state.webhook_deliveries:
            if delivery["_next"] is not None:
                self.webhooks.resume(delivery, parse_instant(delivery["_next"]))
