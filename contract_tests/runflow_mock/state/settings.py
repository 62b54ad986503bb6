"""The settings of a mock server."""

from decimal import Decimal
from pathlib import Path

from attrs import field, frozen

from .timings import Timings

DAY = 24 * 60 * 60


@frozen(kw_only=True)
class Settings:
    """Settings that hold for the life of a server.

    Times are in seconds, sizes in bytes, money in US dollars.
    """

    seed: int = 0
    timings: Timings = field(factory=Timings)
    opening_balance: Decimal = field(default=Decimal(100), converter=Decimal)
    output_url_lifetime: int = DAY
    upload_url_lifetime: int = 60 * 60
    asset_url_lifetime: int = 7 * DAY
    callback_hosts: tuple[str, ...] = field(default=(), converter=tuple[str, ...])
    callback_timeout: float = 10.0
    # Runflow's pages disagree on the output in a failed run's callback: an error envelope, or null.
    error_in_failed_callback: bool = True
    kept_requests: int = 20_000
    largest_body: int = 64 * 1024 * 1024
    # Whether the server refuses query parameters, body fields and model inputs that are described
    # neither in the document nor in the catalog. Runflow does not document what the API does.
    strict: bool = False
    document: Path | None = None
    state_file: Path | None = None
