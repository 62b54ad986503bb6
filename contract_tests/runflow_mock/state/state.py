"""The state of one mock server: clock, rows, money, keys. It knows no service."""

import secrets
from datetime import datetime
from decimal import Decimal

from ..contract.identifiers import Identifiers
from ..contract.recognition import PREFIX
from .clock import Clock
from .files import Files
from .keys import Keys
from .ledger import Ledger
from .schedule import Schedule
from .settings import Settings
from .signed_urls import SignedUrls
from .tables import Table


class State:
    """The state of one server. It is used from the thread of the server's event loop only."""

    def __init__(
        self, clock: Clock, settings: Settings, base_url: str, prefix: str = PREFIX
    ) -> None:
        """Begin with nothing. Links to the API begin with `base_url` and `prefix`."""
        self.clock = clock
        self.settings = settings
        self.schedule = Schedule()
        self.identifiers = Identifiers(
            secrets.randbits(64) if settings.seed is None else settings.seed
        )
        self.ledger = Ledger(Decimal(settings.opening_balance))
        self.keys = Keys(self.ledger)
        self.urls = SignedUrls(base_url, f"runflow-mock/{settings.seed or 0}".encode())
        self.api_url = base_url + prefix
        self.files = Files()
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

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table of rows."""
        return tuple(value for value in vars(self).values() if isinstance(value, Table))

    def now(self) -> datetime:
        """Return the present instant of the server's clock."""
        return self.clock.now()
