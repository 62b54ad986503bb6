"""What Runflow's public catalog lists now, beside the catalog of this package."""

from decimal import Decimal
from typing import Literal

from attrs import frozen


@frozen(kw_only=True)
class UpstreamModel:
    """One model: where it stands in the public catalog, and what a run costs there and here."""

    id: str
    """The model id. That of a newer model is spelled as the public catalog spells it."""
    state: Literal["listed", "retired", "newer"]
    """`retired`: marked so, or not listed any more. `newer`: this package does not have it."""
    name: str | None = None
    price: Decimal | None = None
    """US dollars a unit in the public catalog, None where no price can be read."""
    price_unit: str | None = None
    known_price: Decimal | None = None
    """US dollars a unit in this package, None where it is not known."""
    known_unit: str | None = None

    @property
    def is_price_changed(self) -> bool:
        """Whether the public catalog has another price than this package."""
        shown, known = (self.price, self.price_unit), (self.known_price, self.known_unit)
        return self.state == "listed" and self.price is not None and shown != known


@frozen(kw_only=True)
class CatalogComparison:
    """The public catalog compared with the one of this package."""

    models: tuple[UpstreamModel, ...]
    """Those of this package by their ids, then the newer ones."""
    sources: tuple[str, ...]
    """What was read: `GET /v1/public/models`, and the address of the website's file."""
    unread: tuple[str, ...] = ()
    """What could not be read, and why."""
