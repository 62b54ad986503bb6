"""Everything that one mock server knows: its clock, its rows, its money, and the rooms that act on them."""

from datetime import datetime
from decimal import Decimal

from ..contract.identifiers import Identifiers
from ..contract.validation import Contract
from ..faults.plan import Faults
from ..state.clock import Clock, SteppedClock
from ..state.files import Files
from ..state.keys import Keys
from ..state.ledger import Ledger
from ..state.schedule import Schedule
from ..state.settings import Settings
from ..state.signed_urls import SignedUrls
from ..state.tables import Table
from .assets import Assets
from .batches import Batches
from .callbacks import Callbacks
from .catalog import Catalog
from .evaluations import Evaluations
from .outcomes import Outcomes
from .runs import RunLives
from .sender import Sender
from .webhooks import Webhooks


class World:
    """The state of one server.

    Everything in it is used from the thread of the server's event loop only.
    """

    def __init__(self, clock: Clock, contract: Contract, settings: Settings, base_url: str) -> None:
        self.clock = clock
        self.contract = contract
        self.settings = settings
        self.faults = Faults()
        self.schedule = Schedule()
        self.identifiers = Identifiers(settings.seed)
        self.catalog = Catalog()
        self.ledger = Ledger(Decimal(settings.opening_balance))
        self.keys = Keys(self.ledger)
        self.outcomes = Outcomes()
        self.urls = SignedUrls(base_url, f"runflow-mock/{settings.seed}".encode())
        self.sender = Sender(settings.callback_hosts, settings.callback_timeout)
        self.runs = Table("runs")
        self.deliveries = Table("deliveries")
        self.secrets = Table("secrets")
        self.replays = Table("replays")
        self.batches = Table("batches")
        self.uploads = Table("uploads")
        self.assets = Table("assets")
        self.evaluations = Table("evaluations")
        self.webhooks = Table("webhooks")
        self.webhook_deliveries = Table("webhook_deliveries")
        self.webhook_attempts = Table("webhook_attempts")
        self.files = Files()
        self.callbacks = Callbacks(
            self.deliveries,
            self.secrets,
            self.schedule,
            self.identifiers,
            self.sender,
            contract,
            self.faults,
        )
        self.lives = RunLives(self)
        self.batch_lives = Batches(self)
        self.asset_store = Assets(self)
        self.evaluation_lives = Evaluations(self)
        self.webhook_lives = Webhooks(self)

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of rows."""
        return tuple(value for value in vars(self).values() if isinstance(value, Table))

    def now(self) -> datetime:
        """Return the present instant of the server's clock."""
        return self.clock.now()

    def advance(self, seconds: float) -> None:
        """Let the stepped clock go on; carry out what falls due on the way, each action at its own instant.

        Raise TypeError if the clock is not a stepped one.
        """
        if not isinstance(self.clock, SteppedClock):
            raise TypeError(
                "only a stepped clock can be advanced: MockRunflow(clock=SteppedClock())"
            )
        self.clock.advance(seconds)
        self.catch_up()

    def request_came(self) -> None:
        """Let time act before a request is looked at."""
        if isinstance(self.clock, SteppedClock) and self.clock.step:
            self.clock.advance(self.clock.step)
        self.catch_up()

    async def settle(self) -> None:
        """Wait until everything due has been attempted, also the retries that fall due meanwhile."""
        while self.catch_up() or await self.sender.wait():
            pass

    def catch_up(self) -> int:
        """Carry out everything that has fallen due; return how many actions that were."""
        return self.schedule.run_due(self.now())
